/** Delayed responses. Lower bounds are exact, upper bounds leave time for slow machines. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import {
  assertInRange,
  connect,
  connectMany,
  waitForKeys,
  medianListTime,
  errorBody,
  requestBytes,
  expectList,
} from "./client.mjs";
import { waitForLines, logLines, logObjects } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = requestBytes("GET /apikey/");
const delayedList = requestBytes("GET /apikey/?delayed=1");
const delayed = { query: { delayed: "1" } };
const create = requestBytes("POST /apikey/", { body: { name: "New", mode: "read" } });
const calls = [list, create, requestBytes("DELETE /apikey/2/")];
/** With these options, the same requests get the same bytes. */
const repeatable = [
  "--fixtures",
  keysFile,
  "--seed",
  "7",
  "--freeze",
  "--now",
  "2024-02-12T00:00:00Z",
];
const tenMinutes = 600_000;

/** Pipelines all calls over one connection, and returns it after their responses. */
async function sendCalls(t, server) {
  const wire = await connect(t, server);
  wire.send(calls.join(""));
  for (const call of calls) assert.equal((await wire.response()).status, 200, call);
  return wire;
}

/** Options for a log with the X-Request-Id of each request. */
const fullLog = ["--log", "debug", "--log-format", "json"];

/**
 * Lists the keys `each` times over each of `connections`, all at the same time. Returns for each
 * request how long its response took and the delay in the log, in milliseconds.
 */
async function listAtOnce(t, server, connections, each) {
  const total = connections * each;
  const wires = await connectMany(t, server, connections);
  for (const [i, wire] of wires.entries()) {
    const numbers = Array.from({ length: each }, (_, k) => i * each + k);
    const requests = numbers.map((number) => ({ headers: { "X-Request-Id": `n-${number}` } }));
    wire.send(requests.map((each) => requestBytes("GET /apikey/", each)).join(""));
  }
  const took = [];
  for (const wire of wires) {
    for (let k = 0; k < each; ++k) took.push((await expectList(wire)) - wire.sentAt);
  }
  await waitForLines(server, total);
  const delays = new Map(
    logObjects(server).map((line) => {
      return [line.request_headers["X-Request-Id"], line.delay_milliseconds];
    }),
  );
  assert.equal(delays.size, total, "a request is not in the log");
  return took.map((milliseconds, i) => ({ took: milliseconds, delay: delays.get(`n-${i}`) }));
}

test("delay-fixed delays the usual response of every call by a second", async (t) => {
  const usual = await sendCalls(t, await serve(t, repeatable));
  const server = await serve(t, [...repeatable, "--scenario", "delay-fixed"]);
  const wire = await sendCalls(t, server);
  assert.equal(wire.text, usual.text);
  assertInRange(wire.chunks[0].at - wire.sentAt, 1000, 2900, "the first byte");
  assertInRange(wire.chunks.at(-1).at - wire.sentAt, 1000, 2900, "the last response");
  await waitForLines(server, 3);
  assert.deepEqual(logLines(server), [
    "- GET /apikey/ 200 delay-fixed, rule 1 (delay 1000 ms)",
    "- POST /apikey/ 200 delay-fixed, rule 3 (delay 1000 ms)",
    "- DELETE /apikey/2/ 200 delay-fixed, rule 6 (delay 1000 ms)",
  ]);
});

test("1,000 requests delayed by a second take about a second together", async (t) => {
  const scenario = ["--fixtures", keysFile, "--scenario", "delay-fixed"];
  const server = await serve(t, [...scenario, ...fullLog]);
  for (const { took, delay } of await listAtOnce(t, server, 200, 5)) {
    assert.equal(delay, 1000);
    assertInRange(took, 1000, 5000, "a response");
  }
});

test("delay-uniform delays by 100 to 900 ms, and the seed decides", async (t) => {
  const draw = async (seed) => {
    const options = ["--fixtures", keysFile, "--scenario", "delay-uniform", "--seed", seed];
    const responses = await listAtOnce(t, await serve(t, [...options, ...fullLog]), 1, 20);
    let longest = 0;
    for (const { took, delay } of responses) {
      assertInRange(delay, 100, 900, "ms of delay in the log");
      longest = Math.max(longest, delay); // Responses keep their order.
      assertInRange(took, longest, 5000, "a response");
    }
    return responses.map(({ delay }) => delay);
  };
  const first = await draw("7");
  assert.ok(Math.max(...first) - Math.min(...first) > 400, `too similar: ${first}`);
  assert.deepEqual(await draw("7"), first);
  assert.notDeepEqual(await draw("8"), first);
});

test("half of the delays of delay-lognormal are below 200 ms", async (t) => {
  const options = ["--fixtures", keysFile, "--scenario", "delay-lognormal", "--seed", "7"];
  const responses = await listAtOnce(t, await serve(t, [...options, ...fullLog]), 40, 5);
  for (const { took, delay } of responses) assert.ok(took >= delay, `${took} ms instead of ${delay} ms`);
  const count = (low, high) => responses.filter(({ delay }) => delay >= low && delay < high).length;
  // For 200 draws, plus and minus four standard deviations.
  assertInRange(count(0, 200), 72, 128, "of the draws below the median");
  assertInRange(count(0, 200 * Math.exp(-0.5)), 11, 53, "of the draws below one sigma");
  assertInRange(count(200 * Math.exp(0.5), Infinity), 11, 53, "of the draws above one sigma");
});

