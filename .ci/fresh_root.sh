#!/usr/bin/env bash
# Installs the .deb in a bare Debian, as a user's machine would be, and uses it: apt installs it,
# the menu entry starts it, the first screen leads into the demo, apt upgrades it under a running
# program and brings the older version back, apt removes it, and nothing but the user's data is left. Takes a few minutes and a network; needs root and debootstrap.
#   .ci/fresh_root.sh [FILE.deb]       default: the one in target/package
#   FRESH_BASE=FOLDER                  keeps the bare system for the next time
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deb=${1:-$(ls "$here"/../target/package/jeongbae_*.deb)}
[ "$(id -u)" = 0 ] || { echo "fresh_root: needs root" >&2; exit 1; }
base=${FRESH_BASE-}
work=$(mktemp -d)
root=$work/root
trap 'rm -rf "$work"' EXIT
say() { printf 'fresh root: %s\n' "$*"; }

base=${base:-$work/base}
if [ ! -e "$base/etc/debian_version" ]; then
  say "making a bare Debian"
  debootstrap --variant=minbase bookworm "$base" "${MIRROR:-http://deb.debian.org/debian}" >"$work/log" 2>&1 ||
    { tail -5 "$work/log"; exit 1; }
fi
cp -a "$base" "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$deb" "$root/tmp/jeongbae.deb"
cp "$here/first_run.py" "$root/tmp/first_run.py"
cat >"$root/tmp/inside" <<'INSIDE'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
say() { printf 'fresh root: %s\n' "$*"; }
ours() {   # everything outside homes that bears the program's name
  find / -xdev \( -path /proc -o -path /home -o -path /tmp \) -prune -o -iname '*jeongbae*' -print | sort
}
apt-get -qq update
say "Debian $(cat /etc/debian_version), $(dpkg-query -f . -W | wc -c) packages"
apt-get -qq install -y --no-install-recommends /tmp/jeongbae.deb >/tmp/apt.log 2>&1 || { tail -20 /tmp/apt.log; exit 1; }
say "apt installed $(dpkg-query -f '${Package} ${Version}, ${Installed-Size} KiB' -W jeongbae)"
there=$(ldconfig -p)
for library in libX11.so.6 libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libxkbcommon-x11.so.0 libGL.so.1; do
  case $there in *"$library"*) ;; *) false ;; esac || { say "$library did not come with the package"; exit 1; }
done
say "its own dependencies bring every library of the window"
test "$(jeongbae --version)" = "jeongbae $(dpkg-query -f '${Version}' -W jeongbae)"
test -s /usr/share/doc/jeongbae/copyright -a -s /usr/share/doc/jeongbae/OFL.txt -a -s /usr/share/doc/jeongbae/sounds.md \
  -a -s /usr/share/doc/jeongbae/third-party-licences.txt
# What a desktop has, and what drives it here.
apt-get -qq install -y --no-install-recommends xvfb xauth openbox dbus dbus-x11 at-spi2-core python3-gi \
  gir1.2-atspi-2.0 wmctrl libgl1-mesa-dri libglib2.0-bin desktop-file-utils >/tmp/apt.log 2>&1 || { tail -20 /tmp/apt.log; exit 1; }
desktop-file-validate /usr/share/applications/kr.jeongbae.Jeongbae.desktop
useradd -m tester
ours >/tmp/installed
su tester -c 'cd && XDG_RUNTIME_DIR=$(mktemp -d) LIBGL_ALWAYS_SOFTWARE=1 LC_ALL=C.UTF-8 \
  xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX -nolisten tcp" dbus-run-session -- python3 /tmp/first_run.py'
say "the user's files: $(cd ~tester && find . -ipath '*jeongbae*' -type f | sort | tr '\n' ' ')"
theirs() { (cd ~tester && find .local/share/jeongbae -name run -prune -o -type f -exec sha256sum {} + | sort); }
data=$(theirs)
# The same program under a later version's name.
dpkg-deb -R /tmp/jeongbae.deb /tmp/later
version=$(dpkg-query -f '${Version}' -W jeongbae)
sed -i "s/^Version: .*/Version: $version+later/" /tmp/later/DEBIAN/control
echo later >/tmp/later/usr/share/doc/jeongbae/later
dpkg-deb --root-owner-group -Zgzip -z1 --build /tmp/later /tmp/later.deb >/dev/null
su tester -c 'exec jeongbae sim' >/tmp/sim.log 2>&1 & running=$!
for _ in $(seq 100); do grep -q '^ws ' /tmp/sim.log && break; sleep 0.1; done
grep -q '^ws ' /tmp/sim.log
apt-get -qq install -y /tmp/later.deb >/tmp/apt.log 2>&1 || { tail -20 /tmp/apt.log; exit 1; }
test "$(dpkg-query -f '${Version}' -W jeongbae)" = "$version+later" -a -e /usr/share/doc/jeongbae/later
dpkg -V jeongbae
kill -0 $running || { say "the upgrade ended the running program"; exit 1; }
kill $running
apt-get -qq install -y --allow-downgrades /tmp/jeongbae.deb >/tmp/apt.log 2>&1 || { tail -20 /tmp/apt.log; exit 1; }
test "$(dpkg-query -f '${Version}' -W jeongbae)" = "$version" -a ! -e /usr/share/doc/jeongbae/later
dpkg -V jeongbae
test "$(theirs)" = "$data" || { say "the user's data changed"; exit 1; }
test -z "$(dpkg-query -f '${Conffiles}' -W jeongbae)"
rm -r /tmp/later /tmp/later.deb
say "upgraded under a running program, and back; the user's data is as it was"
apt-get -qq purge -y jeongbae >/tmp/apt.log 2>&1 || { tail -20 /tmp/apt.log; exit 1; }
# dpkg keeps no trace of a purged package; what the system itself writes is not ours.
left=$(ours)
if [ -n "$left" ]; then say "left behind: $left"; exit 1; fi
test -d ~tester/.local/share/jeongbae || { say "the user's data is gone"; exit 1; }
odd=$(cd ~tester && find . -iname '*jeongbae*' -not -path './.local/share/jeongbae*' -not -path './.config/jeongbae*')
if [ -n "$odd" ]; then say "outside its folders: $odd"; exit 1; fi
say "purged: of $(wc -l </tmp/installed) files and folders none is left; the user's data is"
INSIDE
# The mounts live and die with this process.
unshare --mount --pid --fork --kill-child bash -c '
  set -e
  mount -t proc proc "$0/proc"
  mount --rbind /dev "$0/dev"
  mount -t tmpfs tmpfs "$0/dev/shm"
  exec chroot "$0" bash /tmp/inside' "$root"
say "passed"
