#!/usr/bin/env bash
# Fuzzes every target of tests/fuzz/ for a while, one after the other, and says what was found. Inputs
# that fail are left in build/fuzz/findings/: mend the fault, and move the input to the target's folder
# below tests/fuzz/corpus/, where the unit tests run it.
#
#   scripts/fuzz.sh [SECONDS] [TARGET...]     SECONDS for each target, 60 by default
set -euo pipefail

seconds=${1:-60}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install_packages.sh build test check
cmake --preset fuzz
cmake --build --preset fuzz

failed=()
targets=("${@:2}")
[[ ${#targets[@]} -ne 0 ]] || mapfile -t targets < <(ls tests/fuzz/corpus)
for target in "${targets[@]}"; do
  found=build/fuzz/findings/$target
  inputs=build/fuzz/inputs/$target
  mkdir -p "$found" "$inputs"
  ln -sf fuzz "build/fuzz/fuzz-$target"
  echo "== $target"
  # Fixtures and scenarios are good inputs to begin with.
  "build/fuzz/fuzz-$target" "$inputs" "tests/fuzz/corpus/$target" fixtures scenarios \
    -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=4096 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$found/" 2>&1 | tail -n 25 || failed+=("$target")
done
if [[ ${#failed[@]} -ne 0 ]]; then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
echo "nothing was found"
