#!/usr/bin/env bash
# Gets the portcullis that belongs to the action, verifies it and puts it on the path. Used by action.yml.
set -euo pipefail

# Whoever pins the action to a commit pins the program with it: its version is the one in the action's own Cargo.toml.
version=${VERSION:-}
if [ -z "$version" ]; then
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "${GITHUB_ACTION_PATH:?}/Cargo.toml")
fi
version=${version#v}

if installed=$(portcullis --version 2>/dev/null); then
    case "$version" in
        latest | "$(printf '%s' "$installed" | awk '{ print $2 }')")
            echo "using the portcullis on the path: $installed"
            exit 0
            ;;
    esac
fi

case "${RUNNER_OS:?}-${RUNNER_ARCH:?}" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-X64 | Windows-ARM64) target=x86_64-pc-windows-msvc ;;
    *)
        echo "::error title=portcullis::there is no release for $RUNNER_OS on $RUNNER_ARCH"
        exit 2
        ;;
esac
if [ -z "${REPOSITORY:-}" ]; then
    echo '::error title=portcullis::an action that is used from a folder has no releases: put portcullis on the path before'
    exit 2
fi

release="download/v$version"
if [ "$version" = latest ]; then release=latest/download; fi
folder="${RUNNER_TEMP:?}/portcullis"
mkdir -p "$folder"
cd "$folder"
archive="portcullis-$target.tar.gz"
for file in "$archive" "$archive.sha256"; do
    curl --fail --silent --show-error --location --retry 3 --output "$file" \
        "https://github.com/$REPOSITORY/releases/$release/$file"
done
# The checksum finds what was damaged on the way; the attestation finds what was not built by the repository's own workflow.
if command -v sha256sum >/dev/null 2>&1; then
    sha256sum --check --strict "$archive.sha256"
else
    shasum --algorithm 256 --check "$archive.sha256"
fi
if [ -n "${GH_TOKEN:-}" ] && gh attestation --help >/dev/null 2>&1; then
    gh attestation verify "$archive" --repo "$REPOSITORY"
else
    echo '::notice title=portcullis::the attestation of the download was not verified: that needs gh and a token'
fi
tar -xzf "$archive"
echo "$folder" >>"${GITHUB_PATH:?}"
