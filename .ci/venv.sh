#!/bin/sh
# Brings .venv up to date with the lock files: `sh .ci/venv.sh runtime`, or `dev` (a superset of runtime).
#
# Needs a Python from 3.11 on with venv, nothing else; PYTHON names one. What is installed is remembered as a copy of
# the lock files inside .venv, so that a second run compares two files and is done.
set -eu

stamps=.venv/.installed
here=$(pwd -P)

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

identity() {
    "$1" -c 'import sys; print(sys.version, sys.base_prefix)' 2>/dev/null
}

# Prints the first Python that can make virtual environments, or says in one sentence what is missing.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.14 python3.13 python3.12 python3.11 python
    fi
    old='' bare=''
    for candidate in "$@"; do
        # A pyenv shim of a version that is not chosen exists and fails: only an answer counts.
        version=$("$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
        if ! is_new_enough "$candidate"; then
            old="${old:-$candidate is Python $version}"
        elif ! "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            bare="${bare:-$candidate}"
        else
            command -v "$candidate"
            return
        fi
    done
    if [ -n "$bare" ]; then
        fail "$bare cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)," \
            "or name another Python with PYTHON=/path/to/python3."
    elif [ -n "$old" ]; then
        fail "Python 3.11 or newer is needed, but $old: install a newer one," \
            "or name one with PYTHON=/path/to/python3."
    elif [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is not a Python that runs: name one from 3.11 on, or leave PYTHON out."
    fi
    fail "Python 3.11 or newer is needed and none was found: install it (Debian, Ubuntu: apt install python3 python3-venv;" \
        "macOS: brew install python), or name one with PYTHON=/path/to/python3."
}

# A virtual environment that was copied or moved still points to its old place, so it counts as none.
is_at_home() {
    if [ -f "$stamps/home" ]; then
        [ "$(cat "$stamps/home")" = "$here" ]
    else
        grep -qF "$here/.venv" .venv/bin/activate 2>/dev/null
    fi
}

is_as_asked() {
    [ -z "${PYTHON:-}" ] || [ "$(identity "$PYTHON")" = "$(identity .venv/bin/python)" ]
}

is_installed() {
    cmp -s "$1" "$stamps/$1"
}

install_locked() {
    echo "Installing $(grep -c '==' "$1" || true) packages from $1 into .venv …"
    PIP_USER=0 .venv/bin/python -m pip install --quiet --require-hashes --no-input --disable-pip-version-check -r "$1" ||
        fail "The packages of $1 could not be installed: pip says why above (is the package index reachable?)."
}

case ${1:-} in
runtime) lock=requirements.txt ;;
dev) lock=requirements-dev.txt ;;
*) fail "usage: sh .ci/venv.sh runtime|dev" ;;
esac

if ! { is_new_enough .venv/bin/python && is_at_home && is_as_asked; }; then
    python=$(find_python)
    echo "Making .venv with $python …"
    if [ -L .venv ]; then # what is at the other end may be in use there
        rm .venv
    fi
    "$python" -m venv --clear .venv || fail "$python could not make .venv: it says why above."
fi
mkdir -p "$stamps"
printf '%s\n' "$here" >"$stamps/home"

if ! is_installed "$lock"; then
    # The next run must not believe in a half-done installation, nor in versions that this one replaces.
    rm -f "$stamps/requirements.txt" "$stamps/requirements-dev.txt"
    install_locked "$lock"
    cp requirements.txt "$stamps/requirements.txt"
    if [ "$1" = dev ]; then
        cp requirements-dev.txt "$stamps/requirements-dev.txt"
    fi
fi
