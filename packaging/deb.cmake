# CPack's configuration for the Debian packages. scripts/package.sh sets what differs: files, version,
# architecture and contact.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mock-capgo)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "mock server for Capgo's API-key service")
set(CPACK_PACKAGE_DESCRIPTION
    "Stands in for Capgo's API-key service in tests and local development.
It responds as documented, fails on demand, and explains every rejection.")
set(CPACK_PACKAGE_FILE_NAME mock-capgo)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
