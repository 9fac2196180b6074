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
while read -r file; do
  rm -f "$file"
done <"$list"
rm -f "$list"
share=$(dirname "$(dirname "$doc")")
rmdir "$doc" 2>/dev/null || true
if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q "$share/applications" 2>/dev/null || true
fi
[ "${1-}" = --quiet ] && exit 0
# Only a real removal takes the start with the system away: an upgrade keeps it.
rm -f "${XDG_CONFIG_HOME:-$HOME/.config}/autostart/kr.jeongbae.Jeongbae.desktop"
echo "정배를 지웠습니다. 설정(${XDG_CONFIG_HOME:-$HOME/.config}/jeongbae)과 데이터(${XDG_DATA_HOME:-$HOME/.local/share}/jeongbae)는 그대로 있습니다."
