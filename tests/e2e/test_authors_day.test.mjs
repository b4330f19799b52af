/** The README's "A test author's day": vitest workers, each in a world of its own on one server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import test from "node:test";

import { ask } from "./client.mjs";
import { require } from "./npm.mjs";
import { block, compile, readersPlace } from "./readme.mjs";
import { afterwards, keysFile, patience, run, serve } from "./server.mjs";

const workers = 8;
const { test: script } = JSON.parse(block("vitest.json")).scripts;

/** The calls of the README's two tests, as the server tells them. */
const asked = [
  "POST /__admin/reset 200",
  "PUT /__admin/scenarios/limited 200",
  "GET /apikey/ 429",
  "GET /apikey/ 429",
  "GET /apikey/ 200",
  "POST /__admin/verify 200",
  "POST /__admin/verify 200",
  "POST /__admin/reset 200",
  "GET /apikey/ 200",
  "POST /__admin/verify 200",
];

/** A folder with the README's files, where vitest is installed and set up by `config`. */
function authorsPlace(t, config = {}) {
  const { cwd, env } = readersPlace(t);
  for (const title of ["retry.ts", "sandbox.ts", "retry.test.ts"]) {
    writeFileSync(path.join(cwd, title), block(title));
  }
  // The machine may be busy: what takes too long is for the caller of vitest to say.
  const settings = { testTimeout: patience, hookTimeout: patience, ...config };
  const text = `export default { test: ${JSON.stringify(settings)} };\n`;
  writeFileSync(path.join(cwd, "vitest.config.mjs"), text);
  writeFileSync(path.join(cwd, "package.json"), '{"type": "module"}');
  const vitest = path.dirname(require.resolve("vitest/package.json"));
  mkdirSync(path.join(cwd, "node_modules"));
  symlinkSync(vitest, path.join(cwd, "node_modules", "vitest"));
  symlinkSync(path.join(vitest, "vitest.mjs"), path.join(cwd, "bin", "vitest"));
  return { cwd, env: { ...env, NO_COLOR: "1" } };
}

/**
 * Opens a gate for the workers: whoever asks it waits until all have. Gives a file for vitest to
 * run in each worker first, which goes through the gate and marks the worker's later requests.
 */
async function openGate(t) {
  const waiting = [];
  const gate = createServer((_, response) => {
    waiting.push(response);
    if (waiting.length === workers) for (const each of waiting) each.end();
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  afterwards(t, () => {
    gate.close();
    gate.closeAllConnections();
  });
  return `import { threadId } from "node:worker_threads";
    const ask = fetch;
    globalThis.fetch = (url, init) =>
      ask(url, { ...init, headers: { ...init.headers, "X-Thread": threadId } });
    const signal = AbortSignal.timeout(${patience / 3});
    await ask("http://127.0.0.1:${gate.address().port}", { signal });\n`;
}

test("the README's retry.test.ts compiles as strictly as TypeScript can", (t) => {
  assert.deepEqual(compile(path.join(authorsPlace(t).cwd, "retry.test.ts")), []);
});

test("the README's tests pass as they stand", async (t) => {
  const { code, stdout, stderr } = await run("sh", ["-c", script], authorsPlace(t));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Tests +2 passed \(2\)$/m);
});

test("code that does not retry fails the README's test, which tells the nearest request", async (t) => {
  const place = authorsPlace(t);
  const code = block("retry.ts");
  const hasty = code.replace("retries = 3", "retries = 0");
  assert.notEqual(hasty, code);
  writeFileSync(path.join(place.cwd, "retry.ts"), hasty);
  const vitest = await run("sh", ["-c", script], place);
  assert.equal(vitest.code, 1, vitest.stdout + vitest.stderr);
  assert.match(vitest.stdout, /^ *Tests +1 failed \| 1 passed \(2\)$/m);
  assert.ok(vitest.stderr.includes(block("vitest.txt")), vitest.stderr);
});

/** Requests as `GET /apikey/ 200`, from a journal or a log. */
function lines(requests) {
  return requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
}

/** What is in the journal of a world: that below `/sandbox/NAME`, or the plain one. */
async function journal(server, below = "") {
  const { status, text } = await ask(server, `GET ${below}/__admin/requests`);
  assert.equal(status, 200, text);
  return JSON.parse(text).requests;
}

test("eight workers side by side each see their own requests, and no others", async (t) => {
  const place = authorsPlace(t, { pool: "threads", setupFiles: ["./gate.mjs"] });
  writeFileSync(path.join(place.cwd, "gate.mjs"), await openGate(t));
  for (let i = 2; i <= workers; ++i) {
    writeFileSync(path.join(place.cwd, `retry${i}.test.ts`), block("retry.test.ts"));
  }
  const server = await serve(t, ["--fixtures", keysFile, "--log-format", "json"]);
  const env = { ...place.env, CAPGO_API_URL: server.url, CAPGO_TOKEN: server.ready.key };
  const [command, ...args] = script.split(" -- ")[1].split(" ");
  assert.ok(args.includes(`--maxWorkers=${workers}`));
  const { code, stdout, stderr } = await run(command, args, { cwd: place.cwd, env });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Test Files +8 passed \(8\)$/m);
  assert.match(stdout, /^ *Tests +16 passed \(16\)$/m);

  const { sandboxes } = JSON.parse((await ask(server, "GET /__admin/sandboxes")).text);
  const names = Array.from({ length: workers }, (_, i) => `worker-${i + 1}`);
  assert.deepEqual(sandboxes.map(({ name }) => name).sort(), names);
  // The journals tell who asked since the last reset.
  const threads = new Set();
  for (const name of names) {
    const requests = await journal(server, `/sandbox/${name}`);
    assert.deepEqual(lines(requests), ["GET /apikey/ 200"], name);
    threads.add(requests[0].headers["X-Thread"]);
  }
  assert.equal(threads.size, workers);
  assert.deepEqual(await journal(server), []);

  // And the log tells all that was asked.
  const log = (await server.stop()).stderr.trim().split("\n").map((line) => JSON.parse(line));
  for (const name of names) {
    const own = lines(log.filter(({ sandbox }) => sandbox === name));
    assert.deepEqual(own, [...asked, "GET /__admin/requests 200"], name);
  }
});
