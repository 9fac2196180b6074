; setup.exe for one user, without administrator rights. Given by .ci/package: VERSION, TREE (the
; files to install), OUTPUT.
Unicode true
!include MUI2.nsh
Name "정배"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\Jeongbae"
RequestExecutionLevel user
SetCompressor /SOLID lzma
BrandingText "정배 ${VERSION}"
!define MUI_ICON "${TREE}/jeongbae.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\jeongbae.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Korean"
!insertmacro MUI_LANGUAGE "English"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae"

Section
  SetOutPath "$INSTDIR"
  File "${TREE}/jeongbae.exe"
  File "${TREE}/LICENSE.txt"
  File "${TREE}/OFL.txt"
  File "${TREE}/third-party-licences.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateDirectory "$SMPROGRAMS\정배"
  CreateShortcut "$SMPROGRAMS\정배\정배.lnk" "$INSTDIR\jeongbae.exe"
  CreateShortcut "$SMPROGRAMS\정배\정배 데모.lnk" "$INSTDIR\jeongbae.exe" "--demo"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "정배"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\jeongbae.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

; Configuration and signals lie elsewhere and stay.
Section Uninstall
  Delete "$INSTDIR\jeongbae.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\OFL.txt"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\정배\정배.lnk"
  Delete "$SMPROGRAMS\정배\정배 데모.lnk"
  RMDir "$SMPROGRAMS\정배"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
