/** The vitest example of docs/test-runners.md: workers with a sandbox each, on one server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import test from "node:test";

import { ask } from "./client.mjs";
import { afterwards, patience, run, serve } from "./server.mjs";
import { block, compile, vitestFolder } from "./snippets.mjs";

const workers = 8;
const { test: script } = JSON.parse(block("vitest-package.json")).scripts;

/** The calls of the example's two tests, as the server logs them. */
const calls = [
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

/** A folder with the example's files, where vitest is installed and set up by `config`. */
function exampleFolder(t, config = {}) {
  const { cwd, env } = vitestFolder(t, "retry.ts", "sandbox.ts", "retry.test.ts");
  // The machine may be busy: the caller of vitest decides what takes too long.
  const settings = { testTimeout: patience, hookTimeout: patience, ...config };
  const text = `export default { test: ${JSON.stringify(settings)} };\n`;
  writeFileSync(path.join(cwd, "vitest.config.mjs"), text);
  writeFileSync(path.join(cwd, "package.json"), '{"type": "module"}');
  return { cwd, env };
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

test("the example compiles as strictly as TypeScript can", (t) => {
  assert.deepEqual(compile(path.join(exampleFolder(t).cwd, "retry.test.ts")), []);
});

test("the example's tests pass as they stand", async (t) => {
  const { code, stdout, stderr } = await run("sh", ["-c", script], exampleFolder(t));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Tests +2 passed \(2\)$/m);
});

test("code that does not retry fails the example's test, which shows the nearest request", async (t) => {
  const folder = exampleFolder(t);
  const code = block("retry.ts");
  const hasty = code.replace("retries = 3", "retries = 0");
  assert.notEqual(hasty, code);
  writeFileSync(path.join(folder.cwd, "retry.ts"), hasty);
  const vitest = await run("sh", ["-c", script], folder);
  assert.equal(vitest.code, 1, vitest.stdout + vitest.stderr);
  assert.match(vitest.stdout, /^ *Tests +1 failed \| 1 passed \(2\)$/m);
  assert.ok(vitest.stderr.includes(block("vitest.txt")), vitest.stderr);
});

/** Requests as `GET /apikey/ 200`, from a journal or a log. */
function lines(requests) {
  return requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
}

/** The journal of a sandbox: that below `/sandbox/NAME`, or the default one. */
async function journal(server, below = "") {
  const { status, text } = await ask(server, `GET ${below}/__admin/requests`);
  assert.equal(status, 200, text);
  return JSON.parse(text).requests;
}

test("eight workers side by side each see their own requests, and no others", async (t) => {
  const folder = exampleFolder(t, { pool: "threads", setupFiles: ["./gate.mjs"] });
  writeFileSync(path.join(folder.cwd, "gate.mjs"), await openGate(t));
  for (let i = 2; i <= workers; ++i) {
    writeFileSync(path.join(folder.cwd, `retry${i}.test.ts`), block("retry.test.ts"));
  }
  const server = await serve(t, ["--log-format", "json"]);
  const env = { ...folder.env, CAPGO_API_URL: server.url, CAPGO_TOKEN: server.ready.key };
  const [command, ...args] = script.split(" -- ")[1].split(" ");
  assert.ok(args.includes(`--maxWorkers=${workers}`));
  const { code, stdout, stderr } = await run(command, args, { cwd: folder.cwd, env });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Test Files +8 passed \(8\)$/m);
  assert.match(stdout, /^ *Tests +16 passed \(16\)$/m);

  const { sandboxes } = JSON.parse((await ask(server, "GET /__admin/sandboxes")).text);
  const names = Array.from({ length: workers }, (_, i) => `worker-${i + 1}`);
  assert.deepEqual(sandboxes.map(({ name }) => name).sort(), names);
  // The journals have the requests since the last reset.
  const threads = new Set();
  for (const name of names) {
    const requests = await journal(server, `/sandbox/${name}`);
    assert.deepEqual(lines(requests), ["GET /apikey/ 200"], name);
    threads.add(requests[0].headers["X-Thread"]);
  }
  assert.equal(threads.size, workers);
  assert.deepEqual(await journal(server), []);

  // And the log has all requests.
  const log = (await server.stop()).stderr.trim().split("\n").map((line) => JSON.parse(line));
  for (const name of names) {
    const own = lines(log.filter(({ sandbox }) => sandbox === name));
    assert.deepEqual(own, [...calls, "GET /__admin/requests 200"], name);
  }
});
