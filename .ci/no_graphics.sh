#!/usr/bin/env bash
# Starts the window on a display (see desktop.sh) where OpenGL cannot be had, in each way in which
# that happens: one sentence that names it and what helps, and exit code 1.
#   no_graphics.sh PROGRAM
set -euo pipefail
program=$(readlink -f "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
lacking() {   # WHAT SENTENCE COMMAND…
  local what=$1 sentence=$2 code=0
  shift 2
  timeout 60 "$@" "$program" --demo --data-dir "$scratch/data" 2>"$scratch/err" || code=$?
  # Mesa itself may say a line of its own before.
  grep -v -e '^libGL' -e '^libEGL' -e '^MESA' "$scratch/err" >"$scratch/ours" || :
  if [ "$code" != 1 ] || [ "$(grep -c '' "$scratch/ours")" != 1 ] || ! grep -q "^jeongbae: $sentence" "$scratch/ours"; then
    echo "no graphics: FAILED: $what: code $code: $(cat "$scratch/err")" >&2
    exit 1
  fi
  echo "no graphics: $what: $(cat "$scratch/ours")"
}
graphics='그래픽(OpenGL)을 쓸 수 없어.*libgl1'
# Under the names by which the program opens them lies nothing that can be opened.
without() {
  local folder=$scratch/without-$1
  shift
  mkdir "$folder"
  for library in "$@"; do echo "not a library" >"$folder/$library"; done
  echo "$folder"
}
lacking "no library of OpenGL" "$graphics" env LD_LIBRARY_PATH="$(without gl libGL.so.1 libGL.so libEGL.so.1 libEGL.so)"
lacking "no driver" "$graphics" env LIBGL_DRIVERS_PATH="$scratch" LIBGL_ALWAYS_SOFTWARE=1 __EGL_VENDOR_LIBRARY_DIRS="$scratch"
lacking "no X11 libraries" "창을 여는 데 필요한 라이브러리" env LD_LIBRARY_PATH="$(without x11 libX11.so.6 libXcursor.so.1 libXi.so.6)"
