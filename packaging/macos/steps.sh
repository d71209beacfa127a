# steps.sh: functions shared by the release scripts. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail

dry_run=""
if [ "${1-}" = --dry-run ]; then
    dry_run=1
    shift
fi

# Rejects a wrong argument with a message and status 2.
refuse() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 2
}

# Runs a command of the release; with --dry-run, prints it in shell syntax instead.
run() {
    if [ -n "$dry_run" ]; then
        printf '%q ' "$@"
        printf '\n'
    else
        "$@"
    fi
}

check_app() {
    case "$1" in
    *.app) ;;
    *) refuse "$1 is not an app." ;;
    esac
    [ -f "$1/Contents/Info.plist" ] || refuse "$1 has no Info.plist. Build it with \`make app\`."
}

# Checks the identity of a certificate in the keychain: its name, or the SHA-1 it is listed under.
check_identity() {
    case "$1" in
    "Developer ID Application: "*) ;;
    *) [[ "$1" =~ ^[0-9A-F]{40}$ ]] ||
        refuse "$1 is not a Developer ID. See: security find-identity -v -p codesigning" ;;
    esac
}
