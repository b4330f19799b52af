/** Every delay, dribble and fault at once, many times. The clean stop at the end tells of leaks. */
import assert from "node:assert/strict";
import test from "node:test";

import { connectMany, listText, medianListTime, request } from "./client.mjs";
import { seesLines, toldObjects } from "./log_lines.mjs";
import { serveRules } from "./server.mjs";

const quick = { type: "uniform", lower: 10, upper: 200 };
const dribble = { chunks: 7, milliseconds: 200 };
const acts = [
  { delay: quick },
  { dribble },
  { delay: quick, dribble },
  { fault: "CONNECTION_RESET_BY_PEER" },
  { fault: "EMPTY_RESPONSE" },
  { fault: "MALFORMED_RESPONSE_CHUNK" },
  { fault: "RANDOM_DATA_THEN_CLOSE" },
  { fault: "HANG" },
  { delay: quick, fault: "CONNECTION_RESET_BY_PEER" },
  { delay: quick, fault: "MALFORMED_RESPONSE_CHUNK" },
];
const times = 30;

/** A server where each act hits half of the requests that reach it, until it has hit its 30. */
function serveMixture(t) {
  const rules = acts.map((act) => ({ on: "GET /apikey/", probability: 0.5, times, ...act }));
  return serveRules(t, rules, "--seed", "7", "--log", "debug", "--log-format", "json");
}

/** Lists the keys over so many connections at once, each with a number as its id. */
async function listOverMany(t, server, count) {
  const wires = await connectMany(t, server, count);
  for (const [number, wire] of wires.entries()) {
    wire.send(request("GET /apikey/", { headers: { "X-Request-Id": `n-${number}` } }));
  }
  return wires;
}

/** What the log tells of each numbered request: the delay, the dribble, and the fault, if any. */
async function toldActs(server, count) {
  await seesLines(server, count);
  return new Map(
    toldObjects(server).map((line) => {
      const { status, request_headers: headers, delay_milliseconds: delay = 0 } = line;
      assert.equal(status, 200);
      return [headers["X-Request-Id"], { delay, fault: line.fault, dribble: line.dribble }];
    }),
  );
}

/** Checks that a connection fared as the log says. */
async function assertFared(wire, { delay, fault }) {
  if (fault === "HANG") return assert.deepEqual([wire.text, wire.ending], ["", null]);
  if (fault === undefined) {
    const { status, text } = await wire.answer();
    assert.deepEqual({ status, text, rest: wire.rest }, { status: 200, text: listText, rest: "" });
  } else {
    const end = await wire.end();
    assert.equal(end, fault === "CONNECTION_RESET_BY_PEER" ? "ECONNRESET" : "FIN", fault);
    const silent = ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE"].includes(fault);
    assert.equal(wire.text === "", silent, `${fault}: ${wire.text}`);
    assert.doesNotMatch(wire.text, /"data"/, fault);
  }
  const firstAt = wire.pieces[0]?.at ?? Infinity;
  assert.ok(firstAt - wire.sentAt >= delay, `too early for ${delay} ms`);
}

test("500 connections fare as the log tells, and then all is well", async (t) => {
  const server = await serveMixture(t);
  const wires = await listOverMany(t, server, 500);
  const told = await toldActs(server, wires.length);
  assert.equal(told.size, wires.length);
  for (const [number, wire] of wires.entries()) {
    await assertFared(wire, told.get(`n-${number}`));
  }

  const kinds = {};
  for (const { delay, fault, dribble: pieces } of told.values()) {
    if (pieces) assert.deepEqual(pieces, dribble);
    const parts = [delay > 0 && "delay", pieces && "dribble", fault && `fault ${fault}`];
    const kind = parts.filter(Boolean).join(", ");
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const closing = ["CONNECTION_RESET_BY_PEER", "MALFORMED_RESPONSE_CHUNK"];
  assert.deepEqual(kinds, {
    delay: times,
    dribble: times,
    "delay, dribble": times,
    "fault CONNECTION_RESET_BY_PEER": times,
    "fault EMPTY_RESPONSE": times,
    "fault MALFORMED_RESPONSE_CHUNK": times,
    "fault RANDOM_DATA_THEN_CLOSE": times,
    "fault HANG": times,
    ...Object.fromEntries(closing.map((fault) => [`delay, fault ${fault}`, times])),
    "": wires.length - acts.length * times,
  });
  await assertHealthy(t, server);
});

/** All acts are used up: plain requests are answered, and the server stops as ever. */
async function assertHealthy(t, server) {
  assert.ok((await medianListTime(t, server)) < 100);
  const { code, stderr } = await server.stop();
  assert.equal(code, 0, stderr.slice(-2000));
}

test("clients that leave before they are answered do no harm", async (t) => {
  const server = await serveMixture(t);
  const wires = await listOverMany(t, server, 500);
  await toldActs(server, wires.length);
  for (const [number, { socket, ending }] of wires.entries()) {
    // Node never tells the close of a socket that it resets after an end.
    if (number % 3 === 0 && ending === null) socket.resetAndDestroy();
    if (number % 3 === 0 && ending !== null) socket.destroy();
    if (number % 3 === 1) socket.destroy();
    if (number % 3 === 2) socket.end();
  }
  for (const wire of wires) await wire.end();
  await assertHealthy(t, server);
});
