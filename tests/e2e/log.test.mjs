/** The log on stderr never holds up an answer or the end, whoever reads it or not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";

import { ask, assertWithin, connect, listKeys, request, seesList } from "./client.mjs";
import { columnsOf, seesLines, toldLines, toldObjects } from "./log_lines.mjs";
import { keysFile, program, run, serve, serveRules, start } from "./server.mjs";

const fullLog = ["--log", "debug", "--log-format", "json"];
const total = 400;
/** A header that makes each line of the full log this long: all of them are thrice what is kept. */
const padding = "x".repeat(8000);

/** A server whose log nobody reads, after many answers with long lines in the log. */
async function serveUnread(t) {
  const server = await serve(t, ["--fixtures", keysFile, ...fullLog]);
  server.child.stderr.pause();
  const wire = await connect(t, server);
  for (let number = 0; number < total; ++number) {
    const headers = { "X-Request-Id": `n-${number}`, "X-Padding": padding };
    wire.send(request("GET /apikey/", { headers }));
    await seesList(wire);
  }
  return server;
}

test("a line has the time, sandbox, method, path, status, what decided, and why", async (t) => {
  const server = await serveRules(t, [
    { on: "POST /apikey/", match: { body: { name: "late" } }, delay: { milliseconds: 20 } },
    { on: "POST /apikey/", match: { body: { name: "no" } }, error: "permission_denied" },
  ]);
  const create = (name, mode) => ({ key: "ak_123", body: { name, mode } });
  await ask(server, "GET /apikey/?page=2", { key: "ak_123" });
  await ask(server, "GET /sandbox/worker-1/apikey/", { key: "ak_456" });
  await ask(server, "POST /sandbox/worker-1/apikey/", create("no", "read"));
  await ask(server, "POST /sandbox/worker-1/apikey/", create("late", "reed"));
  await ask(server, "GET /sandbox/worker-1/__admin/health");
  await seesLines(server, 5);
  assert.deepEqual(toldLines(server), [
    "- GET /apikey/ 200 -",
    'worker-1 GET /apikey/ 403 require_mode_all key 2 has mode "read", and this needs "all"',
    "worker-1 POST /apikey/ 403 own, rule 2 error permission_denied",
    "worker-1 POST /apikey/ 400 own, rule 1 + read_mode " +
      'mode is "reed", which is not a mode; did you mean "read"? (delay 20 ms)',
    "worker-1 GET /__admin/health 200 -",
  ]);
  const lines = server.stderr.trimEnd().split("\n");
  for (const { microseconds } of lines.map(columnsOf)) assertWithin(microseconds, 0, 5e6, "us");
  const columns = lines.map((line) => [line.indexOf(" /"), line.search(/ \d{3} {2}/)]);
  assert.equal(new Set(columns.map(String)).size, 1, `not aligned: ${server.stderr}`);
  assert.doesNotMatch(server.stderr, /\x1b/);
});

test("JSON lines tell the same as lines of text, and no path its query", async (t) => {
  const own = { on: "POST /apikey/", error: "permission_denied", delay: { milliseconds: 20 } };
  const server = await serveRules(t, [own], "--log-format", "json");
  await ask(server, "GET /sandbox/worker-1/apikey/?page=2", { key: "ak_456" });
  await ask(server, "POST /apikey/", { key: "ak_123" });
  await seesLines(server, 2);
  const lines = toldObjects(server).map(({ time, microseconds, ...line }) => {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assertWithin(microseconds, 0, 5e6, "us");
    return line;
  });
  assert.deepEqual(lines, [
    {
      ...{ sandbox: "worker-1", method: "GET", path: "/apikey/", status: 403 },
      ...{ rejected_by: "require_mode_all", scenario: null },
      reason: 'key 2 has mode "read", and this needs "all"',
    },
    {
      ...{ sandbox: null, method: "POST", path: "/apikey/", status: 403 },
      ...{ rejected_by: null, scenario: "own, rule 1" },
      ...{ reason: "error permission_denied", delay_milliseconds: 20 },
    },
  ]);
});

test("colours are for a terminal alone, and not where NO_COLOR is set", async (t) => {
  /** What a server writes to a terminal of its own. */
  const seen = async (...settings) => {
    const command = [program, "exec", "--fixtures", keysFile, "--", "sh", "-c"];
    const child = 'curl -sS -H "authorization: $CAPGO_TOKEN" -o /dev/null $CAPGO_API_URL/apikey/';
    const script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const shown = ["env", "-u", "NO_COLOR", "TERM=xterm", ...settings, ...command, child];
    const { code, stdout, stderr } = await run("python3", ["-c", script, ...shown]);
    assert.equal(code, 0, stdout + stderr);
    return stdout.replaceAll("\r\n", "\n");
  };
  const coloured = await seen();
  assert.match(coloured, /\x1b\[32m200\x1b\[0m/);
  for (const plain of [coloured.replace(/\x1b\[\d+m/g, ""), await seen("NO_COLOR=1")]) {
    assert.deepEqual(toldLines({ stderr: plain }), ["- GET /apikey/ 200 -"]);
  }
});

test("a burst of lines is told whole at once, though no request follows it", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const wire = await connect(t, server);
  wire.send(request("GET /apikey/").repeat(2000));
  for (let i = 0; i < 2000; ++i) await seesList(wire);
  await seesLines(server, 2000);
  assert.deepEqual(toldLines(server), Array(2000).fill("- GET /apikey/ 200 -"));
});

test("a log that nobody reads holds up no answer, and tells later what it lost", async (t) => {
  const server = await serveUnread(t);
  server.child.stderr.resume();
  await server.sees("stderr", /lines of this log were dropped.*\n/);
  await listKeys(server);
  await server.sees("stderr", /lines of this log were dropped.*\n.+\n/);

  const told = toldObjects(server);
  const isKept = (line) => line.request_headers?.["X-Padding"] === padding;
  const numbers = told.filter(isKept).map((line) => {
    return Number(/^n-(\d+)$/.exec(line.request_headers["X-Request-Id"])[1]);
  });
  const [note, last, ...others] = told.filter((line) => !isKept(line));
  const missing = total - numbers.length;
  const notice = `${missing} lines of this log were dropped, because nothing read it`;
  assert.deepEqual([note.notice, last.status, others], [notice, 200, []]);
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
    "the lines are out of order",
  );
  // What is kept in memory, and what the pipe and its reader held.
  assertWithin((numbers.length * padding.length) / 1024, 1000, 2048, "KiB of log kept");
});

test("a log that nobody reads does not hold up the end", async (t) => {
  const server = await serveUnread(t);
  const begin = performance.now();
  server.child.kill("SIGTERM");
  const [code] = await server.within(once(server.child, "exit"), "the exit");
  assertWithin(performance.now() - begin, 0, 2500, "ms until the end");
  assert.equal(code, 0);
  server.child.stderr.resume();
  await server.end();
});

test("a log whose reader has gone holds up nothing", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  server.child.stderr.destroy();
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});

test("a log that cannot be written holds up nothing", async (t) => {
  const shell = ["-c", 'exec "$0" "$@" 2>/dev/full', program];
  const options = ["--port", "0", "--exit-on-stdin-close", "--fixtures", keysFile];
  const server = start(t, "sh", [...shell, ...options]);
  const [line] = await server.sees("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});
