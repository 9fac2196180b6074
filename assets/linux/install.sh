#!/bin/sh
# Installs 정배 for this user alone, without root, and leaves a list of what it wrote for
# uninstall.sh. Running it again over another version replaces that one. However it is interrupted,
# the list names all that was written, and the program comes last: until then the older one is whole.
#   PREFIX=FOLDER ./install.sh     default: ~/.local
set -eu
umask 022
stop() {
  echo "install.sh: $*" >&2
  exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
[ -n "${PREFIX-}${HOME-}" ] ||
  stop "홈 폴더를 알 수 없습니다. PREFIX=폴더 ./install.sh로 설치할 폴더를 알려 주세요."
[ -x "$here/bin/jeongbae" ] ||
  stop "bin/jeongbae가 없습니다. 압축을 푼 폴더 안의 install.sh를 실행하세요."
said=$("$here/bin/jeongbae" --version 2>&1) ||
  stop "이 컴퓨터에서 실행되지 않는 프로그램이라 아무것도 바꾸지 않았습니다: $said"

prefix=${PREFIX:-$HOME/.local}
# The list holds wherever it is read from.
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
# Menus look below XDG_DATA_HOME, which PREFIX replaces where it is given. By its specification a
# place that is not absolute counts for nothing.
share=$prefix/share
case ${XDG_DATA_HOME-} in
  /*) [ -n "${PREFIX-}" ] || share=$XDG_DATA_HOME ;;
esac
program=$prefix/bin/jeongbae
doc=$share/doc/jeongbae
list=$doc/installed
entry=applications/kr.jeongbae.Jeongbae.desktop

work=$(mktemp -d)
unfinished=
leave() {
  code=$?
  rm -rf "$work"
  [ -z "$unfinished" ] || {
    rm -f "$unfinished.new"
    echo "install.sh: 끝내지 못했습니다. 위의 까닭을 없애고 다시 실행하세요." >&2
  }
  exit "$code"
}
trap leave EXIT
trap 'exit 130' HUP INT TERM

# ~/.local/bin is not on every desktop's PATH, so the menu entry names the program's place: quoted
# as the Desktop Entry Specification has it, and then for sed.
quoted=$(printf '%s' "$program" | sed -e 's/\\/\\\\\\\\/g' -e 's/["`$]/\\\\&/g' -e 's/%/%%/g' -e 's/[\\&|]/\\&/g')
sed "s|^Exec=jeongbae|Exec=\"$quoted\"|" "$here/share/$entry" >"$work/entry"

# What is to be there, and the folders that are not there yet; they go when they are empty again.
(cd "$here/share" && find . -type f | sort | cut -c 3-) >"$work/share"
{
  while IFS= read -r file; do printf '%s\n' "$share/$file"; done <"$work/share"
  printf '%s\n' "$doc/uninstall.sh" "$program"
} >"$work/files"
missing() {
  [ -d "$(dirname "$1")" ] || {
    missing "$(dirname "$1")"
    printf '%s/\n' "$(dirname "$1")"
  }
}
while IFS= read -r file; do missing "$file"; done <"$work/files" >"$work/folders"
if [ -f "$list" ]; then cat "$list" >"$work/old"; else : >"$work/old"; fi
grep '/$' "$work/old" >>"$work/folders" || :

note() {   # FILE… — the list, from now on
  sort -u "$@" >"$list.new"
  mv -f "$list.new" "$list"
}
put() {   # MODE FROM TO
  unfinished=$3
  mkdir -p "$(dirname "$3")"
  # Beside and renamed: a running program keeps its file.
  cp "$2" "$3.new"
  chmod "$1" "$3.new"
  mv -f "$3.new" "$3"
}
mkdir -p "$doc" "$prefix/bin" || stop "$prefix: 설치할 폴더를 만들 수 없습니다."
unfinished=$list
note "$work/old" "$work/folders" "$work/files"
put 755 "$here/uninstall.sh" "$doc/uninstall.sh"
while IFS= read -r file; do
  from=$here/share/$file
  [ "$file" != "$entry" ] || from=$work/entry
  put 644 "$from" "$share/$file"
done <"$work/share"
put 755 "$here/bin/jeongbae" "$program"
# What only the other version had goes away.
while IFS= read -r file; do
  case $file in */) continue ;; esac
  grep -qxF "$file" "$work/files" || rm -f "$file"
done <"$work/old"
unfinished=$list
note "$work/folders" "$work/files"
unfinished=

# A cache that is there must be renewed; one that is made here would hide icons to come.
if [ -f "$share/icons/hicolor/icon-theme.cache" ] && command -v gtk-update-icon-cache >/dev/null 2>&1; then
  gtk-update-icon-cache -q -t -f "$share/icons/hicolor" 2>/dev/null || :
fi
echo "정배를 설치했습니다: $program"
echo "메뉴에서 '정배'를 고르거나 위 파일을 실행하세요. 지우려면: $doc/uninstall.sh"
