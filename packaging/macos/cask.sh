#!/usr/bin/env bash
# cask.sh [--dry-run] VERSION URL HOMEPAGE IMAGE OUT: writes the Homebrew cask for a published
# image from mica.rb.in. URL is the download address of the image.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/steps.sh"
[ $# = 5 ] || refuse "usage: cask.sh [--dry-run] VERSION URL HOMEPAGE IMAGE OUT"
version=$1 url=$2 homepage=$3 image=$4 out=$5
[[ "$version" =~ ^[0-9]+(\.[0-9]+)+$ ]] || refuse "$version is not a version."
[[ "$url" =~ ^https://[^[:space:]\"#]+\.dmg$ ]] || refuse "$url is not an https address of a .dmg."
[[ "$homepage" =~ ^https://[^[:space:]\"#]+$ ]] || refuse "$homepage is not an https address."
[ -f "$image" ] || refuse "$image does not exist."
digest=$(openssl dgst -sha256 -r "$image" | cut -d ' ' -f 1)
cask=$(sed -e "s|@VERSION@|$version|" -e "s|@URL@|$url|" -e "s|@HOMEPAGE@|$homepage|" \
    -e "s|@SHA256@|$digest|" \
    "$(dirname "$0")/mica.rb.in")
if [ -n "$dry_run" ]; then
    printf '%s\n' "$cask"
else
    printf '%s\n' "$cask" >"$out"
fi
