#!/usr/bin/env bash
# Compares mock-capgo with other servers. Installs missing packages, and builds the release, and the
# static executables that scripts/static_build.sh has built before, unless MOCK_CAPGO names the program
# to measure.
#
#   scripts/bench.sh [--quick] [--only MEASURE]...      see --help
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The benchmark and each server open about 1,000 connections.
limit=$(ulimit -n)
if [[ $limit != unlimited && $limit -lt 4096 ]] && ! ulimit -n 4096 2>/dev/null; then
  echo "bench.sh: the limit of open files is $limit; raise it to 4096 (ulimit -n 4096)" >&2
  exit 1
fi

"$root/scripts/install_packages.sh" build bench
if [[ -z ${MOCK_CAPGO:-} && ! " $* " =~ \ (-h|--help)\  ]]; then
  (cd "$root" && cmake --preset release && cmake --build --preset release) >&2
  for build in "$root"/build/static-*; do
    if [[ -e $build/CMakeCache.txt ]]; then cmake --build "$build" >&2; fi
  done
elif [[ -n ${MOCK_CAPGO:-} && ! -x $MOCK_CAPGO ]]; then
  echo "bench.sh: MOCK_CAPGO is not a program: $MOCK_CAPGO; correct it or unset it" >&2
  exit 2
fi
exec node "$root/bench/bench.mjs" "$@"
