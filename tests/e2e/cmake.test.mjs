/** CMake finds libraries that have a CMake package, as Homebrew and vcpkg install them. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { newFolder, repository, run } from "./server.mjs";

const withoutPkgConfig = "-DPKG_CONFIG_EXECUTABLE=false";

/** Runs CMake's configuration in a new build folder. */
async function configure(t, ...options) {
  const build = newFolder(t);
  const result = await run("cmake", ["-G", "Ninja", "-S", repository, "-B", build, ...options]);
  return { build, ...result, stderr: result.stderr.replaceAll(/\s+/g, " ") };
}

/** Writes a CMake package of a header-only library. Returns its include folder. */
function writePackage(prefix, name, target) {
  const include = path.join(prefix, "include", name);
  mkdirSync(include, { recursive: true });
  const folder = path.join(prefix, "lib", "cmake", name);
  mkdirSync(folder, { recursive: true });
  const config = `add_library(${target} INTERFACE IMPORTED)
    target_include_directories(${target} INTERFACE "${include}")`;
  writeFileSync(path.join(folder, `${name}Config.cmake`), config);
  return include;
}

for (const uv of ["libuv::uv", "libuv::uv_a"]) {
  test(`CMake uses the packages httplib and ${uv}, without pkg-config`, async (t) => {
    const prefix = newFolder(t);
    const includes = [
      writePackage(prefix, "httplib", "httplib::httplib"),
      writePackage(prefix, "libuv", uv),
    ];
    const { build, code, stderr } = await configure(
      t,
      withoutPkgConfig,
      `-DCMAKE_PREFIX_PATH=${prefix}`,
      "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
    );
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const commands = JSON.parse(readFileSync(path.join(build, "compile_commands.json"), "utf8"));
    const { command } = commands.find(({ file }) => file.endsWith("src/transport/codec.cc"));
    for (const include of includes) assert.ok(command.includes(` -isystem ${include} `), command);
  });
}

test("if CMake finds a library neither way, it says what to install", async (t) => {
  const { code, stderr } = await configure(
    t,
    withoutPkgConfig,
    "-DCMAKE_DISABLE_FIND_PACKAGE_httplib=ON",
  );
  assert.notEqual(code, 0);
  const message =
    "cpp-httplib was not found, by its CMake package httplib or by pkg-config. " +
    "Install it (libcpp-httplib-dev and pkgconf on Debian, cpp-httplib with Homebrew or vcpkg)";
  assert.ok(stderr.includes(message), stderr);
});
