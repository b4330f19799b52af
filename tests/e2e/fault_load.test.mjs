/** Many delays, dribbles and faults together. The sanitizers report leaks at the clean stop. */
import assert from "node:assert/strict";
import test from "node:test";

import { connectMany, listBody, medianListTime, requestBytes } from "./client.mjs";
import { waitForLines, logObjects } from "./log_lines.mjs";
import { serveRules } from "./server.mjs";

const quick = { type: "uniform", lower: 10, upper: 200 };
const dribble = { chunks: 7, milliseconds: 200 };
const effects = [
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

/** Starts a server where each effect applies to 30 requests. */
function serveMixture(t) {
  const rules = effects.map((effect) => ({ on: "GET /apikey/", probability: 0.5, times, ...effect }));
  return serveRules(t, rules, "--seed", "7", "--log", "debug", "--log-format", "json");
}

/** Lists the keys over each of `count` connections, with a number as X-Request-Id. */
async function listOverMany(t, server, count) {
  const wires = await connectMany(t, server, count);
  for (const [number, wire] of wires.entries()) {
    wire.send(requestBytes("GET /apikey/", { headers: { "X-Request-Id": `n-${number}` } }));
  }
  return wires;
}

/** The effects in the log, by X-Request-Id: the delay, the dribble and the fault, if any. */
async function loggedEffects(server, count) {
  await waitForLines(server, count);
  return new Map(
    logObjects(server).map((line) => {
      const { status, request_headers: headers, delay_milliseconds: delay = 0 } = line;
      assert.equal(status, 200);
      return [headers["X-Request-Id"], { delay, fault: line.fault, dribble: line.dribble }];
    }),
  );
}

/** Checks that a connection shows the effect in the log. */
async function assertEffect(wire, { delay, fault }) {
  if (fault === "HANG") return assert.deepEqual([wire.text, wire.ending], ["", null]);
  if (fault === undefined) {
    const { status, text } = await wire.response();
    assert.deepEqual({ status, text, rest: wire.rest }, { status: 200, text: listBody, rest: "" });
  } else {
    const end = await wire.end();
    assert.equal(end, fault === "CONNECTION_RESET_BY_PEER" ? "ECONNRESET" : "FIN", fault);
    const silent = ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE"].includes(fault);
    assert.equal(wire.text === "", silent, `${fault}: ${wire.text}`);
    assert.doesNotMatch(wire.text, /"data"/, fault);
  }
  const firstAt = wire.chunks[0]?.at ?? Infinity;
  assert.ok(firstAt - wire.sentAt >= delay, `too early for ${delay} ms`);
}

test("500 connections show the effects in the log, and others still work", async (t) => {
  const server = await serveMixture(t);
  const wires = await listOverMany(t, server, 500);
  const effectsById = await loggedEffects(server, wires.length);
  assert.equal(effectsById.size, wires.length);
  for (const [number, wire] of wires.entries()) {
    await assertEffect(wire, effectsById.get(`n-${number}`));
  }

  const kinds = {};
  for (const { delay, fault, dribble: chunks } of effectsById.values()) {
    if (chunks) assert.deepEqual(chunks, dribble);
    const parts = [delay > 0 && "delay", chunks && "dribble", fault && `fault ${fault}`];
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
    "": wires.length - effects.length * times,
  });
  await assertHealthy(t, server);
});

/** Checks that requests without an effect are fast, and that the server stops cleanly. */
async function assertHealthy(t, server) {
  assert.ok((await medianListTime(t, server)) < 100);
  const { code, stderr } = await server.stop();
  assert.equal(code, 0, stderr.slice(-2000));
}

test("clients that disconnect before their response do no harm", async (t) => {
  const server = await serveMixture(t);
  const wires = await listOverMany(t, server, 500);
  await loggedEffects(server, wires.length);
  for (const [number, { socket, ending }] of wires.entries()) {
    // Node.js does not report the close of a socket that is reset after its end.
    if (number % 3 === 0 && ending === null) socket.resetAndDestroy();
    if (number % 3 === 0 && ending !== null) socket.destroy();
    if (number % 3 === 1) socket.destroy();
    if (number % 3 === 2) socket.end();
  }
  for (const wire of wires) await wire.end();
  await assertHealthy(t, server);
});
