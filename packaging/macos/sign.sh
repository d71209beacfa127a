#!/usr/bin/env bash
# sign.sh [--dry-run] APP IDENTITY: signs a bundle from inside out, as codesign(1) asks:
# libraries, then frameworks, then the app. IDENTITY is a Developer ID certificate, or "-"
# for a signature by nobody, which is all that arm64 needs to run it where it was built.
# Only the app itself has entitlements. Never `--deep`: it would give them to every library
# (https://developer.apple.com/documentation/xcode/creating-distribution-signed-code-for-the-mac).
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/steps.sh"
[ $# = 2 ] || refuse "usage: sign.sh [--dry-run] APP IDENTITY"
app=${1%/} identity=$2
check_app "$app"
entitlements=$(cd "$(dirname "$0")" && pwd)/entitlements.plist

# The hardened runtime is what notarization asks for. Without a team it would refuse our
# own libraries, since an ad-hoc signature has none to compare.
signing=(codesign --force --sign "$identity")
if [ "$identity" != - ]; then
    check_identity "$identity"
    signing+=(--timestamp --options runtime)
fi

# Mach-O, for one processor or several, by its first four bytes.
is_code() {
    case $(head -c 4 "$1" | od -An -tx1 | tr -d ' \n') in
    cffaedfe | cafebabe) return 0 ;;
    *) return 1 ;;
    esac
}

# Paths on the input, the deepest first: a framework may have others inside.
deepest_first() { awk -F/ '{ print NF "\t" $0 }' | sort -rn | cut -f 2-; }

main=$app/Contents/MacOS/Mica
find "$app" -type f ! -path "$main" | while IFS= read -r file; do
    if is_code "$file"; then run "${signing[@]}" "$file"; fi
done
find "$app" -type d -name '*.framework' | deepest_first | while IFS= read -r framework; do
    run "${signing[@]}" "$framework"
done
run "${signing[@]}" --entitlements "$entitlements" "$app"
run codesign --verify --deep --strict "$app"
