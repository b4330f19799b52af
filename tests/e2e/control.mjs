/** Clients of the control API. */
import assert from "node:assert/strict";

import { ask } from "./client.mjs";

/**
 * A control call that must succeed: `control(server, "PUT /__admin/clock", { frozen: true })`.
 * Gives what its answer's JSON holds.
 */
export async function control(server, line, body, { wanted = 200 } = {}) {
  const { status, text } = await ask(server, line, { body });
  assert.equal(status, wanted, `${line}: ${text}`);
  return JSON.parse(text);
}

/** Checks that an answer is the control API's refusal with this status. Gives what it says. */
export function assertControlRefusal({ status, headers, text }, wanted) {
  assert.equal(status, wanted, text);
  const { error, details, ...more } = JSON.parse(text);
  assert.equal(headers.get("content-type"), "application/json");
  const reason = Buffer.from([error, ...details].join("; ")).toString("latin1");
  const shown = headers.get("x-mock-reason");
  // Nothing but printable ASCII goes into a header, and not too much of it.
  assert.ok(reason.replace(/[^ -~]/g, "?").startsWith(shown), `${shown} is not ${reason}`);
  assert.ok(shown.length >= Math.min(error.length, 200), `${shown} is not ${reason}`);
  assert.equal(headers.get("x-mock-contract"), null);
  assert.equal(headers.get("access-control-allow-origin"), null);
  return { error, details, ...more };
}

/** A sandbox of a server, to be asked as a server is. */
export function sandboxOf(server, name) {
  return Object.create(server, { url: { value: `${server.url}/sandbox/${name}` } });
}

/** Everything that a sandbox has, but for its journal. */
export async function everythingOf(server) {
  const calls = ["state", "scenarios", "clock", "sandboxes"];
  return Promise.all(calls.map((call) => control(server, `GET /__admin/${call}`)));
}

/**
 * Makes calls that are wrong: `[body, [place, message], ...]`. Each is refused with 400 and these
 * details, whose messages begin as the patterns do, and changes nothing.
 */
export async function assertRefused(server, line, bodies) {
  const before = await everythingOf(server);
  for (const [body, ...expected] of bodies) {
    const { details } = assertControlRefusal(await ask(server, line, { body }), 400);
    assert.equal(details.length, expected.length, details.join("\n"));
    for (const [i, [place, message]] of expected.entries()) {
      assert.ok(details[i].startsWith(place), `${details[i]} is not at ${place}`);
      assert.equal(message.exec(details[i].slice(place.length))?.index, 0, details[i]);
    }
  }
  assert.deepEqual(await everythingOf(server), before);
}
