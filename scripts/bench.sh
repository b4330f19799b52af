#!/usr/bin/env bash
# Measures mock-capgo beside other servers. Installs the packages that are missing and builds the
# release, unless MOCK_CAPGO names a program to measure.
#
#   scripts/bench.sh [--quick] [--only MEASURE]...      --help tells all
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The benchmark holds some 1,000 connections, and so does each server.
limit=$(ulimit -n)
if [[ $limit != unlimited && $limit -lt 4096 ]] && ! ulimit -n 4096 2>/dev/null; then
  echo "bench.sh: only $limit open files are allowed here; it needs 4096 (ulimit -n)" >&2
  exit 1
fi

"$root/scripts/install_packages.sh" build bench
if [[ -z ${MOCK_CAPGO:-} && ! " $* " =~ \ (-h|--help)\  ]]; then
  (cd "$root" && cmake --preset release && cmake --build --preset release) >&2
elif [[ -n ${MOCK_CAPGO:-} && ! -x $MOCK_CAPGO ]]; then
  echo "bench.sh: there is no program $MOCK_CAPGO; mend MOCK_CAPGO or unset it" >&2
  exit 2
fi
exec node "$root/bench/bench.mjs" "$@"
