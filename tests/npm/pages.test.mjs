/** The examples of docs/test-runners.md that use the npm package, except those with a registry. */
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { require } from "../e2e/npm.mjs";
import { maxWait, run } from "../e2e/server.mjs";
import { block, compile, snippetFolder } from "../e2e/snippets.mjs";
import { install } from "./packages.mjs";

/** A folder with these blocks of the pages, mock-capgo, vitest, and a configuration. */
function exampleFolder(t, titles, settings = {}) {
  const folder = snippetFolder(t, ...titles);
  const { cwd } = folder;
  install(cwd);
  for (const name of ["vitest", "@types"]) {
    const installed = path.join(path.dirname(require.resolve("vitest/package.json")), "..", name);
    symlinkSync(installed, path.join(cwd, "node_modules", name));
  }
  const vitest = { globalSetup: "mock-capgo/vitest", testTimeout: maxWait, ...settings };
  const config = `export default { test: ${JSON.stringify(vitest)} };\n`;
  writeFileSync(path.join(cwd, "vitest.config.mjs"), config);
  writeFileSync(path.join(cwd, "package.json"), '{"type": "module"}');
  delete folder.env.MOCK_CAPGO;
  return { cwd, env: { ...folder.env, NO_COLOR: "1" } };
}

const retryExample = ["retry.ts", "retry.test.ts"];
const julyExample = ["global-setup-2026-07.ts", "keys-2026-07.test.ts"];
const runVitest = (folder) =>
  run(process.execPath, ["node_modules/vitest/vitest.mjs", "run"], folder);

test("the examples compile with all strict options of TypeScript", (t) => {
  const titles = [...retryExample, ...julyExample, "global-setup.ts", "api.ts"];
  const { cwd } = exampleFolder(t, titles);
  for (const title of titles) assert.deepEqual(compile(path.join(cwd, title)), [], title);
});

test("the vitest example passes unchanged", async (t) => {
  const { code, stdout, stderr } = await runVitest(exampleFolder(t, retryExample));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Tests +2 passed \(2\)$/m);
});

test("without a retry the example fails, and shows the nearest request", async (t) => {
  const folder = exampleFolder(t, retryExample);
  const code = block("retry.ts");
  const hasty = code.replace("retries = 3", "retries = 0");
  assert.notEqual(hasty, code);
  writeFileSync(path.join(folder.cwd, "retry.ts"), hasty);
  const vitest = await runVitest(folder);
  assert.equal(vitest.code, 1, vitest.stdout + vitest.stderr);
  assert.match(vitest.stdout, /^ *Tests +1 failed \| 1 passed \(2\)$/m);
  assert.ok(vitest.stderr.includes(block("vitest.txt")), vitest.stderr);
  const unused = 'mock-capgo: a rule never fired in "a list';
  assert.ok(!vitest.stderr.includes(unused), vitest.stderr);
});

const firstTest = `import { test } from "mock-capgo/vitest";
  import { expect, inject } from "vitest";
  test("the key of the fixtures", async ({ mock }) => {
    expect(mock.key).toBe("ak_123");
    expect(mock.url).toMatch(inject("mockCapgo").url);
    await mock.scenarios.put("unused", { rules: [{ on: "GET /never/", error: "not_found" }] });
    await fetch(mock.url + "/apikey/");
  });\n`;

test("a global setup with options applies them, and unused rules are reported", async (t) => {
  const folder = exampleFolder(t, ["global-setup.ts"], { globalSetup: "./global-setup.ts" });
  writeFileSync(path.join(folder.cwd, "first.test.ts"), firstTest);
  const { code, stdout, stderr } = await runVitest(folder);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, / GET +\/apikey\/ +401 +authenticate /);
  const rule = "unused, rule 1: GET /never/, error not_found";
  assert.ok(stderr.includes(`a rule never fired in "the key of the fixtures": ${rule}`), stderr);
});

test("the example for deployed-2026-07 passes", async (t) => {
  const folder = exampleFolder(t, julyExample, { globalSetup: "./global-setup-2026-07.ts" });
  const { code, stdout, stderr } = await runVitest(folder);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Tests +1 passed \(1\)$/m);
});

test("under exec, the tests use its server", async (t) => {
  const folder = exampleFolder(t, retryExample);
  const vitest = [process.execPath, "node_modules/vitest/vitest.mjs", "run"];
  const { code, stdout, stderr } = await run("mock-capgo", ["exec", "--", ...vitest], folder);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, /sandbox-\S+ +GET +\/apikey\/ +429 /);
});

test("a server with a token from the environment can be used", async (t) => {
  const { cwd, env } = exampleFolder(t, retryExample);
  const folder = { cwd, env: { ...env, MOCK_CAPGO_ADMIN_TOKEN: "secret" } };
  const { code, stdout, stderr } = await runVitest(folder);
  assert.equal(code, 0, stdout + stderr);
});

test("without a server, the error says what to add", async (t) => {
  const folder = exampleFolder(t, retryExample, { globalSetup: [] });
  const { code, stderr } = await runVitest(folder);
  assert.equal(code, 1);
  assert.ok(stderr.includes('add globalSetup: "mock-capgo/vitest" to vitest.config.ts'), stderr);
});

test("the node:test example passes", async (t) => {
  const folder = exampleFolder(t, ["keys-node.test.mjs"]);
  const { code, stdout } = await run(process.execPath, ["--test", "keys-node.test.mjs"], folder);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /pass 1\n/);
});
