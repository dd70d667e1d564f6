#!/bin/sh
# Sets up the peers, writes the logs, and prints the comparison of whole programs as Markdown.
# With --scale: gonogo alone at 1, 10 and 50 million rows. Nothing is written into the repository.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=${TMPDIR:-/tmp}/gonogo-peers
rows=10000000
runs=5
gonogo=target/release/gonogo
mode=compare
extra=

usage() {
    cat <<TEXT
usage: run.sh [--work DIR] [--rows N] [--runs R] [--gonogo FILE] [--skip-gonogo] [--value] [--scale]
  --work DIR     where the virtual environment and the logs go (default: $work)
  --rows N       rows of the compared logs (default: $rows)
  --runs R       timed runs of each program (default: $runs)
  --gonogo FILE  the binary (default: $gonogo)
  --skip-gonogo  compare the peers alone
  --value        sum the amounts as well
  --scale        gonogo alone at 1, 10 and 50 million rows
PYTHON names the interpreter, 3.12 or newer (default: python3).
TEXT
}

while [ $# -gt 0 ]; do
    case $1 in
        --work) work=$2; shift ;;
        --rows) rows=$2; shift ;;
        --runs) runs=$2; shift ;;
        --gonogo) gonogo=$2; shift ;;
        --skip-gonogo | --value) extra="$extra $1" ;;
        --scale) mode=scale ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

export PYTHONDONTWRITEBYTECODE=1
python=$work/venv/bin/python

prepare() {
    mkdir -p "$work"
    [ -x "$python" ] || "${PYTHON:-python3}" -m venv "$work/venv"
    "$python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
}

# A log is written under a passing name first, so that an interrupted run leaves no half a log
# that the next run would take for a whole one.
log() {
    whole=$work/rows-$1.$2
    if [ ! -e "$whole" ]; then
        "$python" "$here/generate.py" "$work/unfinished.$2" --rows "$1" --format "$2"
        mv "$work/unfinished.$2" "$whole"
    fi
    echo "$whole"
}

compare() {
    for format in csv parquet; do
        # An assignment of its own, because only then does a failed generator stop the script.
        file=$(log "$rows" "$format")
        # shellcheck disable=SC2086 # the collected flags are separate words
        "$python" "$here/compare.py" "$file" --gonogo "$gonogo" --runs "$runs" $extra
    done
}

scale() {
    for format in csv parquet; do
        for length in 1000000 10000000 50000000; do
            file=$(log "$length" "$format")
            set -- "$@" "$file"
        done
    done
    "$python" "$here/scale.py" "$@" --gonogo "$gonogo" --runs "$runs"
}

prepare
$mode
