#!/usr/bin/env bash
# Train in sessions of limited time, each of which continues the last one, for machines that are lent.
#
#   examples/train_in_sessions.sh OUT MINUTES ARGUMENTS...
#
# ARGUMENTS are those of `goengine train`; only the first session uses them. The same command continues the run. Once it
# is complete, OUT/model exists and the command does nothing. A session needs only OUT and the tables. The environment
# variable PYTHON sets the interpreter.
set -euo pipefail
out=$1 minutes=$2
shift 2
if [ -e "$out/model/config.json" ]; then # the last file of a model to be written
    echo "$out/model: complete"
elif [ -e "$out/checkpoint.pt" ]; then
    exec "${PYTHON:-python3}" -m goengine train --resume "$out" --out "$out" --max-minutes "$minutes"
else
    exec "${PYTHON:-python3}" -m goengine train "$@" --out "$out" --max-minutes "$minutes"
fi
