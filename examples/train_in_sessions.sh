#!/usr/bin/env bash
# Train in sessions of limited time, each going on where the last one stopped, for machines that are lent.
#
#   examples/train_in_sessions.sh OUT MINUTES ARGUMENTS...
#
# ARGUMENTS are those of `goengine train`, and count in the first session. The same command again goes on; once the run
# is complete OUT/model is there, and the command does nothing. OUT is all that a session leaves and the next one needs,
# with the tables. PYTHON: the interpreter.
set -euo pipefail
out=$1 minutes=$2
shift 2
if [ -e "$out/model/config.json" ]; then # what is written of a model last
    echo "$out/model: complete"
elif [ -e "$out/checkpoint.pt" ]; then
    exec "${PYTHON:-python3}" -m goengine train --resume "$out" --out "$out" --max-minutes "$minutes"
else
    exec "${PYTHON:-python3}" -m goengine train "$@" --out "$out" --max-minutes "$minutes"
fi
