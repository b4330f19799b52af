#!/usr/bin/env bash
# Installs the Debian packages of the groups named that are missing. All output goes to stderr.
#
#   scripts/install_packages.sh GROUP...     the groups are those of scripts/packages.txt
set -euo pipefail
exec </dev/null >&2

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"

# The packages of one group, one a line.
packages_of() {
  awk -v group="$1" '!/^#/ && ("," $2 ",") ~ ("," group ",") { print $1 }' "$list"
}

# The packages dpkg has. Node is good from anywhere: many machines have a newer one.
installed() {
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'
  if command -v node >/dev/null; then echo nodejs; fi
}

if [[ $# -eq 0 ]]; then
  echo "usage: scripts/install_packages.sh GROUP... (build, test, check)"
  exit 2
fi
wanted=""
for group in "$@"; do
  packages=$(packages_of "$group")
  if [[ -z $packages ]]; then
    echo "install_packages.sh: scripts/packages.txt has no group \"$group\""
    exit 2
  fi
  wanted+="$packages"$'\n'
done

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian system; going on with what is here. Needed (names as in Debian):"
  echo "$wanted" | xargs
  exit 0
fi
missing=$({ grep -vxF -e "$(installed)" <<<"$wanted" || true; } | sort -u | xargs)
if [[ -z $missing ]]; then exit 0; fi

root=()
if [[ $EUID -ne 0 ]]; then root=(sudo); fi
for tool in apt-get "${root[@]}"; do
  if ! command -v "$tool" >/dev/null; then
    echo "install_packages.sh: no $tool here to install packages with; please install: $missing"
    exit 1
  fi
done

echo "installing packages (once): $missing"
apt_get=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
"${apt_get[@]}" update || echo "apt-get update failed; going on with the lists that are here"
# shellcheck disable=SC2086 # one word a package
"${apt_get[@]}" install -y --no-install-recommends $missing >/dev/null
