#!/bin/sh
# A wrapper of rustc for the project's own crates, cargo's RUSTC_WORKSPACE_WRAPPER: counters for
# libFuzzer, and the checks of a debug build, so that an overflow is a finding.
rustc=$1
shift
exec "$rustc" "$@" -Copt-level=1 -Cdebug-assertions=on -Coverflow-checks=on -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares
