#!/usr/bin/env bash
# Makes the packages of a release in dist/, for Linux on x64 and arm64: tar.gz, Debian and npm packages,
# SPDX files that list the libraries in them, and checksums.
#
# The same commit and the same Debian packages result in the same bytes.
#
#   scripts/package.sh
set -euo pipefail
exec </dev/null

if [[ $# -ne 0 ]]; then
  echo "usage: scripts/package.sh (no arguments)" >&2
  exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install_packages.sh static package
umask 022
export LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
version=$(sed -n 's/^project(mock-capgo VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)

# make_archive DIRECTORY: the directory as a tar.gz.
make_archive() {
  tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --directory="$(dirname "$1")" "$(basename "$1")" | gzip --no-name --best
}

# make_deb ARCHITECTURE DIRECTORY: makes a Debian package of the files of an archive, which it moves to
# the places that Debian prescribes.
make_deb() {
  local share=$2/share
  local doc=$share/doc/mock-capgo
  cat "$doc/LICENSE" "$doc/THIRD_PARTY_NOTICES.md" "$doc"/licenses/*-dev*.txt \
    "$doc/licenses/cpp-httplib.txt" >"$doc/copyright"
  rm -r "$doc/LICENSE" "$doc/THIRD_PARTY_NOTICES.md" "$doc/licenses"
  gzip --no-name --best <CHANGELOG.md >"$doc/changelog.gz"
  if [[ -d $share/zsh ]]; then mv "$share/zsh/site-functions" "$share/zsh/vendor-completions"; fi
  cpack --config packaging/deb.cmake -B "$PWD/dist" -R "$version" \
    -D CPACK_INSTALLED_DIRECTORIES="$2;/usr" -D CPACK_DEBIAN_PACKAGE_ARCHITECTURE="$1" \
    -D CPACK_PACKAGE_CONTACT="$(git log -1 --format='%an <%ae>')"
  rm -r dist/_CPack_Packages
}

# package ARCHITECTURE PLATFORM [RUNNER]: makes all files for Debian's ARCHITECTURE.
package() {
  local name=mock-capgo-$version-linux-$2
  local build=build/static-$1 stage=$PWD/build/package-$1
  scripts/static_build.sh "$1"
  scripts/check_hardening "$build/mock-capgo"
  scripts/smoke_test.sh "$build/mock-capgo" "${@:3}"
  rm -rf "$stage"
  cmake --install "$build" --prefix "$stage/$name" >/dev/null
  scripts/write_spdx "$build" "$name" "dist/$name.spdx.json" \
    "$stage/$name/share/doc/mock-capgo/licenses"
  make_archive "$stage/$name" >"dist/$name.tar.gz"
  make_deb "$1" "$stage/$name"
}

rm -rf dist
mkdir dist
package amd64 x64
package arm64 arm64 "$(command -v qemu-aarch64-static)"
node npm/build.mjs dist build/static-amd64/mock-capgo linux-arm64=build/static-arm64/mock-capgo
(cd dist && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
