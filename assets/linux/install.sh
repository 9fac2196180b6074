#!/bin/sh
# Installs 정배 for this user alone, without root, and leaves a list of what it wrote for
# uninstall.sh. Running it again over an older version upgrades it.
#   PREFIX=FOLDER ./install.sh     default: ~/.local
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
# Menus look below XDG_DATA_HOME, which PREFIX replaces where it is given.
share=${PREFIX:+$PREFIX/share}
share=${share:-${XDG_DATA_HOME:-$HOME/.local/share}}
doc=$share/doc/jeongbae
list=$doc/installed

if [ ! -x "$here/bin/jeongbae" ]; then
  echo "install.sh: bin/jeongbae가 없습니다. 압축을 푼 폴더 안의 install.sh를 실행하세요." >&2
  exit 1
fi
if [ -x "$doc/uninstall.sh" ] && [ -f "$list" ]; then
  "$doc/uninstall.sh" --quiet    # what only the older version had goes away
fi
mkdir -p "$doc"
: >"$list"
put() {   # MODE FROM TO
  mkdir -p "$(dirname "$3")"
  # Beside and renamed: a running program keeps its file.
  cp "$2" "$3.new" && chmod "$1" "$3.new" && mv -f "$3.new" "$3"
  printf '%s\n' "$3" >>"$list"
}
put 755 "$here/bin/jeongbae" "$prefix/bin/jeongbae"
(cd "$here/share" && find . -type f | sort) | while read -r file; do
  put 644 "$here/share/$file" "$share/${file#./}"
done
put 755 "$here/uninstall.sh" "$doc/uninstall.sh"
# ~/.local/bin is not on every desktop's PATH, so the menu entry names the program's place.
entry=$share/applications/kr.jeongbae.Jeongbae.desktop
quoted=$(printf '%s' "$prefix/bin/jeongbae" | sed 's/[\\&|]/\\&/g')
sed "s|^Exec=jeongbae|Exec=\"$quoted\"|" "$entry" >"$entry.new" && mv -f "$entry.new" "$entry"
if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q "$share/applications" || true
fi
# A cache that is there must be renewed; one that is made here would hide icons to come.
if [ -f "$share/icons/hicolor/icon-theme.cache" ] && command -v gtk-update-icon-cache >/dev/null 2>&1; then
  gtk-update-icon-cache -q -t -f "$share/icons/hicolor" 2>/dev/null || true
fi
echo "정배를 설치했습니다: $prefix/bin/jeongbae"
echo "메뉴에서 '정배'를 고르거나 위 파일을 실행하세요. 지우려면: $doc/uninstall.sh"
