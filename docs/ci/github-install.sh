#!/usr/bin/env bash
# Downloads a release of portcullis for the runner, verifies its checksum and puts it on the path. Used by action.yml.
set -euo pipefail

if command -v portcullis >/dev/null 2>&1 && [ "${VERSION:-latest}" = latest ]; then
    echo "using the portcullis on the path: $(command -v portcullis)"
    exit 0
fi

case "${RUNNER_OS:?}-${RUNNER_ARCH:?}" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-X64) target=x86_64-pc-windows-msvc ;;
    *)
        echo "::error title=portcullis::there is no release for $RUNNER_OS on $RUNNER_ARCH"
        exit 2
        ;;
esac

tag=()
if [ "${VERSION:-latest}" != latest ]; then
    tag=("v${VERSION#v}")
fi
folder="${RUNNER_TEMP:?}/portcullis"
mkdir -p "$folder"
cd "$folder"
archive="portcullis-$target.tar.gz"
gh release download "${tag[@]}" --repo "${REPOSITORY:?}" --pattern "$archive" --pattern "$archive.sha256" --clobber
if command -v sha256sum >/dev/null 2>&1; then
    sha256sum --check --strict "$archive.sha256"
else
    shasum --algorithm 256 --check "$archive.sha256"
fi
tar -xzf "$archive"
echo "$folder" >>"${GITHUB_PATH:?}"
