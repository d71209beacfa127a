#!/usr/bin/env bash
# dmg.sh [--dry-run] APP IMAGE IDENTITY: puts the app into a disk image with a background and
# layout (dmg_settings.py), and signs the image. IDENTITY as for sign.sh.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/steps.sh"
[ $# = 3 ] || refuse "usage: dmg.sh [--dry-run] APP IMAGE IDENTITY"
app=${1%/} image=$2 identity=$3
check_app "$app"
case "$image" in
*.dmg) ;;
*) refuse "$image must end in .dmg." ;;
esac
signing=(codesign --force --sign "$identity")
if [ "$identity" != - ]; then
    check_identity "$identity"
    signing+=(--timestamp) # notarization asks for it of an image, too
fi
here=$(cd "$(dirname "$0")" && pwd)
python=$here/../../.venv/bin/python
run "$python" "$here/dmg_background.py" "$(dirname "$image")"
run "$python" -m dmgbuild -s "$here/dmg_settings.py" \
    -D app="$app" -D background="$(dirname "$image")/dmg-background.png" Mica "$image"
run "${signing[@]}" "$image"
