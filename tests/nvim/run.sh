#!/usr/bin/env bash
# The language server in a real editor: headless Neovim opens templates, shows diagnostics at the right bytes,
# applies fixes. PORTCULLIS names the binary; without it, the one of the debug build is made and taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v nvim >/dev/null 2>&1; then
    echo 'nvim: not installed; asking apt for it'
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    if ! { "${as_root[@]}" apt-get install -y -qq neovim || { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" apt-get install -y -qq neovim; }; } >/dev/null; then
        echo 'nvim: cannot be installed; get it from https://neovim.io' >&2
        exit 1
    fi
fi

if [ -z "${PORTCULLIS:-}" ]; then
    cargo build --locked --quiet --bin portcullis
    PORTCULLIS=$PWD/target/debug/portcullis
fi
PORTCULLIS=$(realpath "$PORTCULLIS")
export PORTCULLIS

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# No configuration above counts, and Neovim's own files stay here.
mkdir "$folder/.git"
cp testdata/demo/cloudformation/template.yaml tests/nvim/wide.yaml "$folder"
script=$PWD/tests/nvim/check.lua
cd "$folder"
nvim --version | head -n 1
XDG_CACHE_HOME=$folder/cache XDG_STATE_HOME=$folder/state XDG_DATA_HOME=$folder/data \
    timeout 300 nvim --headless --clean -n -c "luafile $script" 2>&1

# Neovim ends its last line with nothing.
echo
