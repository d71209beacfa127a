#!/usr/bin/env bash
# Makes .venv and, on Debian, installs the system packages. Run by make.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

say() { printf 'mica set-up: %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

debian_packages() {
    local wanted missing
    wanted=$(grep -v '^#' packaging/linux/packages.txt)
    missing=""
    for name in $wanted; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok' ||
            missing="$missing $name"
    done
    [ -z "$missing" ] && return
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "system packages are missing, and neither root nor sudo is at hand."
        say "Have an administrator run: apt-get install$missing"
        return 1
    fi
    say "installing$missing"
    as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of names, to be split
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing >/dev/null
}

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
    say "Python 3.11 to 3.13 is needed; name one with PYTHON=python3.12 make …"
    exit 1
}
[ -f /etc/debian_version ] && debian_packages
[ -x .venv/bin/python ] || "$python" -m venv .venv
say "installing Python packages (once; a few minutes)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
