; setup.exe for one user, without administrator rights. Given by .ci/package_windows: VERSION, TREE (the
; files to install), OUTPUT.
Unicode true
ManifestDPIAware true
!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
Name "정배"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Jeongbae"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Jeongbae Setup"
VIAddVersionKey "LegalCopyright" "The Jeongbae authors. MIT OR Apache-2.0"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\Jeongbae"
RequestExecutionLevel user
SetCompressor /SOLID lzma
; The two programs are the same but for a byte: wide enough to see it.
SetCompressorDictSize 64
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
LangString RUNS ${LANG_KOREAN} "정배가 실행 중입니다. 끝낸 뒤 다시 설치하세요."
LangString RUNS ${LANG_ENGLISH} "Jeongbae is running. End it, then install again."
LangString GOES_ON ${LANG_KOREAN} "정배가 실행 중입니다. 끝낸 뒤 다시 제거하세요."
LangString GOES_ON ${LANG_ENGLISH} "Jeongbae is running. End it, then uninstall again."
!define LINK "Software\Classes\jeongbae"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae"

Section
  SetOutPath "$INSTDIR"
  ; A program that runs keeps its file: with the window open nothing is touched; one that only
  ; watches in a console goes on under another name.
  ClearErrors
  Delete "$INSTDIR\jeongbae.exe"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNS)" /SD IDOK
    Abort
  ${EndIf}
  Delete "$INSTDIR\jeongbae-old.com"
  ClearErrors
  Delete "$INSTDIR\jeongbae.com"
  ${If} ${Errors}
    Rename "$INSTDIR\jeongbae.com" "$INSTDIR\jeongbae-old.com"
    Delete /REBOOTOK "$INSTDIR\jeongbae-old.com"
  ${EndIf}
  File "${TREE}/jeongbae.exe"
  ; The same for a console: Windows finds "jeongbae" as .com first, and waits for it.
  File "${TREE}/jeongbae.com"
  File "${TREE}/LICENSE.txt"
  File "${TREE}/OFL.txt"
  File "${TREE}/sounds.md"
  File "${TREE}/third-party-licences.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateDirectory "$SMPROGRAMS\정배"
  CreateShortcut "$SMPROGRAMS\정배\정배.lnk" "$INSTDIR\jeongbae.exe"
  CreateShortcut "$SMPROGRAMS\정배\정배 데모.lnk" "$INSTDIR\jeongbae.exe" "--demo"
  ; What a click on a notification opens.
  WriteRegStr HKCU "${LINK}" "" "URL:Jeongbae"
  WriteRegStr HKCU "${LINK}" "URL Protocol" ""
  WriteRegStr HKCU "${LINK}\shell\open\command" "" '"$INSTDIR\jeongbae.exe" --open "%1"'
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "정배"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\jeongbae.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" "$0"
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Jeongbae authors"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
SectionEnd

; Configuration and signals lie elsewhere and stay.
Section Uninstall
  ; With the window open nothing is taken away, so that it can be tried again.
  ClearErrors
  Delete "$INSTDIR\jeongbae.exe"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(GOES_ON)" /SD IDOK
    Abort
  ${EndIf}
  Delete /REBOOTOK "$INSTDIR\jeongbae.com"
  Delete /REBOOTOK "$INSTDIR\jeongbae-old.com"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\OFL.txt"
  Delete "$INSTDIR\sounds.md"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\정배\정배.lnk"
  Delete "$SMPROGRAMS\정배\정배 데모.lnk"
  RMDir "$SMPROGRAMS\정배"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${LINK}"
  ; Starting with the system, if it was wanted.
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "kr.jeongbae.Jeongbae"
SectionEnd
