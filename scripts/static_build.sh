#!/usr/bin/env bash
# Builds a static executable for Linux: build/static-ARCHITECTURE/mock-capgo.
#
# Its libraries come from Debian packages, which are unpacked into build/sysroot and not installed. For
# newer versions of them, delete that directory.
#
#   scripts/static_build.sh amd64|arm64 [CMake's arguments]
set -euo pipefail
exec </dev/null >&2

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
architecture=${1:-}
case $architecture in
  amd64) triple=x86_64-linux-gnu ;;
  arm64) triple=aarch64-linux-gnu ;;
  *)
    echo "usage: scripts/static_build.sh amd64|arm64 [CMake's arguments]"
    exit 2
    ;;
esac
sysroot=$root/build/sysroot/$triple
scripts/install_packages.sh static
# On a machine of another architecture, this has the compiler.
if ! command -v "$triple-g++" >/dev/null; then scripts/install_packages.sh package; fi

apt=$root/build/sysroot/apt

# Makes lists of packages apart from the system's, for this architecture and with sources. They come from
# where the system's packages of this release of Debian come from.
update_lists() {
  mkdir -p "$apt/lists/partial" "$apt/cache"
  touch "$apt/status"
  # shellcheck disable=SC2016 # apt-get replaces these variables.
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    grep " $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" | sort -u |
    sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |; p; s|^deb|deb-src|' \
      >"$apt/sources.list" || {
    echo "static_build.sh: there are no lists of packages; run apt-get update as root"
    exit 1
  }
  apt_get update
}

# apt_get ARGUMENT...: apt-get with these lists.
apt_get() {
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
    -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

# Unpacks the libraries into $sysroot. Debian has only a shared library of cpp-httplib, with TLS and
# compression; its source has one header, which needs neither.
unpack_libraries() {
  local package packages include=$sysroot/usr/include
  packages=$(awk '!/^#/ && ("," $2 ",") ~ /,sysroot,/ { print $1 }' scripts/packages.txt)
  rm -rf "$sysroot"
  mkdir -p "$sysroot/packages"
  cd "$sysroot/packages"
  update_lists
  # shellcheck disable=SC2086 # one word per package
  apt_get download $packages
  for package in *.deb; do dpkg-deb --extract "$package" "$sysroot"; done
  # What is left to find are the static libraries.
  find "$sysroot" -name '*.so' -delete
  ln -sf libuv-static.pc "$sysroot/usr/lib/$triple/pkgconfig/libuv.pc"

  apt_get source --download-only cpp-httplib
  dpkg-source --no-check --extract cpp-httplib_*.dsc cpp-httplib
  cp cpp-httplib/httplib.h "$include"
  cat >"$sysroot/usr/lib/$triple/pkgconfig/cpp-httplib.pc" <<EOF
Name: cpp-httplib
Description: the header, without TLS and compression
Version: $(sed -n 's/^#define CPPHTTPLIB_VERSION "\(.*\)"/\1/p' "$include/httplib.h")
Cflags: -I/usr/include
EOF
  cd "$root"
  touch "$sysroot/complete"
}

if [[ ! $sysroot/complete -nt scripts/packages.txt || ! $sysroot/complete -nt $0 ]]; then
  unpack_libraries
fi
cmake --preset "static-$architecture" --no-warn-unused-cli "${@:2}"
cmake --build --preset "static-$architecture"
