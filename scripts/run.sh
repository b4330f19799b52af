#!/usr/bin/env bash
# Runs mock-capgo. Before the first run, and when the sources have changed, it installs missing
# packages and builds. Messages of this script go to stderr; stdout is for the server only.
#
#   scripts/run.sh [mock-capgo's arguments]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
release="$root/build/release"
program="$release/mock-capgo"
# Its modification time is the start of the last successful build.
stamp="$release/sources_built"
log="$release/build.log"

is_current() {
  [[ -x $program && -e $stamp ]] || return 1
  local changed
  changed=$(cd "$root" && find src fixtures scenarios scripts/embed.cmake CMakeLists.txt \
    CMakePresets.json -newer "$stamp" -print -quit)
  [[ -z $changed ]]
}

compile() {
  cd "$root" && touch "$stamp.new" && cmake --preset release &&
    cmake --build --preset release && mv "$stamp.new" "$stamp"
}

# show_progress: reads the output of the build. On a terminal, shows ninja's progress, such as [3/21].
show_progress() {
  local line
  echo "building mock-capgo once, in about a minute ..."
  while IFS= read -r line; do
    if [[ -t 1 && $line =~ ^\[[0-9]+/[0-9]+\] ]]; then printf '\r%s' "${BASH_REMATCH[0]}"; fi
  done
  if [[ -t 1 ]]; then echo; fi
}

build() {
  "$root/scripts/install_packages.sh" build
  if ! (compile) </dev/null 2>&1 | tee "$log" | show_progress >&2; then
    tail -n 40 "$log" >&2
    echo "run.sh: the build failed; see $log" >&2
    return 1
  fi
}

if ! is_current; then
  mkdir -p "$release"
  (
    # A second, simultaneous run waits, and then has nothing to build.
    if command -v flock >/dev/null; then flock 9; fi
    is_current || build
  ) 9>"$release/lock"
fi
exec "$program" "$@"
