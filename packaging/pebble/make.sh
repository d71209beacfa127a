#!/usr/bin/env bash
# Runs everything from text to model card, at background priority; continues where it stopped.
#
#     OPEN=../text SPEECH=../speech bash packaging/pebble/make.sh
#
# WORK    working files (build/pebble)
# PYTHON  a Python with the packages in README.md; APP one with Mica, for the last steps
# Paths are absolute or relative to the root of the repository.
#
# OPEN    folder of open text; LEAVE_OUT: sources not to train on (licenses),
#         HELD_OUT: sources to measure with
# SPEECH  folder of recordings of people, or empty; LEAVE_OUT_SPEECH as above
# START   folder with the weights to start from; empty to start from scratch
# COUNT   training sentences to speak; a larger number later adds to them
# A finished step has a file in $WORK/done; remove it to run the step again.
set -euo pipefail
cd "$(dirname "$0")/../.."
WORK=${WORK:-build/pebble}
PYTHON=${PYTHON:-python3}
APP=${APP:-.venv/bin/python}
OPEN=${OPEN:?a folder of open text}
LEAVE_OUT=${LEAVE_OUT:-topicalchat gnomehelp schemaguided}
HELD_OUT=${HELD_OUT:-email mimic chatterbot lower-hwu64}
SPEECH=${SPEECH:-}
LEAVE_OUT_SPEECH=${LEAVE_OUT_SPEECH:-asterisk}
START=${START-resources/models/pebble}
COUNT=${COUNT:-36000}
HOURS=${HOURS:-24}
FOLDER=${FOLDER:-$WORK/pebble}
ENCODER_STEPS=${ENCODER_STEPS:-12000}
LANGUAGE_STEPS=${LANGUAGE_STEPS:-0}
COPY_STEPS=${COPY_STEPS:-3000}
PROJECT_STEPS=${PROJECT_STEPS:-1500}
JOINT_STEPS=${JOINT_STEPS:-12000}
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive MALLOC_MMAP_MAX_=0
mkdir -p "$WORK/done" "$WORK/log"

# step NAME COMMAND...: runs a command once, with its output in a log of its own.
step() {
  local name=$1
  shift
  [ -e "$WORK/done/$name" ] && return
  echo "$(date '+%F %T') $name"
  nice -n 19 "$@" >>"$WORK/log/$name.log" 2>&1
  touch "$WORK/done/$name"
}

# Two processes with one thread each are faster than one process with two.
train() {
  "$PYTHON" -m torch.distributed.run --nproc_per_node 2 \
    "packaging/pebble/$1" --work "$WORK" --threads 1 "${@:2}"
}
run() { "$PYTHON" "packaging/pebble/$1" --work "$WORK" "${@:2}"; }
export -f train run
export WORK PYTHON
openblas=$(ls /usr/lib/*/openblas-pthread/libopenblas.so.0 2>/dev/null || true)

# shellcheck disable=SC2086  # lists of names
step text bash -c 'run "$@"' _ text.py --open "$OPEN" --leave-out $LEAVE_OUT \
  --held-out $HELD_OUT
for set in dev espeak-dev other-dev; do
  step "speak-$set" bash -c 'run "$@"' _ speak.py --set "$set"
done
# shellcheck disable=SC2086  # a list
[ -z "$SPEECH" ] || step people bash -c 'run "$@"' _ people.py --speech "$SPEECH" \
  --leave-out $LEAVE_OUT_SPEECH
step "speak-$COUNT" bash -c 'run "$@"' _ speak.py --set train --count "$COUNT"
[ -z "$START" ] || step weights bash -c 'run "$@"' _ weights.py --model "$START"
[ "$LANGUAGE_STEPS" = 0 ] || step language bash -c 'train "$@"' _ train_decoder.py \
  --stage language --steps "$LANGUAGE_STEPS"
step copy bash -c 'train "$@"' _ train_decoder.py --stage copy --steps "$COPY_STEPS"

# From here on, everything is repeated whenever the number of encoder steps grows.
encoded=$ENCODER_STEPS-$HOURS
joint=$encoded-$JOINT_STEPS
step "encoder-$ENCODER_STEPS" bash -c 'train "$@"' _ train_encoder.py \
  --steps "$ENCODER_STEPS" --rate 1e-3
step "clear-$encoded" rm -rf "$WORK/heard"
step "encode-$encoded" bash -c 'run "$@"' _ encode_speech.py --hours "$HOURS"
step "project-$encoded" bash -c 'train "$@"' _ train_decoder.py --stage project \
  --steps "$PROJECT_STEPS"
step "joint-$joint" bash -c 'train "$@"' _ train_decoder.py --stage joint \
  --steps "$JOINT_STEPS"
step "export-$joint" bash -c 'run "$@"' _ export.py --original "$WORK/original"
# shellcheck disable=SC2016  # the inner shell's
step "convert-$joint" bash -c 'rm -rf "$2" && "$0" -m mica models convert "$1" "$2" \
  --bits 8' "$APP" "$WORK/original" "$FOLDER"
step "evaluate-$joint" env LD_PRELOAD="$openblas" OPENBLAS_NUM_THREADS=1 "$APP" \
  packaging/pebble/evaluate.py --work "$WORK" --model "$FOLDER"
# shellcheck disable=SC2016  # the inner shell's
step "card-$joint" bash -c 'cp "$WORK/evaluation.json" "$1" && "$0" \
  packaging/pebble/card.py --model "$1" --work "$WORK"' "$APP" "$FOLDER"
