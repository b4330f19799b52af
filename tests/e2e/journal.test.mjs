/** The journal of requests, and verify. */
import assert from "node:assert/strict";
import test from "node:test";

import { assertInRange, connect, errorBody, exposedHeaders, requestBytes, send } from "./client.mjs";
import { assertControlError, control, sandboxOf } from "./control.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const frozen = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];
const list = { key: "ak_123" };

/** The entries of the journal that match a query. */
async function entriesOf(server, query = "") {
  return (await control(server, `GET /__admin/requests${query}`)).requests;
}

function idsOf(entries) {
  return entries.map(({ id }) => id);
}

test("an entry has request, response and decision, with secrets redacted", async (t) => {
  const rule = { on: "DELETE /apikey/:id/", error: "server_error" };
  const server = await serveRules(t, [rule], "--now", "2024-02-12T00:00:00.5Z", "--freeze");
  const body = '{"name":"CI","mode":"reed"}';
  const headers = { Host: "localhost", "X-Request-Id": "mine", Accept: "a/b", accept: "c/d" };
  const wire = await connect(t, server);
  wire.send(
    requestBytes("POST /sandbox/a/apikey/?x=1&y", { key: "ak_0123456789abcdef", headers, body }),
  );
  wire.send(requestBytes("POST /sandbox/a/apikey/?x=1&y", { headers, body }));
  wire.send(requestBytes("DELETE /sandbox/a/apikey/2", { headers }));
  for (let i = 0; i < 3; ++i) await wire.response();
  const entries = await entriesOf(sandboxOf(server, "a"));
  for (const { microseconds } of entries) assertInRange(microseconds, 0, 5e6, "microseconds");
  const headersWith = (reason) => ({
    "Content-Type": "application/json",
    "X-Mock-Reason": reason,
    "Access-Control-Allow-Origin": "*",
    "X-Request-Id": "mine",
    "X-Mock-Contract": "documented",
    "Access-Control-Expose-Headers": exposedHeaders,
    Date: "Mon, 12 Feb 2024 00:00:00 GMT",
  });
  const sent = {
    Host: "localhost",
    Authorization: "ak_123",
    "Content-Length": String(body.length),
  };
  const rest = { "X-Request-Id": "mine", Accept: "a/b, c/d" };
  const create = { method: "POST", path: "/apikey/", query: "x=1&y", body };
  const modes = "Invalid mode specified. Must be one of: read, write, upload, all";
  const received = entries.map(({ microseconds, ...entry }) => entry);
  const unknown = /^authenticate: no key has the secret "ak_012\.\.\."/;
  assert.match(received[0].response.headers["X-Mock-Reason"], unknown);
  assert.deepEqual(received, [
    {
      ...{ id: 1, at: "2024-02-12T00:00:00.5Z", ...create, key_id: null, status: 401 },
      headers: { ...sent, ...rest, Authorization: "ak_012..." },
      response: {
        headers: headersWith(received[0].response.headers["X-Mock-Reason"]),
        body: errorBody("Invalid API key"),
      },
      ...{ rejected_by: "authenticate", scenario: null },
    },
    {
      ...{ id: 2, at: "2024-02-12T00:00:00.5Z", ...create, key_id: 1, status: 400 },
      headers: { ...sent, ...rest },
      response: {
        headers: headersWith('read_mode: mode is "reed", which is not a mode; did you mean "read"?'),
        body: errorBody(modes),
      },
      ...{ rejected_by: "read_mode", scenario: null },
    },
    {
      ...{ id: 3, at: "2024-02-12T00:00:00.5Z", method: "DELETE", path: "/apikey/2", query: "" },
      ...{ body: "", key_id: 1, status: 500 },
      headers: { Host: "localhost", Authorization: "ak_123", ...rest },
      response: {
        headers: headersWith("scenario own, rule 1: error server_error"),
        body: errorBody("Internal server error"),
      },
      ...{ rejected_by: null, scenario: "own, rule 1" },
    },
  ]);
});

test("--journal 3 keeps the newest three requests of each sandbox, and counts dropped ones", async (t) => {
  const server = await serve(t, [...frozen, "--journal", "3"]);
  for (let i = 0; i < 5; ++i) await send(server, `GET /apikey/?n=${i}`, list);
  await send(sandboxOf(server, "a"), "GET /apikey/", list);
  const { requests, dropped } = await control(server, "GET /__admin/requests");
  assert.deepEqual(
    requests.map(({ id, query }) => [id, query]),
    [
      [3, "n=2"],
      [4, "n=3"],
      [5, "n=4"],
    ],
  );
  assert.equal(dropped, 2);
  assert.deepEqual(idsOf(await entriesOf(sandboxOf(server, "a"))), [1]);

  // The dropped requests may have matched, so some counts are undecided.
  const verify = (count) => send(server, "POST /__admin/verify", { body: { on: "GET *", count } });
  assert.equal((await verify({ at_least: 3 })).text, '{"verified":true,"count":3}');
  const tooMany = assertControlError(await verify({ at_most: 2 }), 409);
  assert.equal(tooMany.error, "expected at most 2, but 3 requests matched");
  for (const count of [{ exactly: 3 }, { exactly: 5 }, { at_least: 4 }, { at_most: 3 }]) {
    const { error, details } = assertControlError(await verify(count), 409);
    assert.equal(error, "undecided: the journal no longer has everything needed to answer");
    assert.deepEqual(details, [
      "the journal has dropped 2 requests; start with a larger --journal (it is 3), or reset between tests",
    ]);
  }

  // Ids continue after a clear, and start again after a reset.
  assert.deepEqual(await control(server, "DELETE /__admin/requests"), { removed: 3 });
  assert.deepEqual(await control(server, "GET /__admin/requests"), { requests: [], dropped: 0 });
  await send(server, "GET /apikey/", list);
  assert.deepEqual(idsOf(await entriesOf(server)), [6]);
  await control(server, "POST /__admin/reset");
  await send(server, "GET /apikey/", list);
  assert.deepEqual(idsOf(await entriesOf(server)), [1]);
});

test("the journal has no control calls or malformed requests", async (t) => {
  const server = await serve(t, frozen);
  await control(server, "GET /__admin/health");
  await send(server, "GET /__admin/nothing");
  await send(server, "POST /__admin/reset");
  const wire = await connect(t, server);
  wire.send("nonsense\r\n\r\n");
  await wire.end();
  assert.deepEqual(await entriesOf(server), []);
  await send(server, "OPTIONS /apikey/");
  await send(server, "GET /apikey/", { ...list, headers: { "X-Mock-Scenario": "rate_limited" } });
  const namesOf = async (query) => {
    const entries = await entriesOf(server, query);
    return entries.map(({ method, status, scenario }) => [method, status, scenario]);
  };
  assert.deepEqual(await namesOf(), [["GET", 429, "X-Mock-Scenario"]]);
  assert.deepEqual(await namesOf("?method=OPTIONS"), [["OPTIONS", 204, null]]);
});