test("a delay starts at the end of its own request", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "delay-fixed"]);
  const [pipelined, split] = await connectMany(t, server, 2);
  const listWithBody = requestBytes("GET /apikey/", { body: "ignored" });
  pipelined.send(list);
  split.send(listWithBody.slice(0, -5));
  await pause(500);
  pipelined.send(list);
  split.send(listWithBody.slice(-5));
  await expectList(pipelined);
  assertInRange((await expectList(pipelined)) - pipelined.sentAt, 1000, 5000, "ms until the second response");
  await expectList(split);
  assertInRange(split.chunks[0].at - split.sentAt, 1000, 5000, "ms until the first byte");
});

test("responses keep the order of their requests, whatever their delays", async (t) => {
  const server = await serveRules(t, [{ on: "* *", match: delayed, delay: { milliseconds: 700 } }]);
  const wire = await connect(t, server);
  wire.send(delayedList + create + list);
  await expectList(wire);
  assert.ok(wire.chunks[0].at - wire.sentAt >= 700);
  const created = JSON.parse((await wire.response()).text).apikey;
  const { data } = JSON.parse((await wire.response()).text);
  assert.deepEqual([created.id, data.at(-1).id, data.length], [6, 6, 5]);
});

test("a delayed call changes the keys immediately", async (t) => {
  const rule = { on: "POST /apikey/", delay: { milliseconds: tenMinutes } };
  const server = await serveRules(t, [rule]);
  const wire = await connect(t, server);
  wire.send(create);
  const { name, id } = (await waitForKeys(server, 5)).at(-1);
  assert.deepEqual({ name, id }, { name: "New", id: 6 });
  assert.equal(wire.text, "");
});

test("requests without a delay do not wait for delayed ones", async (t) => {
  const dribble = { chunks: 50, milliseconds: tenMinutes };
  const server = await serveRules(t, [
    { on: "GET /apikey/", match: delayed, delay: { milliseconds: tenMinutes } },
    { on: "POST /apikey/", error: "server_error", dribble },
  ]);
  const waiting = await connectMany(t, server, 100);
  for (const wire of waiting) wire.send(delayedList);
  const dribbling = await connectMany(t, server, 100);
  for (const wire of dribbling) wire.send(create);
  for (const wire of dribbling) await wire.waitFor(() => wire.text.endsWith("\r\n\r\n"), "a head");
  assertInRange(await medianListTime(t, server), 0, 100, "the median response");
  for (const wire of waiting) assert.equal(wire.text, "");
});

test("an injected error and a literal response can be delayed, and the log says so", async (t) => {
  const delay = { milliseconds: 300 };
  const respond = { status: 503, headers: { "Retry-After": "1" }, body: "down" };
  const server = await serveRules(t, [
    { on: "GET /apikey/", delay, respond },
    { on: "POST /apikey/", delay, error: "permission_denied" },
  ]);
  const wire = await connect(t, server);
  wire.send(list + create);
  const down = await wire.response();
  assert.deepEqual([down.status, down.text], [503, "down"]);
  assert.equal(down.headers.get("retry-after"), "1");
  const denied = await wire.response();
  const text = errorBody("Insufficient permissions to manage API keys");
  assert.deepEqual([denied.status, denied.text], [403, text]);
  assert.ok(wire.chunks[0].at - wire.sentAt >= 300);
  await waitForLines(server, 2);
  assert.deepEqual(logLines(server), [
    "- GET /apikey/ 503 own, rule 1 respond (delay 300 ms)",
    "- POST /apikey/ 403 own, rule 2 error permission_denied (delay 300 ms)",
  ]);
});

test("a connection is closed after a delayed response as after any other", async (t) => {
  const server = await serveRules(t, [{ on: "GET /apikey/", delay: { milliseconds: 500 } }]);
  const requests = {
    "Connection: close": requestBytes("GET /apikey/", { headers: { Connection: "close" } }),
    "HTTP/1.0": list.replace("HTTP/1.1", "HTTP/1.0"),
  };
  for (const [what, bytes] of Object.entries(requests)) {
    const wire = await connect(t, server);
    wire.send(bytes);
    assertInRange((await expectList(wire)) - wire.sentAt, 500, 5000, what);
    assert.equal(await wire.end(), "FIN", what);
    assert.equal(wire.rest, "", what);
  }
});

test("a client that has shut down its sending side gets its delayed response", async (t) => {
  const server = await serveRules(t, [{ on: "GET /apikey/", delay: { milliseconds: 500 } }]);
  const wire = await connect(t, server);
  wire.send(list);
  wire.socket.end();
  assertInRange((await expectList(wire)) - wire.sentAt, 500, 5000, "the response");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});

test("100 Continue is not delayed, but follows earlier responses", async (t) => {
  const server = await serveRules(t, [{ on: "* *", delay: { milliseconds: 1000 } }]);
  const headers = { Expect: "100-continue", "Transfer-Encoding": "chunked" };
  const head = requestBytes("POST /apikey/", { headers });
  const interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const body = '14\r\n{"name":"In chunks",\r\nE\r\n"mode":"read"}\r\n0\r\n\r\n';

  const wire = await connect(t, server);
  wire.send(head);
  await wire.waitFor(() => wire.text === interim, "100 Continue");
  assertInRange(wire.chunks[0].at - wire.sentAt, 0, 900, "100 Continue");
  wire.send(body);
  assert.equal((await wire.response()).status, 100);
  assert.equal(JSON.parse((await wire.response()).text).apikey.name, "In chunks");

  wire.send(list + head);
  assert.equal(JSON.parse((await wire.response()).text).data.length, 5);
  assert.equal((await wire.response()).status, 100);
  wire.send(body);
  const created = await wire.response();
  assertInRange(created.at - wire.sentAt, 1000, 5000, "the response after 100 Continue");
  assert.equal(JSON.parse(created.text).apikey.id, 7);
});
