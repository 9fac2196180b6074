#!/bin/sh
# On a Mac: builds target/package/Jeongbae.app and a .dmg. Written from Apple's documentation;
# not tried on a Mac yet. Needs Rust, python3 and the command line tools (iconutil, hdiutil).
set -eu
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
out=target/package
app=$out/Jeongbae.app/Contents
icons=$out/jeongbae.iconset
cargo build --locked --profile dist
rm -rf "$out/Jeongbae.app" "$icons"
mkdir -p "$app/MacOS" "$app/Resources" "$icons"
cp target/dist/jeongbae "$app/MacOS/"
sed "s/@VERSION@/$version/" assets/macos/Info.plist >"$app/Info.plist"
for size in 16 32 128 256 512; do
  cp "assets/icons/jeongbae-$size.png" "$icons/icon_${size}x$size.png"
done
# Twice the size for fine screens, as far as there are pictures.
cp assets/icons/jeongbae-32.png "$icons/icon_16x16@2x.png"
cp assets/icons/jeongbae-64.png "$icons/icon_32x32@2x.png"
cp assets/icons/jeongbae-256.png "$icons/icon_128x128@2x.png"
cp assets/icons/jeongbae-512.png "$icons/icon_256x256@2x.png"
iconutil -c icns -o "$app/Resources/jeongbae.icns" "$icons"
cp LICENSE assets/fonts/OFL.txt "$app/Resources/"
TARGET=$(rustc -vV | sed -n 's/^host: //p') .ci/licences >"$app/Resources/third-party-licences.txt"
codesign --force --sign - "$out/Jeongbae.app"
hdiutil create -ov -volname Jeongbae -srcfolder "$out/Jeongbae.app" "$out/jeongbae-$version.dmg"
