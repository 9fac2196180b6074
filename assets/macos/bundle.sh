#!/bin/sh
# On a Mac: builds target/package/Jeongbae.app and from it a .dmg, with its sha256 beside. Written
# from Apple's documentation; not tried on a Mac yet. Needs Rust, python3 and the command line tools
# (codesign, hdiutil).
#   PROGRAM=FILE    packs a program that is built already. Elsewhere than on a Mac that puts the .app
#                   together and looks through it, and no more
set -eu
cd "$(dirname "$0")/../.."
said() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" Cargo.toml | head -1; }
name=$(said name)
version=$(said version)
out=target/package
app=$out/Jeongbae.app/Contents
if [ -z "${PROGRAM-}" ]; then
  # The oldest system that Info.plist allows.
  MACOSX_DEPLOYMENT_TARGET=11.0 cargo build --locked --profile dist
  PROGRAM=${CARGO_TARGET_DIR:-target}/dist/$name
fi
rm -rf "$out/Jeongbae.app"
mkdir -p "$app/MacOS" "$app/Resources"
cp "$PROGRAM" "$app/MacOS/jeongbae"
sed "s/@VERSION@/$version/" assets/macos/Info.plist >"$app/Info.plist"
cp LICENSE assets/fonts/OFL.txt "$app/Resources/"
cp assets/sounds/README.md "$app/Resources/sounds.md"
TARGET=$(rustc -vV | sed -n 's/^host: //p') .ci/licences >"$app/Resources/third-party-licences.txt"
python3 - "$app" "$version" <<'PYTHON'
import os, plistlib, struct, sys
app, version = sys.argv[1:]
# An .icns is a list of pictures, each under the name of its size; those of fine screens are twice as large.
names = {b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic11": 32, b"ic12": 64, b"ic13": 256, b"ic14": 512}
parts = b""
for name, size in names.items():
    with open(f"assets/icons/jeongbae-{size}.png", "rb") as file:
        picture = file.read()
    parts += name + struct.pack(">I", len(picture) + 8) + picture
with open(f"{app}/Resources/jeongbae.icns", "wb") as file:
    file.write(b"icns" + struct.pack(">I", len(parts) + 8) + parts)

with open(f"{app}/Info.plist", "rb") as file:
    info = plistlib.load(file)
assert info["CFBundleShortVersionString"] == info["CFBundleVersion"] == version, info
assert info["CFBundleIdentifier"] == "kr.jeongbae.Jeongbae", info
assert os.access(f"{app}/MacOS/{info['CFBundleExecutable']}", os.X_OK), info
assert os.path.getsize(f"{app}/Resources/{info['CFBundleIconFile']}.icns"), info
assert os.path.getsize(f"{app}/Resources/third-party-licences.txt") > 100_000
print(f"bundle.sh: {os.path.dirname(app)} {version}: description, program, icon and licences are in it")
PYTHON
if [ "$(uname)" != Darwin ]; then
  echo "bundle.sh: signing and the .dmg need a Mac"
  exit
fi
codesign --force --sign - "$out/Jeongbae.app"
made=$name-$version.dmg
hdiutil create -ov -volname Jeongbae -srcfolder "$out/Jeongbae.app" "$out/$made"
(cd "$out" && shasum -a 256 "$made" | tee "$made.sha256")
