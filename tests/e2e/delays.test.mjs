/** Slow answers: what is late, how late, and what is not. A bound from below is exact. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import {
  assertWithin,
  connect,
  connectMany,
  listKeysOnce,
  listText,
  medianListTime,
  refusal,
  request,
  seesList,
} from "./client.mjs";
import { seesLines, toldLines, toldObjects } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = request("GET /apikey/");
const lateList = request("GET /apikey/?late=1");
const late = { query: { late: "1" } };
const create = request("POST /apikey/", { body: { name: "New", mode: "read" } });
const everyCall = [list, create, request("DELETE /apikey/2/")];
/** Makes the same bytes of the same requests. */
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

/** Sends each call over one connection, all at a time; gives the connection with its answers. */
async function makeEveryCall(t, server) {
  const wire = await connect(t, server);
  wire.send(everyCall.join(""));
  for (const call of everyCall) assert.equal((await wire.answer()).status, 200, call);
  return wire;
}

/** The options of a log that tells of each request its X-Request-Id. */
const fullLog = ["--log", "debug", "--log-format", "json"];

/**
 * Lists the keys over so many connections, so many times over each, all at once. Gives for each
 * request how long its answer took and how long the log says that it is delayed, in milliseconds.
 */
async function listAtOnce(t, server, connections, each) {
  const total = connections * each;
  const wires = await connectMany(t, server, connections);
  for (const [i, wire] of wires.entries()) {
    const numbers = Array.from({ length: each }, (_, k) => i * each + k);
    const requests = numbers.map((number) => ({ headers: { "X-Request-Id": `n-${number}` } }));
    wire.send(requests.map((each) => request("GET /apikey/", each)).join(""));
  }
  const took = [];
  for (const wire of wires) {
    for (let k = 0; k < each; ++k) took.push((await seesList(wire)) - wire.sentAt);
  }
  await seesLines(server, total);
  const told = new Map(
    toldObjects(server).map((line) => {
      return [line.request_headers["X-Request-Id"], line.delay_milliseconds];
    }),
  );
  assert.equal(told.size, total, "a request is not in the log");
  return took.map((milliseconds, i) => ({ took: milliseconds, told: told.get(`n-${i}`) }));
}

test("delay-fixed gives every call its usual bytes a second later", async (t) => {
  const usual = await makeEveryCall(t, await serve(t, repeatable));
  const server = await serve(t, [...repeatable, "--scenario", "delay-fixed"]);
  const wire = await makeEveryCall(t, server);
  assert.equal(wire.text, usual.text);
  assertWithin(wire.pieces[0].at - wire.sentAt, 1000, 2900, "the first byte");
  assertWithin(wire.pieces.at(-1).at - wire.sentAt, 1000, 2900, "the third of three answers");
  await seesLines(server, 3);
  assert.deepEqual(toldLines(server), [
    "- GET /apikey/ 200 delay-fixed, rule 1 (delay 1000 ms)",
    "- POST /apikey/ 200 delay-fixed, rule 3 (delay 1000 ms)",
    "- DELETE /apikey/2/ 200 delay-fixed, rule 6 (delay 1000 ms)",
  ]);
});

test("1,000 requests delayed by a second are all answered after about a second", async (t) => {
  const scenario = ["--fixtures", keysFile, "--scenario", "delay-fixed"];
  const server = await serve(t, [...scenario, ...fullLog]);
  for (const { took, told } of await listAtOnce(t, server, 200, 5)) {
    assert.equal(told, 1000);
    assertWithin(took, 1000, 5000, "an answer");
  }
});

test("delay-uniform draws from 100 to 900 ms, and alike from the same seed", async (t) => {
  const draw = async (seed) => {
    const options = ["--fixtures", keysFile, "--scenario", "delay-uniform", "--seed", seed];
    const answers = await listAtOnce(t, await serve(t, [...options, ...fullLog]), 1, 20);
    let longest = 0;
    for (const { took, told } of answers) {
      assertWithin(told, 100, 900, "ms of delay in the log");
      longest = Math.max(longest, told); // Those before it come first.
      assertWithin(took, longest, 5000, "an answer");
    }
    return answers.map(({ told }) => told);
  };
  const first = await draw("7");
  assert.ok(Math.max(...first) - Math.min(...first) > 400, `${first} are no wide spread`);
  assert.deepEqual(await draw("7"), first);
  assert.notDeepEqual(await draw("8"), first);
});

test("delay-lognormal draws half below 200 ms, and has a long tail", async (t) => {
  const options = ["--fixtures", keysFile, "--scenario", "delay-lognormal", "--seed", "7"];
  const answers = await listAtOnce(t, await serve(t, [...options, ...fullLog]), 40, 5);
  for (const { took, told } of answers) assert.ok(took >= told, `${took} ms instead of ${told} ms`);
  const count = (low, high) => answers.filter(({ told }) => told >= low && told < high).length;
  // Of 200, and each four standard deviations to both sides.
  assertWithin(count(0, 200), 72, 128, "of the draws below the median");
  assertWithin(count(0, 200 * Math.exp(-0.5)), 11, 53, "of the draws below one sigma");
  assertWithin(count(200 * Math.exp(0.5), Infinity), 11, 53, "of the draws above one sigma");
});

