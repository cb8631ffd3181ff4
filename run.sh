#!/usr/bin/env bash
# beambert's front door: sets up what a command needs, then runs it. `./run.sh help` shows the commands.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv="$root/.venv"

help() {
  cat <<TXT
beambert: from raw text to a trained BERT

  ./run.sh                     the same as ./run.sh demo [--output DIR] [--no-training]: everything once, on a small text
                               that ships with Python: vocabulary, sentences, instances, a tiny model, a task
  ./run.sh test [PYTEST ARGS]  set up and run every test
  ./run.sh test-transformers   compare exports with torch and transformers, in an environment of their own (9 GB)
  ./run.sh test engines        the jobs on Flink, Spark and Prism on this machine; needs Java, Maven and Go
  ./run.sh help                this page

  corpus jobs (add --help to any of them to see its settings)
  ./run.sh vocabulary  --input TEXT... --output DIR        learn a WordPiece vocabulary
  ./run.sh segment     --input RAW...  --output DIR        raw documents -> sentence shards
  ./run.sh instances   --input DIR     --output DIR        sentence shards -> pretraining instances
  ./run.sh corpus      --input RAW...  --output DIR        segment and instances in one launch
  ./run.sh embed       --input RAW...  --model DIR --output DIR    vectors of the texts of a corpus, as a job
  ./run.sh inspect     SHARD_OR_DIR... [--html PAGE]       look at instances, check them, see distributions
  ./run.sh config show JOB [--config FILE] [settings]      all settings of a job, and where each comes from, as TOML
  ./run.sh vocab lint  --vocab_file FILE [--text FILE...]  check a vocabulary
  ./run.sh vocab fetch --model_class NAME                 download a published vocabulary, checked by its SHA-256
  ./run.sh completion SHELL                                a script by which bash, zsh or fish completes beambert

  trainer (or train)
  ./run.sh trainer plan list                               the plans that come with the trainer
  ./run.sh trainer plan copy NAME FILE                     a plan in a file of yours, to edit
  ./run.sh trainer plan show NAME                          what a training plan will do
  ./run.sh trainer plan compile NAME --topology v5e-8      compile a plan for a machine that is not here: fit, traffic, speed
  ./run.sh trainer pretrain --plan NAME --data DIR... --output DIR
  ./run.sh trainer finetune --task TASK --model DIR --train FILE... --dev FILE --output DIR    learn a task
  ./run.sh trainer predict --model DIR --input FILE --output FILE     what a fine-tuned model says
  ./run.sh trainer distill --teacher DIR --data DIR... --plan NAME --output DIR    a smaller model learns from it
  ./run.sh trainer embed --model DIR --input TEXT --output FILE       vectors of texts, words or pieces
  ./run.sh trainer serve --model DIR [--port 8000]                    a model behind a port: vectors, labels, answers, gaps
  ./run.sh trainer score --predictions FILE [--gold FILE]  the scores of predictions: every average by name
  ./run.sh trainer compare --base DIR... --experiment DIR... [--paired]
                                                           is one kind of model better, over seeds and examples?
  ./run.sh trainer report RUN... [--html PAGE]              what runs did: figures, and a page with curves
  ./run.sh trainer export --run DIR --output DIR           a run's model as a Hugging Face folder or in other forms
  ./run.sh trainer fill_mask --model DIR "text with [MASK]"

Where the package is installed (pip install .), the command beambert does the same: beambert segment --help.
Nothing needs activating: the first command makes .venv and installs exact versions from requirements.lock; the
corpus jobs alone install no TensorFlow. Set PYTHON to choose another Python (3.11 or newer).
TXT
}

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

# A Python of 3.11 or newer: \$PYTHON if set, else the first of the usual names that is new enough.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python 3.11 or newer found; install one, or set PYTHON=/path/to/python3.11"
}

# setup EXTRAS: make .venv and install this checkout with EXTRAS ("" for the core), once per lock file and set.
setup() {
  local extras=$1 python stamp="$venv/.installed-${1:-core}" wanted
  local locks=("$root/requirements.lock")
  if [[ $extras == *transformers* ]]; then locks+=("$root/tests/transformers.lock"); fi
  wanted=$(cat "${locks[@]}" "$root/setup.py" | cksum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    echo "setting up $venv (once) ..." >&2
    "$python" -m venv "$venv" || fail "cannot make $venv with $python; on Debian install python3-venv"
  fi
  echo "installing ${extras:-the core} from requirements.lock (once; a few minutes) ..." >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "${locks[@]/#/--constraint=}" --editable "$root${extras:+[$extras]}" >&2 ||
    fail "installing failed; see the lines above (a package index must be reachable)"
  echo "$wanted" >"$stamp"
}

python() { "$venv/bin/python" "$@"; }

command=${1:-demo}
[ $# -gt 0 ] && shift
case "$command" in
  help | -h | --help) help ;;
  demo)
    setup trainer
    exec "$venv/bin/python" -P -m beam_jobs demo "$@"
    ;;
  test)
    setup test,garden
    cd "$root"
    python -m ruff check .
    python -m ruff format --check .
    python -m mypy
    [ "${1:-}" != engines ] || set -- -m engines tests/end_to_end/test_engines "${@:2}" # killed members of clusters too
    [ $# -gt 0 ] || set -- -n auto --dist loadfile # all tests: a process per core
    python -m pytest "$@"
    ;;
  test-transformers)
    venv="$root/.venv-transformers"
    setup test,trainer,transformers
    cd "$root"
    python -c "import sentence_transformers, sentencepiece, torch, transformers" # without them the tests would be skipped
    [ "${1:-}" != engines ] || set -- -m engines tests/end_to_end/test_engines "${@:2}" # killed members of clusters too
    [ $# -gt 0 ] || set -- tests/trainer/export/test_{transformers,golden_layouts}.py tests/trainer/export/finetuned tests/trainer/embeddings/test_transformers.py tests/vocab/test_basic_tokenizer.py
    python -m pytest "$@"
    ;;
  embed)
    setup trainer # whose model gives the vectors
    exec "$venv/bin/python" -P -m beam_jobs embed "$@"
    ;;
  train | trainer)
    if [ "${1:-}" = serve ]; then setup serve; else setup trainer; fi
    exec "$venv/bin/python" -P -m trainer "$@"
    ;;
  *)
    setup ""
    exec "$venv/bin/python" -P -m beam_jobs "$command" "$@"
    ;;
esac
