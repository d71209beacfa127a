#!/usr/bin/env bash
# find_python.sh: prints a Python that Mica runs on: $PYTHON, else the user's python3, else
# another version of it, else one that is downloaded into build/. Called by setup.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
VERSIONS="3.13 3.12 3.11"
HOMEBREW="${HOMEBREW_PREFIX:-/opt/homebrew}/bin"

say() { printf 'Mica setup: %s\n' "$*" >&2; }

# MLX has wheels for arm64 and from macOS 14 on; pip would only say that none is there.
check_mac() {
    local version
    if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" != 1 ]; then
        say "Mica needs a Mac with Apple silicon."
        return 1
    fi
    version=$(sw_vers -productVersion)
    if [ "${version%%.*}" -lt 14 ]; then
        say "Mica needs macOS 14 or later. This Mac has macOS $version."
        return 1
    fi
}

# An Intel Python (under Rosetta) gets no MLX.
fits() {
    command -v "$1" >/dev/null && "$1" -c '
import platform, sys
known = (3, 11) <= sys.version_info[:2] <= (3, 13)
native = sys.platform != "darwin" or platform.machine() == "arm64"
sys.exit(not (known and native))' 2>/dev/null
}

candidates() {
    local version
    printf '%s\n' python3
    for version in $VERSIONS; do printf '%s\n' "python$version" "$HOMEBREW/python$version"; done
    printf '%s\n' "$HOMEBREW/python3" build/python/bin/python3
}

# By uv, which any Python can install; into build/, where `git clean` finds it.
download() {
    local any
    any=$(command -v python3 || command -v python) || return 1
    say "No Python 3.11 to 3.13 was found. Downloading one into build/."
    export UV_PYTHON_INSTALL_DIR="$PWD/build/pythons"
    "$any" -m venv build/uv >&2 &&
        build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv >&2 &&
        build/uv/bin/python -m uv venv --quiet --managed-python --seed \
            --python "${VERSIONS%% *}" build/python >&2 &&
        fits build/python/bin/python3
}

if [ "$(uname -s)" = Darwin ]; then check_mac; fi
if [ -n "${PYTHON-}" ]; then
    fits "$PYTHON" && command -v "$PYTHON" && exit
    say "$PYTHON isn't a Python that Mica runs on. It needs Python 3.11 to 3.13."
    exit 1
fi
for name in $(candidates); do
    if fits "$name"; then command -v "$name" && exit; fi
done
if download; then echo build/python/bin/python3 && exit; fi
say "Mica needs Python 3.11 to 3.13, and it couldn't be downloaded."
if [ "$(uname -s)" = Darwin ]; then
    say "Install it from python.org/downloads, or with Homebrew: brew install python@${VERSIONS%% *}"
else
    say "Install it, then name it: make run PYTHON=python3.12"
fi
exit 1
