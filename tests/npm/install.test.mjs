/** Installs the packed packages from a registry, and uses them with each test runner. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import test from "node:test";

import { cleanUp, newFolder, repository } from "../e2e/server.mjs";
import { block } from "../e2e/snippets.mjs";
import { pinned, startRegistry } from "./registry.mjs";

const ownFolder = (name) => path.join(repository, "tests", "npm", name);

/** The path of an installed command. Unlike npx, it passes signals on. */
const bin = (name) => path.join("node_modules", ".bin", name);

/** Writes blocks of the pages to files named by their titles. */
function writeBlocks(folder, ...titles) {
  for (const title of titles) writeFileSync(path.join(folder, title), block(title));
}

/** Starts an HTTP server on a free port that is closed after the test. Returns its URL. */
async function serveLocally(t, listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(t, () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A port that is free. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Runs the README's first test. */
async function runFirstTest(registry, cwd) {
  assert.match(await registry.run(cwd, bin("vitest"), "run"), /^ *Tests +2 passed \(2\)$/m);
}

/** A project with the README's first test and its packages. */
async function newVitestProject(t, registry, manager, vitest) {
  const cwd = await registry.newProject(t);
  const packages = ["mock-capgo", ...pinned(vitest, "typescript")];
  await registry.install(t, cwd, manager, "install", "--save-dev", ...packages);
  writeBlocks(cwd, "keys.test.ts", "vitest.config.ts");
  return cwd;
}

/** Checks the types of the first test, and of all packages that it imports. */
async function checkTypes(registry, cwd) {
  // vitest's own types need them.
  await registry.run(cwd, "npm", "install", "--save-dev", ...pinned("@types/node"));
  const options = { strict: true, module: "NodeNext", target: "ES2022", noEmit: true };
  const compilerOptions = { ...options, skipLibCheck: false, exactOptionalPropertyTypes: true };
  const config = { compilerOptions, files: ["keys.test.ts", "vitest.config.ts"] };
  writeFileSync(path.join(cwd, "tsconfig.json"), JSON.stringify(config));
  await registry.run(cwd, bin("tsc"));
}

/** Runs 48 tests in 8 files, in 4 workers that begin at the same time. */
async function runInParallel(t, registry, cwd) {
  const waiting = [];
  const barrier = await serveLocally(t, (_, response) => {
    waiting.push(response);
    if (waiting.length % 4 === 0) for (const each of waiting.splice(0)) each.end();
  });
  cpSync(ownFolder("workers"), cwd, { recursive: true });
  const source = readFileSync(path.join(cwd, "sandboxes.test.ts"));
  for (let i = 2; i <= 8; ++i) writeFileSync(path.join(cwd, `sandboxes${i}.test.ts`), source);
  const user = registry.with({ BARRIER: barrier });
  const output = await user.run(cwd, bin("vitest"), "run", "sandboxes");
  assert.match(output, /^ *Test Files +8 passed \(8\)$/m);
  assert.match(output, /^ *Tests +48 passed \(48\)$/m);
}

async function useNpm(t, registry) {
  const cwd = await newVitestProject(t, registry, "npm", "vitest");
  await t.test("the README's first test passes", () => runFirstTest(registry, cwd));
  await t.test("npm ci --ignore-scripts installs all that it needs", async (t) => {
    const copy = newFolder(t);
    for (const name of ["package.json", "package-lock.json", "keys.test.ts", "vitest.config.ts"]) {
      cpSync(path.join(cwd, name), path.join(copy, name));
    }
    await registry.install(t, copy, "npm", "ci", "--ignore-scripts");
    await runFirstTest(registry, copy);
  });
  await t.test("its types are correct, and those of the packages", () => checkTypes(registry, cwd));
  await t.test("48 tests in 4 workers see only their own sandboxes", (t) =>
    runInParallel(t, registry, cwd),
  );
}

async function usePnpm(t, registry) {
  const cwd = await newVitestProject(t, registry, "pnpm", "vitest@4");
  await runFirstTest(registry, cwd);
}

async function useJest(t, registry) {
  const cwd = await registry.newProject(t, ownFolder("jest"));
  await registry.install(t, cwd, "npm", "install", "--save-dev", "mock-capgo", ...pinned("jest"));
  writeBlocks(cwd, "jest.config.js", "jest.setup.js", "keys.test.js");
  const output = await registry.run(cwd, bin("jest"), "--maxWorkers=2");
  assert.match(output, /^Tests: +2 passed, 2 total$/m);
}

async function usePlaywright(t, registry) {
  const cwd = await registry.newProject(t, ownFolder("playwright"));
  const packages = ["mock-capgo", ...pinned("@playwright/test")];
  await registry.install(t, cwd, "npm", "install", "--save-dev", ...packages);
  writeBlocks(cwd, "keys.spec.ts");
  const page = readFileSync(path.join(cwd, "index.html"));
  const PAGE_URL = await serveLocally(t, (_, response) => {
    response.setHeader("Content-Type", "text/html").end(page);
  });
  const runTests = async (variables) => {
    const user = registry.with({ CI: "1", PAGE_URL, ...variables });
    assert.match(await user.run(cwd, bin("playwright"), "test"), /^ *3 passed/m);
  };
  await t.test("each worker starts a server", () => runTests({}));
  await t.test("webServer() starts one for all", async () => {
    await runTests({ MOCK_PORT: String(await freePort()) });
  });
}

async function useExample(t, registry) {
  const example = path.join(repository, "examples", "vitest");
  const cwd = await registry.newProject(t, example);
  await registry.install(t, cwd, "npm", "install");
  assert.match(await registry.run(cwd, "npm", "test"), /^ *Tests +7 passed \(7\)$/m);
  await registry.run(cwd, "npm", "run", "check");
}

test("the packages, installed from a registry", { concurrency: 2 }, async (t) => {
  const registry = await startRegistry(t);
  await Promise.all([
    t.test("npm and vitest", (t) => useNpm(t, registry)),
    t.test("pnpm and vitest 4", (t) => usePnpm(t, registry)),
    t.test("npm and Jest, with CommonJS", (t) => useJest(t, registry)),
    t.test("npm and Playwright, in Chromium", (t) => usePlaywright(t, registry)),
    t.test("the example of vitest", (t) => useExample(t, registry)),
  ]);
});
