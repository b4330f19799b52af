#!/usr/bin/env bash
# Runs all checks except the tests: formatting, warnings, bugs and names, layers, sizes, scripts and
# packages. Every check runs, even if an earlier one fails; the exit code is 1 if any failed.
#
#   scripts/check.sh
set -euo pipefail

if [[ $# -ne 0 ]]; then
  echo "usage: scripts/check.sh (no arguments)" >&2
  exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install_packages.sh build test check

failed=()
# check TITLE COMMAND...: runs a check, and records a failure.
check() {
  printf '\n== %s\n' "$1"
  local begin=$SECONDS
  if "${@:2}" 2>&1; then
    echo "ok, $((SECONDS - begin)) s"
  else
    echo "FAILED, $((SECONDS - begin)) s"
    failed+=("$1")
  fi
}

# sources EXTENSION...: the source files with these extensions, separated by zero bytes.
sources() {
  local pattern
  pattern=$(IFS='|' && echo "$*")
  find src tests bench -regextype posix-extended -type f -regex ".*\.($pattern)" -print0
}

formatting() {
  sources cc h | xargs -0 clang-format --dry-run --Werror --ferror-limit=1
}

# inline_sources JOINED: replaces the includes of a joined file by the files, because Clang's analyzer
# skips included files.
inline_sources() {
  awk -F'"' '
    !/^#include ".*\.cc"$/ { print; next }
    { print "// " $2; while ((getline line < $2) > 0) print line }' "$1" >"$1.inlined"
  mv "$1.inlined" "$1"
}

# restore_names: replaces joined files in messages by the original file of src/.
restore_names() {
  awk -F: '
    $1 ~ /_cxx\.cxx$/ && $2 ~ /^[0-9]+$/ {
      begin = 0
      for (i = 1; i < $2 && (getline line < $1) > 0; i++)
        if (line ~ /^\/\/ .*\/src\/.*\.cc$/) { begin = i; file = substr(line, 4) }
      close($1)
      if (begin) sub(/^[^:]*:[0-9]+/, file ":" $2 - begin)
    }
    { print }'
}

# tidy [ARGUMENT]...: runs clang-tidy on the files listed on standard input, separated by zero bytes.
tidy() {
  xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p build/clang "$@" 2>&1 |
    sed '/^[0-9]* warning.* generated\.$/d' | restore_names
}

# clang-tidy also reports Clang's warnings, such as those of -Wthread-safety, so nothing is compiled.
# Files are checked joined, because most of the time is spent on headers. Tests do not get the slow
# checks.
clang_tidy() {
  local failures=0 joined
  rm -rf build/clang/CMakeFiles/core.dir/Unity
  cmake -G Ninja -B build/clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
    -DMOCK_CAPGO_STRICT=ON -DMOCK_CAPGO_TESTS=ON -DMOCK_CAPGO_UNITY=ON \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  cmake --build build/clang --target embedded_files.cc >/dev/null
  for joined in build/clang/CMakeFiles/core.dir/Unity/*.cxx; do inline_sources "$joined"; done
  find build/clang/CMakeFiles/core.dir/Unity src/app/main.cc src/transport/codec.cc \
    src/base/sha256.cc -name '*.c*' -print0 | tidy || failures=1
  find build/clang/CMakeFiles/mock-capgo-tests.dir/Unity tests/main_test.cc -name '*.c*' -print0 |
    tidy --checks='-clang-analyzer-*,-bugprone-*,-performance-*' || failures=1
  return "$failures"
}

short_files() {
  sources cc h mjs | xargs -0 awk '
    FNR == 401 { print FILENAME ": more than 400 lines; split it"; found = 1 }
    END { exit found }'
}

shell_scripts() {
  grep -rlZE '^#(!.*\b(ba)?sh| shellcheck shell=bash)$' scripts .ci completions | xargs -0 shellcheck
}

check "formatting (to correct it: clang-format -i FILE)" formatting
check "warnings, locks, bugs, names and long functions (clang-tidy)" clang_tidy
check "layers and third-party headers (scripts/check_layers)" scripts/check_layers
check "no file over 400 lines" short_files
check "scripts (shellcheck)" shell_scripts
check "packages (scripts/check_packages)" scripts/check_packages

echo
if [[ ${#failed[@]} -ne 0 ]]; then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
echo "all checks passed"
