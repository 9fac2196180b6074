#!/usr/bin/env bash
# Installs the .tar.gz as an ordinary user in homes of every kind, over itself, over another version
# and over a running program, breaks the installation off at every step, and removes it again.
#   .ci/tar_home.sh target/package/jeongbae-VERSION-linux-x86_64.tar.gz
# Needs desktop-file-utils and libglib2.0-bin. As root it runs as nobody.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  archive=$(readlink -f "$1")
  place=$(mktemp -d)
  trap 'rm -rf "$place"' EXIT
  cp "$archive" "$0" "$place"
  chmod 711 "$place"
  mkdir -m 777 "$place/tmp"
  TMPDIR=$place/tmp setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
    bash "$place/$(basename "$0")" "$place/$(basename "$archive")"
  exit
fi
archive=$(readlink -f "$1")
work=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill "$running"; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
say() { echo "tar home: $*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
unset PREFIX XDG_DATA_HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
tar xzf "$archive"
tree=$work/$(basename "$archive" .tar.gz)
id=kr.jeongbae.Jeongbae
# The same without the weight of the program.
light=$work/light
cp -a "$tree" "$light"
printf '#!/bin/sh\necho jeongbae 0.0.9\n' >"$light/bin/jeongbae"

home() {   # NAME: a new home
  export HOME=$work/$1
  mkdir "$HOME"
}
all() { (cd "$HOME" && find . | sort); }
sums() { (cd "$HOME" && find . -type f -exec sha256sum {} + | sort); }

# shellcheck disable=SC2016
for name in 'plain' '내 문서' 'a "b" `c` $HOME \d & | e'; do
  home "$name"
  "$tree/install.sh" >said
  program=$HOME/.local/bin/jeongbae
  entry=$HOME/.local/share/applications/$id.desktop
  grep -qF "$program" said || fail "does not say where: $(cat said)"
  "$program" --version | grep -q '^jeongbae [0-9]' || fail "the program in ‘$name’"
  desktop-file-validate "$entry" || fail "the entry in ‘$name’"
  # The entry starts the program, which says that there is no display.
  gio launch "$entry" 2>error || :
  for _ in $(seq 100); do
    [ ! -s error ] || break
    sleep 0.1
  done
  grep -q '^jeongbae: 화면' error || fail "the entry in ‘$name’: $(cat error)"
  before=$(sums)
  "$tree/install.sh" >/dev/null
  [ "$(sums)" = "$before" ] || fail "a second installation is another"
  "$HOME/.local/share/doc/jeongbae/uninstall.sh" >/dev/null
  left=$(all | grep -v -e '^\.$' -e '^./.cache' -e '/jeongbae$' -e '/jeongbae/' -e '^./.local$' -e '^./.local/share$' || :)
  [ -z "$left" ] || fail "left in ‘$name’: $left"
done
say "three homes, by name: installed, started by the entry, installed again, removed without a trace"

home folders
mkdir -p "$HOME/.local/share/icons" "$HOME/.config/autostart"
others=$HOME/.local/share/icons/others.png
echo x >"$others"
echo x >"$HOME/.config/autostart/other.desktop"
before=$(all)
"$light/install.sh" >/dev/null
printf '[Desktop Entry]\nExec="%s"\nX-Jeongbae-Autostart=true\n' "$HOME/.local/bin/jeongbae" >"$HOME/.config/autostart/$id.desktop"
"$HOME/.local/share/doc/jeongbae/uninstall.sh" >/dev/null
[ "$(all)" = "$before" ] || fail "a home is not as it was: $(diff <(echo "$before") <(all))"
"$light/install.sh" >/dev/null
printf '[Desktop Entry]\nExec="/usr/bin/jeongbae"\nX-Jeongbae-Autostart=true\n' >"$HOME/.config/autostart/$id.desktop"
"$HOME/.local/share/doc/jeongbae/uninstall.sh" >/dev/null
[ -e "$HOME/.config/autostart/$id.desktop" ] || fail "took the start of another installation away"
say "what lay there stays; starting with the system goes with the program it starts"

home upgraded
cp -a "$light" older
echo old >older/share/doc/jeongbae/only-the-older-one-had-this
older/install.sh >/dev/null
# The list as older versions wrote it: files alone.
list=$HOME/.local/share/doc/jeongbae/installed
grep -v '/$' "$list" >list && cat list >"$list"
mkdir -p "$HOME/.config/jeongbae" "$HOME/.local/share/jeongbae"
echo mine >"$HOME/.config/jeongbae/config.toml"
echo mine >"$HOME/.local/share/jeongbae/user.db"
"$tree/install.sh" >/dev/null
[ ! -e "$HOME/.local/share/doc/jeongbae/only-the-older-one-had-this" ] || fail "a file of the older version stays"
: >printed
"$HOME/.local/bin/jeongbae" sim >printed &
running=$!
for _ in $(seq 100); do
  grep -q '^ws ' printed && break
  sleep 0.1
done
grep -q '^ws ' printed || fail "the simulator does not listen"
"$light/install.sh" >/dev/null
[ "$("$HOME/.local/bin/jeongbae" --version)" = "jeongbae 0.0.9" ] || fail "no way back to an older version"
kill -0 "$running" || fail "the running program ended by the upgrade"
kill "$running"
wait "$running" || :
running=
"$HOME/.local/share/doc/jeongbae/uninstall.sh" >/dev/null
grep -q mine "$HOME/.config/jeongbae/config.toml" "$HOME/.local/share/jeongbae/user.db" || fail "the user's files"
say "over an older version, back to it under a running program; configuration and data stay"

# Broken off at each copy: cp fails as on a full disk, or the whole installation is killed.
mkdir shim
cat >shim/cp <<'CP'
#!/bin/sh
echo x >>"$COUNT"
[ "$(wc -l <"$COUNT")" -lt "$LAST" ] || {
  [ "$HOW" != kill ] || kill -9 "$PPID"
  for to; do :; done
  head -c 3 "$2" >"$to"
  exit 1
}
exec /bin/cp "$@"
CP
chmod +x shim/cp
export COUNT=$work/count LAST HOW
for how in full-nothing kill-older; do
  HOW=${how%-*} over=${how#*-} LAST=1 steps=0
  while :; do
    home "$how-$LAST"
    [ "$over" = nothing ] || older/install.sh >/dev/null
    rm -f "$COUNT"
    code=0
    # In a shell of its own, which reports a killed child to nobody.
    (PATH=$work/shim:$PATH; "$light/install.sh" >/dev/null 2>error; exit $?) 2>/dev/null || code=$?
    uninstall=$HOME/.local/share/doc/jeongbae/uninstall.sh
    if [ "$code" != 0 ]; then
      steps=$((steps + 1))
      [ "$over" = nothing ] || "$HOME/.local/bin/jeongbae" --version >/dev/null || fail "$HOW $over $LAST: no program"
      [ "$HOW" = kill ] || grep -q 'install.sh: 끝내지 못했습니다' error || fail "$HOW $over $LAST: $(cat error)"
      # Removed from there, or begun again and then removed.
      if [ -x "$uninstall" ] && [ $((LAST % 2)) = 0 ]; then
        "$uninstall" >/dev/null
      else
        "$light/install.sh" >/dev/null
      fi
    fi
    [ ! -x "$uninstall" ] || "$uninstall" >/dev/null
    left=$(find "$HOME" -type f)
    [ -z "$left" ] || fail "$HOW $over $LAST: left: $left"
    rm -rf "$HOME"
    [ "$code" != 0 ] || break
    LAST=$((LAST + 1))
  done
  say "broken off ($how) at each of $steps steps: whole before, mended after, removed"
done

refused() {   # WHAT SENTENCE COMMAND…
  local what=$1 sentence=$2 code=0
  shift 2
  "$@" >said 2>error || code=$?
  [ "$code" = 1 ] && grep -q "$sentence" error || fail "$what: code $code: $(cat error)"
}
home read-only
chmod 500 "$HOME"
refused "a home that cannot be written" "설치할 폴더를 만들 수 없습니다" "$light/install.sh"
chmod 700 "$HOME"
refused "no home" "홈 폴더를 알 수 없습니다" env -u HOME "$light/install.sh"
printf '#!/bin/sh\necho no such loader >&2\nexit 127\n' >older/bin/jeongbae
refused "a program of another machine" "실행되지 않는 프로그램" older/install.sh
[ "$(all)" = . ] || fail "something was written: $(all)"
say "a home that cannot be written, no home, a program of another machine: one sentence, nothing changed"

home places
XDG_DATA_HOME=$HOME/elsewhere "$light/install.sh" >/dev/null
[ -e "$HOME/elsewhere/applications/$id.desktop" ] || fail "XDG_DATA_HOME"
"$HOME/elsewhere/doc/jeongbae/uninstall.sh" >/dev/null
XDG_DATA_HOME=not/absolute "$light/install.sh" >/dev/null
[ -e "$HOME/.local/share/applications/$id.desktop" ] || fail "an XDG_DATA_HOME that is not absolute"
(cd / && "$HOME/.local/share/doc/jeongbae/uninstall.sh") >/dev/null
PREFIX=here XDG_DATA_HOME=$HOME/elsewhere "$light/install.sh" >/dev/null
grep -q "^Exec=\"$work/here/bin/jeongbae\"" "here/share/applications/$id.desktop" || fail "PREFIX"
(cd / && env -u HOME "$work/here/share/doc/jeongbae/uninstall.sh") >/dev/null
[ ! -e here ] && [ "$(all)" = . ] || fail "left: $(all) $(ls here)"
say "XDG_DATA_HOME, one that is not absolute, PREFIX: installed there, removed from anywhere"
say passed
