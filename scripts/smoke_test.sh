#!/usr/bin/env bash
# Tests a static executable in a root directory that has no other file: no library, no /etc, no /proc.
#
#   scripts/smoke_test.sh EXECUTABLE [EMULATOR]     such as qemu-aarch64-static, a static one too
set -euo pipefail

program=${1:?which executable to test}
emulator=${2:-}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$program" "$root/mock-capgo"
inside=(/mock-capgo)
if [[ -n $emulator ]]; then
  cp "$emulator" "$root/emulator"
  inside=(/emulator /mock-capgo)
fi
enter=(chroot "$root")
if [[ $EUID -ne 0 ]]; then enter=(unshare --user --map-root-user chroot "$root"); fi

fail() {
  echo "$program: in an empty root directory, $1"
  exit 1
}

# start ARGUMENT...: starts a server, and sets $url.
start() {
  local ready
  coproc server { exec "${enter[@]}" "${inside[@]}" --port 0 --log none "$@"; }
  # shellcheck disable=SC2154 # coproc sets it
  pid=$server_PID
  read -r -t 60 ready <&"${server[0]}" || fail "it does not start with $*"
  url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' <<<"$ready")
}

# stop: stops it cleanly.
stop() {
  kill "$pid"
  wait "$pid" || fail "it stops with exit code $?"
}

# expect PATTERN COMMAND...: runs a command, and looks for the pattern in its output.
expect() {
  local output
  output=$("${@:2}" 2>&1) || true
  grep -qE "$1" <<<"$output" || fail "the output of \"${*:2}\" does not match $1: $output"
}

expect '^mock-capgo [0-9.]+$' "${enter[@]}" "${inside[@]}" --version

# There is no /etc/hosts to look up "localhost", and no name server.
start --host localhost --storage sqlite:/keys.db
call=(curl --silent --max-time 60 --header "authorization: ak_demo")
expect '"key":"ak_demo"' "${call[@]}" "$url/apikey/"
expect '"apikey":\{"id":4' "${call[@]}" --data '{"name":"Nightly","mode":"upload"}' "$url/apikey/"
expect '^ok' "${enter[@]}" "${inside[@]}" health --url "$url"
stop
start --host 127.0.0.1 --storage sqlite:/keys.db
expect '"name":"Nightly"' "${call[@]}" "$url/apikey/"
stop

# A source of host names that crashes. Those of other versions of glibc do.
if [[ -z $emulator ]]; then
  mkdir -p "$root/etc" "$root/lib"
  echo "hosts: broken" >"$root/etc/nsswitch.conf"
  g++ -shared -nostdlib -o "$root/lib/libnss_broken.so.2" -x c++ - <<<'
    __attribute__((constructor)) void crash() { __builtin_trap(); }'
  expect 'cannot listen on no-such-host' "${enter[@]}" "${inside[@]}" --host no-such-host
fi

start --scenario rate-limited
expect '"status":"KO"|Too many' "${call[@]}" "$url/apikey/"
stop
expect '^mock-capgo [0-9.]+$' "${enter[@]}" "${inside[@]}" exec -- "${inside[@]}" --version
