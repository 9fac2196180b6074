#!/usr/bin/env bash
# Makes the pictures of docs/install.md: a user without root unpacks the .tar.gz, installs it, finds
# it in the menu, starts it from there and goes into the demo. All on a virtual display and in a
# home of its own; every price in the pictures is made up by the simulated market.
#   .ci/install_pictures.sh [FILE.tar.gz] [FOLDER]     default: target/package/….tar.gz docs/install
# Needs, beyond what .ci/run installs, Debian's locales xterm xfce4-appfinder fonts-nanum
# fonts-nanum-coding.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${INSTALL_PICTURES-}" ]; then
  cd "$here/.."
  file=$(readlink -f "${1:-$(ls target/package/jeongbae-*-linux-*.tar.gz)}")
  mkdir -p "${2:-docs/install}"
  INSTALL_PICTURES=1 exec .ci/desktop.sh "$here/install_pictures.sh" "$file" "$(readlink -f "${2:-docs/install}")"
fi

archive=$1 folder=$2
fail() { echo "install pictures: $*" >&2; exit 1; }
export HOME
HOME=$(mktemp -d /tmp/home-XXX)
trap 'kill $(jobs -p) 2>/dev/null || :; rm -rf "$HOME"' EXIT
export XDG_DATA_HOME=$HOME/.local/share XDG_CONFIG_HOME=$HOME/.config XDG_CACHE_HOME=$HOME/.cache
# Menus speak the user's language.
mkdir -p "$HOME/locale" "$HOME/내려받은 파일"
localedef -i ko_KR -f UTF-8 "$HOME/locale/ko_KR.UTF-8" 2>/dev/null || [ -d "$HOME/locale/ko_KR.UTF-8" ]
export LOCPATH=$HOME/locale LANGUAGE=ko
export LC_ALL=ko_KR.UTF-8
cp "$archive" "$HOME/내려받은 파일/"
name=$(basename "$archive")

window() {   # the id of a window whose class or title contains $1
  wmctrl -lx | awk -v part="$1" 'index($0, part) { print $1; exit }'
}
wait_for() {
  for _ in $(seq 300); do
    found=$(window "$1")
    [ -z "$found" ] || return 0
    sleep 0.1
  done
  fail "no window ‘$1’; there are: $(wmctrl -lx)"
}
keep() {   # WINDOW NAME
  wmctrl -i -a "$1"
  sleep 1
  import -silent -window "$1" "$HOME/picture.png"
  /usr/bin/python3 - "$HOME/picture.png" "$folder/$2.png" <<'PICTURE'
import os, sys
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGB")
image.quantize(128, dither=Image.Dither.NONE).save(sys.argv[2], optimize=True)
print(f"install pictures: {sys.argv[2]}, {os.path.getsize(sys.argv[2]) // 1024} KiB")
PICTURE
}
press() {   # the accessible name of a button
  /usr/bin/python3 - "$1" <<'PRESS' || fail "no button ‘$1’"
import sys, time
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
Atspi.init()
end = time.monotonic() + 30
while time.monotonic() < end:
    todo = [Atspi.get_desktop(0)]
    while todo:
        node = todo.pop()
        try:
            if node.get_name() == sys.argv[1] and node.get_action_iface():
                node.do_action(0)
                sys.exit(0)
            todo += [c for c in (node.get_child_at_index(i) for i in range(node.get_child_count())) if c]
        except Exception:  # a node may go away while it is read
            continue
    time.sleep(0.2)
sys.exit(1)
PRESS
}
for what in IsEnabled ScreenReaderEnabled; do
  dbus-send --session --dest=org.a11y.Bus --print-reply /org/a11y/bus \
    org.freedesktop.DBus.Properties.Set string:org.a11y.Status "string:$what" variant:boolean:true >/dev/null
done

# Each command is shown as it is run.
cat >"$HOME/steps" <<STEPS
cd "$HOME/내려받은 파일"
PS4='\$ '
set -ex
tar xzf $name
cd ${name%.tar.gz}
./install.sh
{ set +x; } 2>/dev/null
touch "$HOME/installed"
sleep 600
STEPS
xterm -u8 -fa 'NanumGothicCoding:spacing=dual' -fs 13 -geometry 84x9 -bg '#1c1f26' -fg '#e6e8ec' \
  -title terminal -e bash "$HOME/steps" &
for _ in $(seq 300); do [ ! -e "$HOME/installed" ] || break; sleep 0.1; done
[ -e "$HOME/installed" ] || fail "install.sh did not end"
wait_for terminal
keep "$found" 1-unpack
wmctrl -i -c "$found"

xfce4-appfinder &
wait_for appfinder
menu=$found
wmctrl -i -r "$menu" -e 0,300,200,560,420
sleep 1
wmctrl -i -a "$menu"
sleep 1
xdotool type jeongbae
sleep 1
keep "$menu" 2-menu

gio launch "$XDG_DATA_HOME/applications/kr.jeongbae.Jeongbae.desktop"
wmctrl -i -c "$menu"
wait_for kr.jeongbae.Jeongbae
home=$found
wmctrl -i -r "$home" -e 0,200,100,1100,680
sleep 2
keep "$home" 3-first-start
press '데모 시작'
# Its first signal comes within a minute.
sleep 65
keep "$home" 4-demo
# Ours, and no other that runs on this machine.
for process in /proc/[0-9]*; do
  [ "$(readlink "$process/exe" || :)" != "$HOME/.local/bin/jeongbae" ] || kill "${process#/proc/}"
done
"$XDG_DATA_HOME/doc/jeongbae/uninstall.sh"
[ ! -e "$HOME/.local/bin/jeongbae" ] || fail "uninstall.sh left the program"
