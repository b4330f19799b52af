/**
 * Builds the npm packages, and packs them as OUT/*.tgz: mock-capgo, and one for each platform with its
 * executable.
 *
 *   node npm/build.mjs OUT EXECUTABLE [PLATFORM=EXECUTABLE]...
 *   node npm/build.mjs dist build/static-amd64/mock-capgo linux-arm64=build/static-arm64/mock-capgo
 *
 * The first executable is for this platform: the types come from its description of the API.
 */
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const sources = path.dirname(fileURLToPath(import.meta.url));
const repository = path.dirname(sources);
/** Below build/npm, so that TypeScript finds the packages there. */
const stage = path.join(repository, "build", "npm", "packages");
const require = createRequire(path.join(stage, "package.json"));

const readJson = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const writeJson = (file, value) => fs.writeFileSync(file, JSON.stringify(value, null, 2) + "\n");

/** The version of all packages, which CMakeLists.txt has. */
const cmake = fs.readFileSync(path.join(repository, "CMakeLists.txt"), "utf8");
const version = /^project\(mock-capgo VERSION (\S+)/m.exec(cmake)[1];
const { name, license, engines, description } = readJson(path.join(sources, "package.json"));

/** Makes an empty folder for a package, with the files that each package has. */
function makeFolder(folder, ...files) {
  const made = path.join(stage, folder);
  fs.rmSync(made, { recursive: true, force: true });
  fs.mkdirSync(made, { recursive: true });
  for (const file of ["LICENSE", "THIRD_PARTY_NOTICES.md", ...files]) {
    fs.cpSync(path.join(repository, file), path.join(made, file), { recursive: true });
  }
  return made;
}

/** The package with the executable for a platform. */
function makePlatformPackage(platform, executable) {
  const folder = makeFolder(platform);
  const [os, cpu] = platform.split("-");
  fs.mkdirSync(path.join(folder, "bin"));
  fs.copyFileSync(executable, path.join(folder, "bin", name));
  fs.chmodSync(path.join(folder, "bin", name), 0o755);
  fs.writeFileSync(path.join(folder, "README.md"), `The executable of ${name} for ${os} on ${cpu}.\n`);
  writeJson(path.join(folder, "package.json"), {
    name: `@${name}/${platform}`,
    version,
    description: `${description}: the executable for ${platform}`,
    license,
    type: "commonjs",
    engines,
    os: [os],
    cpu: [cpu],
    preferUnplugged: true,
  });
  return folder;
}

/**
 * The server's OpenAPI description of all calls. It says which fields a rule needs one of; that is
 * omitted, since openapi-typescript would make a type of it that anything matches.
 */
async function readDescription(executable) {
  const server = spawn(executable, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const { value: line } = await lines.next();
    const text = await (await fetch(`${JSON.parse(line).admin}/openapi.json`)).text();
    const isOmitted = (name, value) => name === "anyOf" && value.every(({ required }) => required);
    return JSON.parse(text, (name, value) => (isOmitted(name, value) ? undefined : value));
  } finally {
    server.kill();
  }
}

/** The package that users install. */
async function makeMainPackage(platforms, executable) {
  const folder = makeFolder(name, "README.md", "CHANGELOG.md", "docs", "fixtures", "scenarios");
  for (const each of ["bin", "src", "tsconfig.json"]) {
    fs.cpSync(path.join(sources, each), path.join(folder, each), { recursive: true });
  }
  const { default: generate, astToString } = require("openapi-typescript");
  // Requests can omit fields with a default.
  const options = { defaultNonNullable: false };
  const types = astToString(await generate(await readDescription(executable), options));
  fs.writeFileSync(path.join(folder, "src", "openapi.ts"), types);
  writeJson(path.join(folder, "package.json"), {
    ...readJson(path.join(sources, "package.json")),
    version,
    optionalDependencies: Object.fromEntries(platforms.map((each) => [`@${name}/${each}`, version])),
  });
  const compiler = require.resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "--project", folder], { stdio: "inherit" });
  // Like vitest, this has types for TypeScript that looks like CommonJS, and no module for it.
  const vitest = path.join(folder, "dist", "vitest");
  fs.copyFileSync(`${vitest}.d.mts`, `${vitest}.d.cts`);
  const message = "vitest and mock-capgo/vitest have no CommonJS module; use import instead of require";
  fs.writeFileSync(`${vitest}.cjs`, `throw new Error("${message}");\n`);
  return folder;
}

const [out, executable, ...others] = process.argv.slice(2);
const usage = "usage: node npm/build.mjs OUT EXECUTABLE [PLATFORM=EXECUTABLE]...";
if (!executable || !others.every((each) => /^\w+-\w+=./.test(each))) {
  console.error(usage);
  process.exit(2);
}
const executables = new Map([
  [`${process.platform}-${process.arch}`, executable],
  ...others.map((each) => each.split("=")),
]);
const folders = [...executables].map(([platform, file]) => makePlatformPackage(platform, file));
folders.push(await makeMainPackage([...executables.keys()], executable));
fs.mkdirSync(out, { recursive: true });
for (const file of fs.readdirSync(out)) {
  if (/^mock-capgo-.*\.tgz$/.test(file)) fs.rmSync(path.join(out, file));
}
const pack = ["pack", "--silent", "--pack-destination", path.resolve(out), ...folders];
execFileSync("npm", pack, { stdio: ["ignore", "ignore", "inherit"] });
