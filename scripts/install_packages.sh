#!/usr/bin/env bash
# Installs the missing packages of some groups: Debian packages into the system, npm packages into
# build/npm. All output goes to stderr.
#
#   scripts/install_packages.sh GROUP...     the groups of scripts/packages.txt
set -euo pipefail
exec </dev/null >&2

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
npm_folder="$root/build/npm"

# The packages of a group, one per line.
packages_of() {
  awk -v group="$1" '!/^#/ && ("," $2 ",") ~ ("," group ",") { print $1 }' \
    "$root/scripts/packages.txt"
}

# The installed packages. Node.js and npm may come from elsewhere, because many machines have newer ones.
installed() {
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'
  if command -v node >/dev/null; then echo nodejs; fi
  if command -v npm >/dev/null; then echo npm; fi
}

# install_debian PACKAGE...: installs the missing ones.
install_debian() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system, so nothing is installed. Needed (Debian names): $*"
    return
  fi
  local missing as_root=() tool
  missing=$(printf '%s\n' "$@" | { grep -vxF -e "$(installed)" || true; } | xargs)
  if [[ -z $missing ]]; then return; fi

  if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
  for tool in apt-get "${as_root[@]}"; do
    if ! command -v "$tool" >/dev/null; then
      echo "install_packages.sh: $tool is missing; please install: $missing"
      return 1
    fi
  done

  echo "installing packages (once): $missing"
  local apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=120)
  "${apt_get[@]}" update || echo "apt-get update failed; continuing with the existing package lists"
  # shellcheck disable=SC2086 # one word per package
  "${apt_get[@]}" install -y --no-install-recommends $missing >/dev/null
}

# has_npm NAME@VERSION: whether build/npm has it in that version.
has_npm() {
  grep -qsF "\"version\": \"${1##*@}\"" "$npm_folder/node_modules/${1%@*}/package.json"
}

# install_npm NAME@VERSION...: if one is missing, installs those of all groups, because npm removes the
# others.
install_npm() {
  local package all
  for package in "$@"; do
    if ! has_npm "$package"; then
      all=$(awk '/^npm:/ && $2 != "registry" { print substr($1, 5) }' "$root/scripts/packages.txt" | xargs)
      echo "installing npm packages into build/npm (once): $all"
      mkdir -p "$npm_folder"
      # verdaccio depends on a tag of node-fetch, which mirrors of the registry may lack; the checker of
      # types cannot read packages with newer fflate.
      echo '{"private": true, "overrides": {"node-fetch": "^2.6.7", "fflate": "0.8.2"}}' \
        >"$npm_folder/package.json"
      # shellcheck disable=SC2086 # one word per package
      npm install --prefix "$npm_folder" --no-save --no-package-lock --no-audit --no-fund \
        --ignore-scripts --loglevel=error $all
      return
    fi
  done
}

if [[ $# -eq 0 ]]; then
  echo "usage: scripts/install_packages.sh GROUP... (build, test, check, bench, static, package)"
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
# Names have no spaces or wildcards; the old bash of macOS has no better way to split them.
# shellcheck disable=SC2046
install_debian $(sort -u <<<"$wanted" | sed -e '/^npm:/d' -e '/^$/d')
# shellcheck disable=SC2046
install_npm $(sort -u <<<"$wanted" | sed -n 's/^npm://p')
