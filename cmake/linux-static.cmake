# Toolchain file of the presets static-amd64 and static-arm64: static executables for Linux, from the
# compiler for MOCK_CAPGO_TRIPLE and the libraries that scripts/static_build.sh unpacks into build/sysroot.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MOCK_CAPGO_TRIPLE)
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR ${MOCK_CAPGO_TRIPLE})
set(CMAKE_CXX_COMPILER ${MOCK_CAPGO_TRIPLE}-g++)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)
set(sysroot ${root}/build/sysroot/${MOCK_CAPGO_TRIPLE})
set(CMAKE_FIND_ROOT_PATH ${sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES ${sysroot}/usr/include
                                           ${sysroot}/usr/include/${MOCK_CAPGO_TRIPLE})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${sysroot})
set(ENV{PKG_CONFIG_LIBDIR} ${sysroot}/usr/lib/${MOCK_CAPGO_TRIPLE}/pkgconfig)

# The same bytes in every directory, and without unused functions.
set(CMAKE_CXX_FLAGS_INIT "-ffile-prefix-map=${root}=. -ffunction-sections -fdata-sections")
# static-pie starts 0.1 ms later than static, but the system can choose its addresses at random.
# The linker warns that three functions may load libraries at run time:
# - getaddrinfo (libuv), if /etc/nsswitch.conf names other sources of host names than "files" and "dns",
#   which are linked in. src/app/main.cc prevents it.
# - getpwuid_r (libuv) and dlopen (SQLite's extensions), which are never called.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static-pie -s -Wl,--gc-sections -Wl,-Map=mock-capgo.map")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  # Saves 180 kB. For other processors, Debian 12's linker cannot do it.
  string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -Wl,-z,pack-relative-relocs")
endif()
