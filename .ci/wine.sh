#!/usr/bin/env bash
# Tries setup.exe under Wine, in a prefix of its own: installed, run from a console, run as a
# window where there is a display, installed over the running program, uninstalled.
#   .ci/wine.sh target/package/jeongbae-VERSION-setup.exe
# Needs Wine 10 (Debian: wine); .ci/desktop.sh gives it a display. It says what Wine does, which is
# not what Windows does: no toast, no credential store of Windows.
set -euo pipefail
setup=$(readlink -f "$1")
box=$(mktemp -d)
export WINEPREFIX=$box/prefix WINEDEBUG=${WINEDEBUG:--all}
say() { echo "wine: $*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
server=$(type -P wineserver || find /usr/lib -name 'wineserver*' -type f -perm -1 2>/dev/null | head -1)
[ -n "$server" ] || { echo "wine: no wineserver" >&2; exit 1; }
# Everything in this prefix, and nothing else.
trap '"$server" -k || :; rm -rf "$box"' EXIT
run() { wine "$@" 2>"$box/errors"; }
key() { run reg query "$1" >"$box/key" && cat "$box/key"; }
RUN='HKCU\Software\Microsoft\Windows\CurrentVersion\Run'
gone() { ! key "$1" >/dev/null || fail "the registry still has $1"; }

say "making a Windows"
run wineboot -i
before=$(cd "$WINEPREFIX/drive_c" && find . | sort)

run "$setup" /S
home=$(find "$WINEPREFIX/drive_c" -ipath '*/Local/Programs/Jeongbae' -type d)
[ -n "$home" ] || fail "no folder of the program"
for file in jeongbae.exe jeongbae.com uninstall.exe LICENSE.txt OFL.txt sounds.md third-party-licences.txt; do
  [ -s "$home/$file" ] || fail "no $file"
done
links=$(find "$WINEPREFIX/drive_c" -name '*.lnk' -path '*정배*' | wc -l)
[ "$links" = 2 ] || fail "$links entries in the Start menu, not 2"
key 'HKCU\Software\Classes\jeongbae\shell\open\command' | grep -q -- '--open "%1"' || fail "no link"
key 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae' | grep -q DisplayVersion ||
  fail "not in the list of programs"
key 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae' >"$box/listed"
for name in DisplayName DisplayIcon UninstallString QuietUninstallString EstimatedSize InstallLocation; do
  grep -q "$name" "$box/listed" || fail "the list of programs lacks $name"
done
say "installed: $(du -sk "$home" | cut -f1) KiB, Start menu, link and list of programs"

version=$(run "$home/jeongbae.com" --version | tr -d '\r')
case $setup in *"${version#jeongbae }"*) ;; *) fail "it says $version" ;; esac
code=0
run "$home/jeongbae.com" no-such-thing >"$box/out" || code=$?
grep -q "no-such-thing" "$box/errors" && [ "$code" = 2 ] || fail "a bad argument: code $code"
run "$home/jeongbae.com" watch --demo --json --for 40 --data-dir "$box/data" >"$box/lines" ||
  fail "watch ended with $?"
python3 - "$box/lines" <<'LINES' || fail "watch --json"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
kinds = {line["type"] for line in lines}
assert {"link", "history", "stats"} <= kinds, kinds
assert any(line.get("state") == "live" for line in lines), "never live"
print(f"wine: from a console: version, a bad argument, watch --json with {len(lines)} lines of {sorted(kinds)}")
LINES

if [ -n "${DISPLAY-}" ]; then
  wine "$home/jeongbae.exe" --demo 2>"$box/errors" &
  for _ in $(seq 120); do
    xdotool search --name '^정배$' >/dev/null 2>&1 && break
    sleep 1
  done
  xdotool search --name '^정배$' >/dev/null 2>&1 || fail "no window"
  say "the window is there"
  # A second start wakes the first one and ends.
  timeout 120 wine "$home/jeongbae.exe" --demo 2>"$box/errors" || fail "the second start: code $?"
  say "a second start hands over and ends"
  code=0
  run "$setup" /S || code=$?
  [ "$code" != 0 ] && [ -s "$home/jeongbae.com" ] || fail "installed over a running program: $code"
  say "setup over the running program stops and leaves it whole"
  # As the list of programs calls it; it goes on in a copy of itself.
  run "$home/uninstall.exe" /S || :
  sleep 10
  [ -s "$home/jeongbae.exe" ] && [ -s "$home/uninstall.exe" ] || fail "uninstalled below a running program"
  key 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae' | grep -q DisplayVersion ||
    fail "out of the list of programs, and still there"
  say "so does removing it"
  "$server" -k
  wait || :
  # A run on the user's own files, with what the settings' tick writes into them.
  config=${home%/Local/Programs/Jeongbae}/Roaming/jeongbae/jeongbae/config
  mkdir -p "$config"
  printf '[desktop]\nautostart = true\n' >"$config/config.toml"
  wine "$home/jeongbae.exe" 2>"$box/errors" &
  for _ in $(seq 120); do
    key "$RUN" | grep -q 'Programs.Jeongbae.jeongbae.exe' && break
    sleep 1
  done
  key "$RUN" | grep -q 'Programs.Jeongbae.jeongbae.exe' || fail "does not start with the system"
  say "the setting makes it start with the system"
  "$server" -k
  wait || :
fi

run "$home/uninstall.exe" /S
# It goes on in a copy of itself, since no program can delete its own file.
for _ in $(seq 60); do
  [ -e "$home" ] || break
  sleep 1
done
[ ! -e "$home" ] || fail "left: $(ls "$home")"
! key "$RUN" | grep -q jeongbae || fail "still starts with the system"
gone 'HKCU\Software\Classes\jeongbae'
gone 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Jeongbae'
left=$(comm -13 <(echo "$before") <(cd "$WINEPREFIX/drive_c" && find . | sort) |
  grep -v -e '/AppData/Local/Temp' -e '/AppData/Roaming/jeongbae' -e '/AppData/Local/jeongbae' \
    -e '/windows/temp' -e '/Programs$' || :)
[ -z "$left" ] || fail "left behind: $left"
say "uninstalled: nothing is left but the user's data"
say "passed"
