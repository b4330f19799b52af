#!/usr/bin/env bash
# Checks all but what the tests check: layout, warnings, bugs and names, layers, sizes, scripts and
# packages. Every check runs, whatever the ones before it say; the exit code is 1 if any failed.
#
#   scripts/check.sh
set -euo pipefail

if [[ $# -ne 0 ]]; then
  echo "usage: scripts/check.sh (it takes no arguments)" >&2
  exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install_packages.sh build test check

failed=()
# check TITLE COMMAND...: runs a check and remembers it if it fails.
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

# sources EXTENSION...: the files of src and tests with these extensions, each ended by a zero byte.
sources() {
  local pattern
  pattern=$(IFS='|' && echo "$*")
  find src tests bench -regextype posix-extended -type f -regex ".*\.($pattern)" -print0
}

layout() {
  sources cc h | xargs -0 clang-format --dry-run --Werror --ferror-limit=1
}

# paste JOINED: puts the files that a joined file includes in the place of their includes, for Clang's
# analyzer skips what is included.
paste() {
  awk -F'"' '
    !/^#include ".*\.cc"$/ { print; next }
    { print "// " $2; while ((getline line < $2) > 0) print line }' "$1" >"$1.pasted"
  mv "$1.pasted" "$1"
}

# name_origin: names the file of src/ where a message names the joined file that it was pasted into.
name_origin() {
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

# tidy [clang-tidy's arguments]: runs it on the files named on standard input, each with a zero byte.
tidy() {
  xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p build/clang "$@" 2>&1 |
    sed '/^[0-9]* warning.* generated\.$/d' | name_origin
}

# Clang's own warnings are among what clang-tidy reports, so no object file is built: among them,
# which lock guards what, which only clang checks. Most of the time goes into headers, so files are
# checked as they are joined. Tests are spared what takes long and finds least in them.
clang_tidy() {
  local failures=0 joined
  rm -rf build/clang/CMakeFiles/core.dir/Unity
  cmake -G Ninja -B build/clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
    -DMOCK_CAPGO_STRICT=ON -DMOCK_CAPGO_TESTS=ON -DMOCK_CAPGO_UNITY=ON \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  cmake --build build/clang --target embedded_files.cc >/dev/null
  for joined in build/clang/CMakeFiles/core.dir/Unity/*.cxx; do paste "$joined"; done
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
  grep -rlZE '^#!.*\b(ba)?sh$' scripts .ci | xargs -0 shellcheck
}

check "layout (to mend it: clang-format -i FILE)" layout
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
echo "all checks are ok"
