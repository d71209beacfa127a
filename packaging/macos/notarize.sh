#!/usr/bin/env bash
# notarize.sh [--dry-run] FILE PROFILE: has Apple notarize a signed app or disk image, and
# staples the ticket to it so that it opens offline. PROFILE is the keychain profile with the
# credentials: xcrun notarytool store-credentials PROFILE
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/steps.sh"
[ $# = 2 ] || refuse "usage: notarize.sh [--dry-run] FILE PROFILE"
file=${1%/} profile=$2
[ -n "$profile" ] || refuse "The name of the keychain profile is empty."
sent=$file
case "$file" in
*.dmg) [ -f "$file" ] || refuse "$file does not exist." ;;
*)
    check_app "$file"
    # ditto keeps the symbolic links inside frameworks; zip turns them into copies, which
    # invalidates the signature (https://github.com/pyinstaller/pyinstaller/issues/8927).
    sent=${file%.app}.zip
    run ditto -c -k --keepParent "$file" "$sent"
    ;;
esac
run xcrun notarytool submit "$sent" --keychain-profile "$profile" --wait
run xcrun stapler staple "$file"
[ "$sent" = "$file" ] || run rm -f "$sent"
case "$file" in
*.dmg) run spctl --assess --type open --context context:primary-signature "$file" ;;
*) run spctl --assess --type execute "$file" ;;
esac
