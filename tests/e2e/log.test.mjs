/** The log on stderr or in a file: its lines, and that a slow reader never delays the server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { assertInRange, connect, expectList, listKeys, requestBytes, send } from "./client.mjs";
import { logLines, logObjects, parseTextLine, waitForLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, newFolder, program, run, serve, serveRules, start } from "./server.mjs";

const fullLog = ["--log", "debug", "--log-format", "json"];
const total = 400;
/** A long header. The log of all requests is three times as long as its buffer. */
const padding = "x".repeat(8000);

/** Starts a server whose log is not read, and makes many requests with long log lines. */
async function serveUnread(t) {
  const server = await serve(t, ["--fixtures", keysFile, ...fullLog]);
  server.child.stderr.pause();
  const wire = await connect(t, server);
  for (let number = 0; number < total; ++number) {
    const headers = { "X-Request-Id": `n-${number}`, "X-Padding": padding };
    wire.send(requestBytes("GET /apikey/", { headers }));
    await expectList(wire);
  }
  return server;
}

test("a line has the time, sandbox, method, path, status, step or rule, and reason", async (t) => {
  const server = await serveRules(t, [
    { on: "POST /apikey/", match: { body: { name: "late" } }, delay: { milliseconds: 20 } },
    { on: "POST /apikey/", match: { body: { name: "no" } }, error: "permission_denied" },
  ]);
  const create = (name, mode) => ({ key: "ak_123", body: { name, mode } });
  await send(server, "GET /apikey/?page=2", { key: "ak_123" });
  await send(server, "GET /sandbox/worker-1/apikey/", { key: "ak_456" });
  await send(server, "POST /sandbox/worker-1/apikey/", create("no", "read"));
  await send(server, "POST /sandbox/worker-1/apikey/", create("late", "reed"));
  await waitForLines(server, 4);
  assert.deepEqual(logLines(server), [
    "- GET /apikey/ 200 -",
    'worker-1 GET /apikey/ 403 require_mode_all key 2 has mode "read", and this needs "all"',
    "worker-1 POST /apikey/ 403 own, rule 2 error permission_denied",
    "worker-1 POST /apikey/ 400 own, rule 1 + read_mode " +
      'mode is "reed", which is not a mode; did you mean "read"? (delay 20 ms)',
  ]);
  const lines = server.stderr.trimEnd().split("\n");
  for (const { microseconds } of lines.map(parseTextLine)) assertInRange(microseconds, 0, 5e6, "us");
  const columns = lines.map((line) => [line.indexOf(" /"), line.search(/ \d{3} {2}/)]);
  assert.equal(new Set(columns.map(String)).size, 1, `not aligned: ${server.stderr}`);
  assert.doesNotMatch(server.stderr, /\x1b/);
});

test("each level of the log adds requests: errors and faults, all, control calls", async (t) => {
  const linesAt = async (level) => {
    const own = { on: "POST /apikey/", fault: "EMPTY_RESPONSE" };
    const server = await serveRules(t, [own], "--log", level, "--log-format", "json");
    await send(server, "GET /sandbox/worker-1/__admin/health");
    await send(server, "POST /__admin/verify", { body: { on: "GET /nothing" } });
    await send(server, "GET /apikey/", { key: "ak_123" });
    await send(server, "GET /apikey/", { key: "ak_456" });
    await send(server, "GET /apikey/", { headers: { "X-Mock-Scenario": "rate_limited" } });
    await send(server, "GET /nothing");
    const body = { name: "x", mode: "read" };
    await assert.rejects(send(server, "POST /apikey/", { key: "ak_123", body }));
    await server.stop();
    return logObjects(server).map(({ method, path, status }) => `${method} ${path} ${status}`);
  };
  const errors = ["GET /apikey/ 403", "GET /apikey/ 429", "GET /nothing 404", "POST /apikey/ 200"];
  const requests = ["GET /apikey/ 200", ...errors];
  const control = ["GET /__admin/health 200", "POST /__admin/verify 409"];
  assert.deepEqual(await linesAt("none"), []);
  assert.deepEqual(await linesAt("errors"), errors);
  assert.deepEqual(await linesAt("requests"), requests);
  assert.deepEqual(await linesAt("debug"), [...control, ...requests]);
});

