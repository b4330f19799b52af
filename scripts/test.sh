#!/usr/bin/env bash
# Builds mock-capgo with the address and undefined-behavior sanitizers, and runs all tests.
#
#   scripts/test.sh [ctest's arguments]      for example: scripts/test.sh -R unit
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install_packages.sh build test
cmake --preset dev
cmake --build --preset dev
ctest --preset dev --no-tests=error "$@"
