#!/usr/bin/env bash
# Runs portcullis once and writes every report that the action's later steps need. Used by action.yml.
set -uo pipefail

paths=()
while IFS= read -r path; do
    if [ -n "$path" ]; then paths+=("$path"); fi
done <<<"${INPUT_PATHS:-.}"

# Never empty: the bash of macOS takes an empty list for a variable that is not set.
arguments=(check)
with() {
    if [ -n "$2" ]; then arguments+=("$1" "$2"); fi
}
with --config "${INPUT_CONFIG:-}"
with --profile "${INPUT_PROFILE:-}"
with --min-severity "${INPUT_MIN_SEVERITY:-}"
with --fail-on "${INPUT_FAIL_ON:-}"
with --baseline "${INPUT_BASELINE:-}"
with --diff-base "${INPUT_DIFF_BASE:-}"
with --sarif-category "${INPUT_CATEGORY:-}"
while IFS= read -r argument; do
    if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<<"${INPUT_ARGS:-}"

sarif="${INPUT_SARIF_FILE:-portcullis.sarif}"
folder="${RUNNER_TEMP:-/tmp}"
annotations="$folder/portcullis-annotations.txt"
lines="$folder/portcullis.jsonl"
summary="$folder/portcullis-summary.md"
rm -f "$sarif" "$annotations" "$lines" "$summary"

# One pass, every report.
portcullis "${arguments[@]}" \
    --format "${INPUT_FORMAT:-concise}" \
    --output "sarif=$sarif" \
    --output "github=$annotations" \
    --output "jsonl=$lines" \
    --output "markdown=$summary" \
    -- "${paths[@]}"
code=$?

# The step summary takes at most one mebibyte.
if [ -f "$summary" ]; then
    if [ "$(wc -c <"$summary")" -lt 1000000 ]; then
        cat "$summary" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    else
        echo 'portcullis found more than a step summary can hold; see the log of the step.' >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    fi
fi
findings=0
if [ -f "$lines" ]; then findings=$(grep -c '^{"type":"finding"' "$lines" || true); fi
{
    echo "exit-code=$code"
    echo "findings=$findings"
    if [ -f "$sarif" ]; then echo "sarif-file=$sarif"; fi
    echo "annotations-file=$annotations"
} >>"${GITHUB_OUTPUT:-/dev/null}"

# The verdict is the action's last step: the report is uploaded first.
exit 0