test("--log-file has requests and warnings, after what was there, and stderr has none", async (t) => {
  const file = path.join(newFolder(t), "mock.log");
  const unused = { on: "GET /apikey/7/", error: "server_error" };
  for (const count of [1, 2]) {
    const server = await serveRules(t, [unused], "--log-file", file);
    await listKeys(server);
    await send(server, "GET /apikey/", { key: "ak_456" });
    const { code, stderr } = await server.stop();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const lines = logLines({ stderr: readFileSync(file, "utf8") });
    assert.equal(lines.length, 3 * count);
    const [listed, rejected, warning] = lines.slice(-3);
    assert.equal(listed, "- GET /apikey/ 200 -");
    assert.match(rejected, /^- GET \/apikey\/ 403 require_mode_all key 2 /);
    assert.match(warning, /^mock-capgo: this rule of a scenario never fired: own, rule 1/);
  }
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("the variable MOCK_CAPGO_LOG_FILE names the log file of exec, which has no colors", async (t) => {
  const file = path.join(newFolder(t), "mock.log");
  const env = { ...process.env, MOCK_CAPGO_LOG_FILE: file, MOCK_CAPGO_LOG: "errors" };
  const child = "curl -sS -o /dev/null $CAPGO_API_URL/apikey/";
  const { stderr } = await mockCapgo(["exec", "--", "sh", "-c", child], { env });
  assert.equal(stderr, "");
  const [line, ...others] = logLines({ stderr: readFileSync(file, "utf8") });
  assert.match(line, /^- GET \/apikey\/ 401 authenticate /);
  assert.deepEqual(others, []);
});

test("a log file that cannot be opened stops the start", async (t) => {
  const folder = newFolder(t);
  const nowhere = path.join(folder, "no", "mock.log");
  const loop = path.join(folder, "loop.log");
  await run("ln", ["-s", "loop.log", loop]);
  const problems = [
    [nowhere, `--log-file "${nowhere}": cannot be written; there is no folder ${path.dirname(nowhere)}\n`],
    [folder, `--log-file "${folder}": cannot be written; it is not a regular file\n`],
    [loop, `mock-capgo: ${loop}: cannot be written: Too many levels of symbolic links\n`],
  ];
  for (const [file, problem] of problems) {
    const { code, stdout, stderr } = await mockCapgo(["--port", "0", "--log-file", file]);
    assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: "", stderr: problem });
  }
});

test("why the server cannot go on is on stderr, not in the log file", async (t) => {
  const folder = newFolder(t);
  const [file, database] = ["mock.log", "keys.db"].map((name) => path.join(folder, name));
  writeFileSync(database, "no database");
  const options = ["--port", "0", "--log-file", file, "--storage", `sqlite:${database}`];
  const { code, stderr } = await mockCapgo(options);
  assert.equal(code, 2);
  assert.ok(stderr.startsWith(`mock-capgo: ${database}`), stderr);
  assert.equal(readFileSync(file, "utf8"), "");
});

test("a log file that cannot grow delays nothing, and is reported once", async (t) => {
  const file = path.join(newFolder(t), "mock.log");
  const options = `--port 0 --exit-on-stdin-close --fixtures '${keysFile}' --log-file '${file}'`;
  const server = start(t, "sh", ["-c", `ulimit -f 1; exec '${program}' ${options}`]);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  for (let i = 0; i < 50; ++i) assert.equal((await listKeys(server)).length, 4);
  const { code, stderr } = await server.stop();
  assert.equal(code, 0);
  assert.equal(stderr, `mock-capgo: ${file}: cannot be written: File too large; the log is incomplete\n`);
  assert.match(readFileSync(file, "utf8"), /^(.* GET .*\n)+/);
});

