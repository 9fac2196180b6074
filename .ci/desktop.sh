#!/usr/bin/env bash
# Runs a command on a virtual display with a window manager and a session bus of its own, in
# scratch folders, so that nothing of the user's desktop is touched.
#   desktop.sh [-k] [-b] COMMAND…     -k: also an unlocked gnome-keyring
#                                     -b: a bare bus, which starts no service that is asked for
set -eu
keyring= bare=
while :; do
  case ${1-} in
    -k) keyring=1 ;;
    -b) bare=1 ;;
    *) break ;;
  esac
  shift
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -m 700 "$scratch/run" "$scratch/data" "$scratch/config" "$scratch/cache"
export XDG_RUNTIME_DIR=$scratch/run XDG_DATA_HOME=$scratch/data XDG_CONFIG_HOME=$scratch/config
export XDG_CACHE_HOME=$scratch/cache LIBGL_ALWAYS_SOFTWARE=1 GDK_BACKEND=x11 LC_ALL=C.UTF-8
export KEYRING=$keyring
unset WAYLAND_DISPLAY
bus=
if [ -n "$bare" ]; then
  bus=--config-file=$scratch/bus.conf
  cat >"$scratch/bus.conf" <<'END'
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
fi
xvfb-run -a -s "-screen 0 2560x1200x24 +extension GLX +extension RANDR -nolisten tcp" \
  dbus-run-session $bus -- bash -c '
    openbox >/dev/null 2>&1 & manager=$!
    keys=
    if [ -n "$KEYRING" ]; then
      printf "\n" | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 & keys=$!
      for _ in $(seq 100); do
        dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
          org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null \
          | grep -q "boolean true" && break
        sleep 0.05
      done
    fi
    code=0
    "$@" || code=$?
    kill $manager $keys 2>/dev/null || true
    exit $code' desktop "$@"
