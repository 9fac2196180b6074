#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: runs each fuzz target (all of them if none is named) for so long,
# two at a time. The first finding ends a target; its input is kept below target/fuzz/found. With
# FUZZ_SEED and FUZZ_RUNS a run repeats the one before as far as libFuzzer can, for a check that
# must not fail by chance.
# Needs a C++ compiler for libFuzzer; Rust's stable compiler does the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
[ $# -gt 0 ] || set -- frame rest rule config master
folder=${CARGO_TARGET_DIR:-target}
RUSTC_WORKSPACE_WRAPPER=$PWD/.ci/sancov.sh cargo build --locked --quiet --release --features fuzz --bin fuzz
work=$folder/fuzz
mkdir -p "$work/found"
rm -rf "$work/seeds"
FUZZ_SEEDS=$work/seeds "$folder/release/fuzz" 2>/dev/null

one() {
  target=$1
  mkdir -p "$work/corpus/$target"
  words=()
  [ -f "$work/seeds/$target.dict" ] && words=("-dict=$work/seeds/$target.dict")
  # The configuration's edits write files: in memory where there is such a folder.
  scratch=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo /tmp)")
  code=0
  FUZZ_TARGET=$target TMPDIR=$scratch "$folder/release/fuzz" "-max_total_time=$seconds" "-seed=${FUZZ_SEED:-0}" "-runs=${FUZZ_RUNS:--1}" -timeout=10 \
    -rss_limit_mb=1024 -max_len=16384 -print_final_stats=1 "${words[@]}" \
    "-artifact_prefix=$work/found/$target-" "$work/corpus/$target" "$work/seeds/$target" \
    >"$work/$target.log" 2>&1 || code=$?
  rm -rf "$scratch"
  if [ "$code" != 0 ]; then
    tail -n 40 "$work/$target.log"
    echo "fuzz: $target: a finding"
    return 1
  fi
  echo "fuzz: $target: $(grep -o 'number_of_executed_units: .*' "$work/$target.log")," \
    "$(grep -o 'cov: [0-9]*' "$work/$target.log" | tail -n 1)"
}
export -f one
export work folder seconds
printf '%s\n' "$@" | xargs -P 2 -I{} bash -c 'set -eu; one {}'
