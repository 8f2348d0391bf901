#!/usr/bin/env bash
# Runs portcullis once and writes every report that the action's later steps need. Used by action.yml.
set -uo pipefail

paths=()
while IFS= read -r path; do
    [ -n "$path" ] && paths+=("$path")
done <<<"${INPUT_PATHS:-.}"

arguments=()
with() {
    if [ -n "$2" ]; then
        arguments+=("$1" "$2")
    fi
}
with --config "${INPUT_CONFIG:-}"
with --profile "${INPUT_PROFILE:-}"
with --min-severity "${INPUT_MIN_SEVERITY:-}"
with --fail-on "${INPUT_FAIL_ON:-}"
with --baseline "${INPUT_BASELINE:-}"
with --sarif-category "${INPUT_CATEGORY:-}"
while IFS= read -r argument; do
    [ -n "$argument" ] && arguments+=("$argument")
done <<<"${INPUT_ARGS:-}"

sarif="${INPUT_SARIF_FILE:-portcullis.sarif}"
folder="${RUNNER_TEMP:-/tmp}"
annotations="$folder/portcullis-annotations.txt"
lines="$folder/portcullis.jsonl"
summary="$folder/portcullis-summary.md"
rm -f "$annotations" "$lines" "$summary"

# One pass, every report.
portcullis check "${arguments[@]}" \
    --format "${INPUT_FORMAT:-concise}" \
    --output "sarif=$sarif" \
    --output "github=$annotations" \
    --output "jsonl=$lines" \
    --output "markdown=$summary" \
    -- "${paths[@]}"
code=$?

# The step summary takes at most one mebibyte.
if [ -f "$summary" ] && [ "$(wc -c <"$summary")" -lt 1000000 ]; then
    cat "$summary" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
findings=0
if [ -f "$lines" ]; then
    findings=$(grep -c '"rule":' "$lines" || true)
fi
{
    echo "exit-code=$code"
    echo "findings=$findings"
    if [ -f "$sarif" ]; then echo "sarif-file=$sarif"; fi
    echo "annotations-file=$annotations"
} >>"${GITHUB_OUTPUT:-/dev/null}"

# The verdict is the action's last step: the report is uploaded first.
exit 0
