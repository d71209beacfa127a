#!/usr/bin/env bash
# setup.sh run|app|test: makes .venv with what running, building the app, or testing needs
# and, on Debian, installs the system packages. Run by make.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1-}" in
run) lists=(run) wanted=. purpose="run Mica" ;;
app) lists=(run) wanted='.[app]' purpose="build the app" ;;
test) lists=(run test) wanted='.[test]' purpose="run and test Mica" ;;
*) echo "usage: setup.sh run|app|test" >&2 && exit 2 ;;
esac

say() { printf 'Mica setup: %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

debian_packages() {
    local names missing
    names=$(grep -hv '^#' "${lists[@]/%/.txt}")
    missing=""
    for name in $names; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok' ||
            missing="$missing $name"
    done
    [ -z "$missing" ] && return
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "System packages are missing, and you are not root and have no sudo."
        say "Ask an administrator to run: apt-get install$missing"
        return 1
    fi
    say "Installing system packages:$missing"
    as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of names, to be split
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing >/dev/null
}

python=$(bash packaging/find_python.sh)
[ -f /etc/debian_version ] && (cd packaging/linux && debian_packages)
[ -x .venv/bin/python ] || "$python" -m venv .venv
say "Installing the Python packages to $purpose. This takes a few minutes the first time."
.venv/bin/python packaging/pip_progress.py \
    install --disable-pip-version-check --editable "$wanted"
say "Done."
