#!/usr/bin/env bash
# Installs a built .rpm with rpm itself into an empty root, compares what lies there with what the
# package says, asks what the menu needs, and erases it again.
#   .ci/rpm_root.sh target/package/jeongbae-VERSION-1.x86_64.rpm
# Needs root's rights (rpm changes its root folder) and rpm. There is no rpm system below: the
# requirements are compared with what the program opens, but nobody resolves them.
set -euo pipefail
package=$(readlink -f "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
say() { echo "rpm root: $*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
in_root() { rpm --root "$root" "$@"; }

rpm -K --nosignature "$package" | grep -q "digests OK" || fail "its digests"
scripts=$(rpm -qp --scripts "$package")
[ -z "$scripts" ] || fail "runs scripts: $scripts"
for needed in libX11.so.6 libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libxkbcommon-x11.so.0 \
  libGL.so.1 libc.so.6 ca-certificates; do
  rpm -qp --requires "$package" | grep -q -F "$needed" || fail "does not require $needed"
done
say "digests, no scripts, $(rpm -qp --requires "$package" | wc -l) requirements"

in_root --initdb
in_root -i --nodeps --noscripts "$package"
in_root -V --nodeps jeongbae || fail "what was installed is not what the package says"
[ "$("$root/usr/bin/jeongbae" --version)" = "jeongbae $(rpm -qp --qf '%{VERSION}' "$package")" ] ||
  fail "the program's version"
[ "$(stat -c %a "$root/usr/bin/jeongbae")" = 755 ] || fail "the program's mode"
entry=$root/usr/share/applications/kr.jeongbae.Jeongbae.desktop
desktop-file-validate "$entry" || fail "the menu entry"
find "$root/usr/share/icons/hicolor" -name 'kr.jeongbae.Jeongbae.png' | grep -q 256x256 || fail "no icon"
[ -s "$root/usr/share/doc/jeongbae/third-party-licences.txt" ] || fail "no licences"
"$root/usr/bin/jeongbae" watch --demo --json --for 5 --data-dir "$root/data" >"$root/lines" ||
  fail "watch ended with $?"
grep -q '"type":"link"' "$root/lines" || fail "watch says nothing"
rm -r "$root/data" "$root/lines"
say "installed: $(in_root -ql jeongbae | wc -l) files and folders, all as packed; the program runs"

in_root -i --nodeps --noscripts "$package" 2>/dev/null && fail "installed twice"
in_root -e --nodeps jeongbae
left=$(find "$root/usr" \( -name '*jeongbae*' -o -name '*Jeongbae*' \) 2>/dev/null || :)
[ -z "$left" ] || fail "left behind: $left"
say "erased without a trace"
say "passed"
