/** The vitest example of docs/test-runners.md: one server, and a sandbox for each worker. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { cleanUp, maxWait, run, serve } from "./server.mjs";
import { block, compile, vitestFolder } from "./snippets.mjs";

const workers = 8;
const { test: script } = JSON.parse(block("vitest-package.json")).scripts;

/** The calls of the example's two tests in the log. */
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

/** A folder with the example's files, vitest, and this configuration. */
function exampleFolder(t, config = {}) {
  const { cwd, env } = vitestFolder(t, "retry.ts", "sandbox.ts", "retry.test.ts");
  const settings = { testTimeout: maxWait, hookTimeout: maxWait, ...config };
  const text = `export default { test: ${JSON.stringify(settings)} };\n`;
  writeFileSync(path.join(cwd, "vitest.config.mjs"), text);
  writeFileSync(path.join(cwd, "package.json"), '{"type": "module"}');
  return { cwd, env };
}

/**
 * Starts a barrier that lets the workers begin at the same time. Returns the source of a setup file
 * for vitest, which waits at the barrier and adds the thread's id to later requests.
 */
async function startBarrier(t) {
  const waiting = [];
  const barrier = createServer((_, response) => {
    waiting.push(response);
    if (waiting.length === workers) for (const each of waiting) each.end();
  });
  barrier.listen(0, "127.0.0.1");
  await once(barrier, "listening");
  cleanUp(t, () => {
    barrier.close();
    barrier.closeAllConnections();
  });
  return `import { threadId } from "node:worker_threads";
    const originalFetch = fetch;
    globalThis.fetch = (url, init) =>
      originalFetch(url, { ...init, headers: { ...init.headers, "X-Thread": threadId } });
    const signal = AbortSignal.timeout(${maxWait / 3});
    await originalFetch("http://127.0.0.1:${barrier.address().port}", { signal });\n`;
}

test("the example compiles with all strict options of TypeScript", (t) => {
  assert.deepEqual(compile(path.join(exampleFolder(t).cwd, "retry.test.ts")), []);
});

test("the example's tests pass unchanged", async (t) => {
  const { code, stdout, stderr } = await run("sh", ["-c", script], exampleFolder(t));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Tests +2 passed \(2\)$/m);
});

test("without a retry the example's test fails, and shows the nearest request", async (t) => {
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

/** The journal of the sandbox below this path, or of the default one. */
async function journal(server, below = "") {
  const { status, text } = await send(server, `GET ${below}/__admin/requests`);
  assert.equal(status, 200, text);
  return JSON.parse(text).requests;
}

test("eight simultaneous workers each see only their own requests", async (t) => {
  const folder = exampleFolder(t, { pool: "threads", setupFiles: ["./barrier.mjs"] });
  writeFileSync(path.join(folder.cwd, "barrier.mjs"), await startBarrier(t));
  for (let i = 2; i <= workers; ++i) {
    writeFileSync(path.join(folder.cwd, `retry${i}.test.ts`), block("retry.test.ts"));
  }
  const server = await serve(t, ["--log", "debug", "--log-format", "json"]);
  const env = { ...folder.env, CAPGO_API_URL: server.url, CAPGO_TOKEN: server.ready.key };
  const [command, ...args] = script.split(" -- ")[1].split(" ");
  assert.ok(args.includes(`--maxWorkers=${workers}`));
  const { code, stdout, stderr } = await run(command, args, { cwd: folder.cwd, env });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ *Test Files +8 passed \(8\)$/m);
  assert.match(stdout, /^ *Tests +16 passed \(16\)$/m);

  const { sandboxes } = JSON.parse((await send(server, "GET /__admin/sandboxes")).text);
  const names = Array.from({ length: workers }, (_, i) => `worker-${i + 1}`);
  assert.deepEqual(sandboxes.map(({ name }) => name).sort(), names);
  // A journal has the requests since the last reset.
  const threads = new Set();
  for (const name of names) {
    const requests = await journal(server, `/sandbox/${name}`);
    assert.deepEqual(lines(requests), ["GET /apikey/ 200"], name);
    threads.add(requests[0].headers["X-Thread"]);
  }
  assert.equal(threads.size, workers);
  assert.deepEqual(await journal(server), []);

  // The log has all requests, also the control calls.
  const log = (await server.stop()).stderr.trim().split("\n").map((line) => JSON.parse(line));
  for (const name of names) {
    const own = lines(log.filter(({ sandbox }) => sandbox === name));
    assert.deepEqual(own, [...calls, "GET /__admin/requests 200"], name);
  }
});
