/** A client of the control API. */
import assert from "node:assert/strict";

import { send } from "./client.mjs";

/**
 * Makes a control call that must succeed, and returns the JSON of the response:
 * `control(server, "PUT /__admin/clock", { frozen: true })`.
 */
export async function control(server, line, body, { wanted = 200 } = {}) {
  const { status, text } = await send(server, line, { body });
  assert.equal(status, wanted, `${line}: ${text}`);
  return JSON.parse(text);
}

/** Checks that a response is an error of the control API with this status. Returns its JSON. */
export function assertControlError({ status, headers, text }, wanted) {
  assert.equal(status, wanted, text);
  const { error, details, ...more } = JSON.parse(text);
  assert.equal(headers.get("content-type"), "application/json");
  const reason = Buffer.from([error, ...details].join("; ")).toString("latin1");
  const header = headers.get("x-mock-reason");
  // The header has printable ASCII only, and may be truncated.
  assert.ok(reason.replace(/[^ -~]/g, "?").startsWith(header), `${header} is not ${reason}`);
  assert.ok(header.length >= Math.min(error.length, 200), `${header} is not ${reason}`);
  // Web pages may read the errors of other requests, but not those of control calls.
  const isReadable = headers.get("access-control-allow-origin") === "*";
  assert.equal(headers.get("x-mock-contract") !== null, isReadable);
  return { error, details, ...more };
}

/** A sandbox of a server. It can be used like a server. */
export function sandboxOf(server, name) {
  return Object.create(server, { url: { value: `${server.url}/sandbox/${name}` } });
}
