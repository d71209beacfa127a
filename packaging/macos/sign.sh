#!/usr/bin/env bash
# sign.sh [--dry-run] APP IDENTITY: signs a bundle from the inside out, as codesign(1) requires:
# libraries, then frameworks, then the app. IDENTITY is a Developer ID certificate, or "-" for
# an ad-hoc signature, which is enough on arm64 to run the app where it was built. Only the
# app itself has entitlements. Never use `--deep`: it would give them to every library
# (https://developer.apple.com/documentation/xcode/creating-distribution-signed-code-for-the-mac).
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/steps.sh"
[ $# = 2 ] || refuse "usage: sign.sh [--dry-run] APP IDENTITY"
app=${1%/} identity=$2
check_app "$app"
entitlements=$(cd "$(dirname "$0")" && pwd)/entitlements.plist

# Notarization requires the hardened runtime. With an ad-hoc signature, the runtime would refuse
# the app's own libraries, because there is no team ID to compare.
signing=(codesign --force --sign "$identity")
if [ "$identity" != - ]; then
    check_identity "$identity"
    signing+=(--timestamp --options runtime)
fi

# Whether a file is Mach-O, thin or universal, by its first four bytes.
is_code() {
    case $(head -c 4 "$1" | od -An -tx1 | tr -d ' \n') in
    cffaedfe | cafebabe) return 0 ;;
    *) return 1 ;;
    esac
}

# Sorts paths, the deepest first, because a framework may contain others.
deepest_first() { awk -F/ '{ print NF "\t" $0 }' | sort -rn | cut -f 2-; }

# What the Finder and iCloud note about files prevents a signature (Apple's QA1940).
run xattr -cr "$app"
main=$app/Contents/MacOS/Mica
find "$app" -type f ! -path "$main" | while IFS= read -r file; do
    if is_code "$file"; then run "${signing[@]}" "$file"; fi
done
find "$app" -type d -name '*.framework' | deepest_first | while IFS= read -r framework; do
    run "${signing[@]}" "$framework"
done
run "${signing[@]}" --entitlements "$entitlements" "$app"
run codesign --verify --deep --strict "$app"