test("JSON lines have the same fields as text lines, and no query", async (t) => {
  const own = { on: "POST /apikey/", error: "permission_denied", delay: { milliseconds: 20 } };
  const server = await serveRules(t, [own], "--log-format", "json");
  await send(server, "GET /sandbox/worker-1/apikey/?page=2", { key: "ak_456" });
  await send(server, "POST /apikey/", { key: "ak_123" });
  await waitForLines(server, 2);
  const lines = logObjects(server).map(({ time, microseconds, ...line }) => {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assertInRange(microseconds, 0, 5e6, "us");
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

test("the log has colors on a terminal only, and not if NO_COLOR is set", async (t) => {
  /** The output of a server on a terminal. */
  const outputWith = async (...settings) => {
    const command = [program, "exec", "--fixtures", keysFile, "--", "sh", "-c"];
    const child = 'curl -sS -H "authorization: $CAPGO_TOKEN" -o /dev/null $CAPGO_API_URL/apikey/';
    const script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const args = ["env", "-u", "NO_COLOR", "TERM=xterm", ...settings, ...command, child];
    const { code, stdout, stderr } = await run("python3", ["-c", script, ...args]);
    assert.equal(code, 0, stdout + stderr);
    return stdout.replaceAll("\r\n", "\n");
  };
  const colored = await outputWith();
  assert.match(colored, /\x1b\[32m200\x1b\[0m/);
  for (const plain of [colored.replace(/\x1b\[\d+m/g, ""), await outputWith("NO_COLOR=1")]) {
    assert.deepEqual(logLines({ stderr: plain }), ["- GET /apikey/ 200 -"]);
  }
});

test("a burst of lines is logged completely, even if no request follows", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const wire = await connect(t, server);
  wire.send(requestBytes("GET /apikey/").repeat(2000));
  for (let i = 0; i < 2000; ++i) await expectList(wire);
  await waitForLines(server, 2000);
  assert.deepEqual(logLines(server), Array(2000).fill("- GET /apikey/ 200 -"));
});

test("a log that is not read delays nothing, and later counts dropped lines", async (t) => {
  const server = await serveUnread(t);
  server.child.stderr.resume();
  await server.waitForOutput("stderr", /lines of this log were dropped.*\n/);
  await listKeys(server);
  await server.waitForOutput("stderr", /lines of this log were dropped.*\n.+\n/);

  const lines = logObjects(server);
  const isKept = (line) => line.request_headers?.["X-Padding"] === padding;
  const numbers = lines.filter(isKept).map((line) => {
    return Number(/^n-(\d+)$/.exec(line.request_headers["X-Request-Id"])[1]);
  });
  const [note, last, ...others] = lines.filter((line) => !isKept(line));
  const missing = total - numbers.length;
  const notice = `${missing} lines of this log were dropped, because nothing read it`;
  assert.deepEqual([note.notice, last.status, others], [notice, 200, []]);
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
    "the lines are out of order",
  );
  // The buffer of the server, the pipe and the reader.
  assertInRange((numbers.length * padding.length) / 1024, 1000, 2048, "KiB of log");
});

test("a log that is not read does not delay the stop", async (t) => {
  const server = await serveUnread(t);
  const begin = performance.now();
  server.child.kill("SIGTERM");
  const [code] = await server.withTimeout(once(server.child, "exit"), "the exit");
  assertInRange(performance.now() - begin, 0, 2500, "ms until the end");
  assert.equal(code, 0);
  server.child.stderr.resume();
  await server.end();
});

test("a log whose reader has closed the pipe delays nothing", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  server.child.stderr.destroy();
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});

test("a log that cannot be written delays nothing", async (t) => {
  const shell = ["-c", 'exec "$0" "$@" 2>/dev/full', program];
  const options = ["--port", "0", "--exit-on-stdin-close", "--fixtures", keysFile];
  const server = start(t, "sh", [...shell, ...options]);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});
