#!/bin/sh
# Takes away what install.sh wrote. Configuration, signals and candles stay; where they lie is
# said at the end.
set -eu
doc=$(cd "$(dirname "$0")" && pwd)
list=$doc/installed
if [ ! -f "$list" ]; then
  echo "uninstall.sh: 설치 목록($list)이 없습니다. 설치된 폴더의 uninstall.sh를 실행하세요." >&2
  exit 1
fi
config=${XDG_CONFIG_HOME:-${HOME-}/.config}
data=${XDG_DATA_HOME:-${HOME-}/.local/share}
autostart=$config/autostart/kr.jeongbae.Jeongbae.desktop
folders=$(grep '/$' "$list" | sort -r || :)
# This file and the list go last: an interrupted removal can be begun again.
while IFS= read -r file; do
  case $file in
    */ | "$doc/uninstall.sh") continue ;;
    # Starting with the system goes with the program that is started, not with another one's.
    */bin/jeongbae)
      if grep -q '^X-Jeongbae-Autostart=true' "$autostart" 2>/dev/null && grep -qF "$file" "$autostart"; then
        rm -f "$autostart"
      fi
      ;;
  esac
  # An interrupted installation may have left the second.
  rm -f "$file" "$file.new"
done <"$list"
rm -f "$list" "$list.new" "$doc/uninstall.sh" "$doc/uninstall.sh.new"
printf '%s\n' "$folders" | while IFS= read -r folder; do
  [ -z "$folder" ] || rmdir "${folder%/}" 2>/dev/null || :
done
echo "정배를 지웠습니다. 설정($config/jeongbae)과 데이터($data/jeongbae)는 그대로 있습니다."
