/** Capgo's command line logs in to mock-capgo, as docs/a-day-with-keys.md shows. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";

import { control } from "../e2e/control.mjs";
import { run, serve } from "../e2e/server.mjs";
import { block, snippetFolder } from "../e2e/snippets.mjs";
import { pinned } from "./registry.mjs";

const [release] = pinned("@capgo/cli");
const key = "de300000-0000-4000-8000-000000000001";
const noUser =
  "Capgo authentication failed: invalid Capgo API key or insufficient Capgo permissions.";

/** Rejects requests to other hosts, as without a network: no test depends on them. */
const offline = `
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const { hostname } = new URL(input.url ?? input);
    if (hostname !== "" && hostname !== "127.0.0.1") throw new TypeError("fetch failed");
    return fetch(input, init);
  };`;

/**
 * A folder with the scenario of the page, and an `npx` for the command. The command is one file, so
 * the packages that it lists, 170 MB, are not installed.
 */
async function makeFolder() {
  const { cwd, env } = snippetFolder({ after }, "capgo-cli.json");
  const pack = await run("npm", ["pack", "--silent", "--ignore-scripts", release], { cwd });
  assert.equal(pack.code, 0, pack.stderr);
  const { code, stderr } = await run("tar", ["-xzf", pack.stdout.trim()], { cwd });
  assert.equal(code, 0, stderr);
  writeFileSync(path.join(cwd, "offline.mjs"), offline);
  const command = `exec '${process.execPath}' --import ./offline.mjs package/dist/index.js "$@"`;
  const npx = `#!/bin/sh\ntest "$1" = '${release}' && shift && ${command}\n`;
  writeFileSync(path.join(cwd, "bin", "npx"), npx, { mode: 0o755 });
  return { cwd, env: { ...env, NO_COLOR: "1" } };
}

const folder = await makeFolder();

/** Starts a server with the scenario. */
function serveScenario(t, contract) {
  const options = ["--contract", contract, "--scenario", "capgo-cli.json"];
  return serve(t, options, { cwd: folder.cwd });
}

/** Runs a shell block of the page with this server. */
function runBlock(title, { url }) {
  const lines = block(title).replaceAll("http://127.0.0.1:12113", url);
  return run("sh", ["-e", "-c", lines], folder);
}

/** Runs the page's login. Returns its exit code, what it prints and saves, and its last request. */
async function login(server) {
  const file = path.join(folder.cwd, "cli-home", ".capgo");
  rmSync(file, { force: true });
  const { code, stdout } = await runBlock("capgo-cli.sh", server);
  const { requests } = await control(server, "GET /__admin/requests");
  const saved = existsSync(file) ? readFileSync(file, "utf8").trim() : null;
  return { result: [code, stdout.trim(), saved], request: requests.at(-1) };
}

const printed = (title) => block(title).trim();
const failure = (message) => printed("revoked.txt").replace(/(?<=Error: ).*/, message);

test("capgo login accepts a valid key, and rejects a revoked one", async (t) => {
  const server = await serveScenario(t, "deployed-2026-02");

  const valid = await login(server);
  assert.deepEqual(valid.result, [0, printed("capgo-cli.txt"), key]);
  assert.equal(valid.request.path, "/rest/v1/rpc/request_actor_user_id");
  assert.equal(valid.request.key_id, 1);

  const { stdout } = await runBlock("revoke.sh", server);
  assert.equal(stdout, '{"status":"ok"}');
  const revoked = await login(server);
  assert.deepEqual(revoked.result, [1, printed("revoked.txt"), null]);
  assert.equal(revoked.request.rejected_by, "requires");

  const { rules } = JSON.parse(block("capgo-cli.json"));
  rules[0].denied = { status: 200, body: null };
  await control(server, "PUT /__admin/scenarios/capgo-cli", { rules });
  const { result } = await login(server);
  assert.deepEqual(result, [1, failure(noUser), null]);
});

test("capgo login works with the documented contract too", async (t) => {
  const server = await serveScenario(t, "documented");
  const { result, request } = await login(server);
  assert.deepEqual(result, [1, failure("Invalid API key"), null]);
  assert.match(request.response.headers["X-Mock-Reason"], /^requires: no key has the secret "de3000/);
  await control(server, "POST /__admin/keys", { key, mode: "read", name: "CI" }, { wanted: 201 });
  const valid = await login(server);
  assert.deepEqual(valid.result, [0, printed("capgo-cli.txt"), key]);
});