test("a delay counts from the end of its own request", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "delay-fixed"]);
  const [second, torn] = await connectMany(t, server, 2);
  const listWithBody = request("GET /apikey/", { body: "not looked at" });
  second.send(list);
  torn.send(listWithBody.slice(0, -5));
  await pause(500);
  second.send(list);
  torn.send(listWithBody.slice(-5));
  await seesList(second);
  assertWithin((await seesList(second)) - second.sentAt, 1000, 5000, "ms until the second answer");
  await seesList(torn);
  assertWithin(torn.pieces[0].at - torn.sentAt, 1000, 5000, "ms until the first byte");
});

test("answers come in the order of their requests, whatever their delays", async (t) => {
  const server = await serveRules(t, [{ on: "* *", match: late, delay: { milliseconds: 700 } }]);
  const wire = await connect(t, server);
  wire.send(lateList + create + list);
  await seesList(wire);
  assert.ok(wire.pieces[0].at - wire.sentAt >= 700);
  const made = JSON.parse((await wire.answer()).text).apikey;
  const { data } = JSON.parse((await wire.answer()).text);
  assert.deepEqual([made.id, data.at(-1).id, data.length], [6, 6, 5]);
});

test("a delayed call is carried out at once", async (t) => {
  const rule = { on: "POST /apikey/", delay: { milliseconds: tenMinutes } };
  const server = await serveRules(t, [rule]);
  const wire = await connect(t, server);
  wire.send(create);
  const { name, id } = (await listKeysOnce(server, 5)).at(-1);
  assert.deepEqual({ name, id }, { name: "New", id: 6 });
  assert.equal(wire.text, "");
});

test("requests without a delay do not wait for those with one", async (t) => {
  const dribble = { chunks: 50, milliseconds: tenMinutes };
  const server = await serveRules(t, [
    { on: "GET /apikey/", match: late, delay: { milliseconds: tenMinutes } },
    { on: "POST /apikey/", error: "server_error", dribble },
  ]);
  const waiting = await connectMany(t, server, 100);
  for (const wire of waiting) wire.send(lateList);
  const dribbling = await connectMany(t, server, 100);
  for (const wire of dribbling) wire.send(create);
  for (const wire of dribbling) await wire.sees(() => wire.text.endsWith("\r\n\r\n"), "a head");
  assertWithin(await medianListTime(t, server), 0, 100, "the median answer");
  for (const wire of waiting) assert.equal(wire.text, "");
});

test("an injected error and a literal answer can be late, and the log says so", async (t) => {
  const delay = { milliseconds: 300 };
  const respond = { status: 503, headers: { "Retry-After": "1" }, body: "down" };
  const server = await serveRules(t, [
    { on: "GET /apikey/", delay, respond },
    { on: "POST /apikey/", delay, error: "permission_denied" },
  ]);
  const wire = await connect(t, server);
  wire.send(list + create);
  const down = await wire.answer();
  assert.deepEqual([down.status, down.text], [503, "down"]);
  assert.equal(down.headers.get("retry-after"), "1");
  const denied = await wire.answer();
  const text = refusal("Insufficient permissions to manage API keys");
  assert.deepEqual([denied.status, denied.text], [403, text]);
  assert.ok(wire.pieces[0].at - wire.sentAt >= 300);
  await seesLines(server, 2);
  assert.deepEqual(toldLines(server), [
    "- GET /apikey/ 503 own, rule 1 respond (delay 300 ms)",
    "- POST /apikey/ 403 own, rule 2 error permission_denied (delay 300 ms)",
  ]);
});

test("a connection is closed after its late answer as after any other", async (t) => {
  const server = await serveRules(t, [{ on: "GET /apikey/", delay: { milliseconds: 500 } }]);
  const asks = {
    "Connection: close": request("GET /apikey/", { headers: { Connection: "close" } }),
    "HTTP/1.0": list.replace("HTTP/1.1", "HTTP/1.0"),
  };
  for (const [what, bytes] of Object.entries(asks)) {
    const wire = await connect(t, server);
    wire.send(bytes);
    assertWithin((await seesList(wire)) - wire.sentAt, 500, 5000, what);
    assert.equal(await wire.end(), "FIN", what);
    assert.equal(wire.rest, "", what);
  }
});

test("a client that has sent its last byte still gets its late answer", async (t) => {
  const server = await serveRules(t, [{ on: "GET /apikey/", delay: { milliseconds: 500 } }]);
  const wire = await connect(t, server);
  wire.send(list);
  wire.socket.end();
  assertWithin((await seesList(wire)) - wire.sentAt, 500, 5000, "the answer");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});

test("100 Continue is not late, but comes after the answers before it", async (t) => {
  const server = await serveRules(t, [{ on: "* *", delay: { milliseconds: 1000 } }]);
  const headers = { Expect: "100-continue", "Transfer-Encoding": "chunked" };
  const head = request("POST /apikey/", { headers });
  const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
  const body = '14\r\n{"name":"In pieces",\r\nE\r\n"mode":"read"}\r\n0\r\n\r\n';

  const wire = await connect(t, server);
  wire.send(head);
  await wire.sees(() => wire.text === goOn, "100 Continue");
  assertWithin(wire.pieces[0].at - wire.sentAt, 0, 900, "100 Continue");
  wire.send(body);
  assert.equal((await wire.answer()).status, 100);
  assert.equal(JSON.parse((await wire.answer()).text).apikey.name, "In pieces");

  wire.send(list + head);
  assert.equal(JSON.parse((await wire.answer()).text).data.length, 5);
  assert.equal((await wire.answer()).status, 100);
  wire.send(body);
  const made = await wire.answer();
  assertWithin(made.at - wire.sentAt, 1000, 5000, "the answer after 100 Continue");
  assert.equal(JSON.parse(made.text).apikey.id, 7);
});
