/** What was asked and answered, told afterwards: the journal, and checks of what is in it. */
import assert from "node:assert/strict";
import test from "node:test";

import { ask, assertWithin, connect, createKey, refusal, request } from "./client.mjs";
import { assertControlRefusal, control, sandboxOf } from "./control.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const frozen = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];
const list = { key: "ak_123" };

/** The journal's entries that a query chooses. */
async function entriesOf(server, query = "") {
  return (await control(server, `GET /__admin/requests${query}`)).requests;
}

/** The ids of entries. */
function idsOf(entries) {
  return entries.map(({ id }) => id);
}

/** Creates with `mode`, and says in a header which test asks. */
function create(server, mode, headers = {}) {
  return ask(server, "POST /apikey/", { key: "ak_123", body: { name: "CI", mode }, headers });
}

test("an entry has request, response and decision, with secrets redacted", async (t) => {
  const rule = { on: "DELETE /apikey/:id/", error: "server_error" };
  const server = await serveRules(t, [rule], "--now", "2024-02-12T00:00:00.5Z", "--freeze");
  const body = '{"name":"CI","mode":"reed"}';
  const headers = { Host: "localhost", "X-Request-Id": "mine", Accept: "a/b", accept: "c/d" };
  const wire = await connect(t, server);
  wire.send(
    request("POST /sandbox/a/apikey/?x=1&y", { key: "ak_0123456789abcdef", headers, body }),
  );
  wire.send(request("POST /sandbox/a/apikey/?x=1&y", { headers, body }));
  wire.send(request("DELETE /sandbox/a/apikey/2", { headers }));
  for (let i = 0; i < 3; ++i) await wire.answer();
  const entries = await entriesOf(sandboxOf(server, "a"));
  for (const { microseconds } of entries) assertWithin(microseconds, 0, 5e6, "microseconds");
  const answer = (reason) => ({
    "Content-Type": "application/json",
    "X-Mock-Reason": reason,
    "Access-Control-Allow-Origin": "*",
    "X-Request-Id": "mine",
    "X-Mock-Contract": "documented",
  });
  const sent = {
    Host: "localhost",
    Authorization: "ak_123",
    "Content-Length": String(body.length),
  };
  const rest = { "X-Request-Id": "mine", Accept: "a/b, c/d" };
  const asked = { method: "POST", path: "/apikey/", query: "x=1&y", body };
  const modes = "Invalid mode specified. Must be one of: read, write, upload, all";
  const told = entries.map(({ microseconds, ...entry }) => entry);
  const unknown = /^authenticate: no key has the secret "ak_012\.\.\."/;
  assert.match(told[0].response.headers["X-Mock-Reason"], unknown);
  assert.deepEqual(told, [
    {
      ...{ id: 1, at: "2024-02-12T00:00:00.5Z", ...asked, key_id: null, status: 401 },
      headers: { ...sent, ...rest, Authorization: "ak_012..." },
      response: {
        headers: answer(told[0].response.headers["X-Mock-Reason"]),
        body: refusal("Invalid API key"),
      },
      ...{ rejected_by: "authenticate", scenario: null },
    },
    {
      ...{ id: 2, at: "2024-02-12T00:00:00.5Z", ...asked, key_id: 1, status: 400 },
      headers: { ...sent, ...rest },
      response: {
        headers: answer('read_mode: mode is "reed", which is not a mode; did you mean "read"?'),
        body: refusal(modes),
      },
      ...{ rejected_by: "read_mode", scenario: null },
    },
    {
      ...{ id: 3, at: "2024-02-12T00:00:00.5Z", method: "DELETE", path: "/apikey/2", query: "" },
      ...{ body: "", key_id: 1, status: 500 },
      headers: { Host: "localhost", Authorization: "ak_123", ...rest },
      response: {
        headers: answer("scenario own, rule 1: error server_error"),
        body: refusal("Internal server error"),
      },
      ...{ rejected_by: null, scenario: "own, rule 1" },
    },
  ]);
});

test("--journal 3 keeps the newest three requests of each sandbox, and counts dropped ones", async (t) => {
  const server = await serve(t, [...frozen, "--journal", "3"]);
  for (let i = 0; i < 5; ++i) await ask(server, `GET /apikey/?n=${i}`, list);
  await ask(sandboxOf(server, "a"), "GET /apikey/", list);
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

  // What is lost may have matched: only what is sure is said.
  const verify = (count) => ask(server, "POST /__admin/verify", { body: { on: "GET *", count } });
  assert.equal((await verify({ at_least: 3 })).text, '{"verified":true,"count":3}');
  const tooMany = assertControlRefusal(await verify({ at_most: 2 }), 409);
  assert.equal(tooMany.error, "expected at most 2, but 3 requests matched");
  for (const count of [{ exactly: 3 }, { exactly: 5 }, { at_least: 4 }, { at_most: 3 }]) {
    const { error, details } = assertControlRefusal(await verify(count), 409);
    assert.equal(error, "undecided: the journal no longer has everything needed to answer");
    assert.deepEqual(details, [
      "the journal has dropped 2 requests; start with a larger --journal (it is 3), or reset between tests",
    ]);
  }

  // Emptied, it counts on; after a reset it begins anew.
  assert.deepEqual(await control(server, "DELETE /__admin/requests"), { removed: 3 });
  assert.deepEqual(await control(server, "GET /__admin/requests"), { requests: [], dropped: 0 });
  await ask(server, "GET /apikey/", list);
  assert.deepEqual(idsOf(await entriesOf(server)), [6]);
  await control(server, "POST /__admin/reset");
  await ask(server, "GET /apikey/", list);
  assert.deepEqual(idsOf(await entriesOf(server)), [1]);
});

test("--journal 0 keeps nothing, and verify is undecided", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--journal", "0"]);
  await ask(server, "GET /apikey/", list);
  assert.deepEqual(await control(server, "GET /__admin/requests"), { requests: [], dropped: 1 });
  const body = { on: "GET /apikey/", count: { exactly: 0 } };
  const refused = assertControlRefusal(await ask(server, "POST /__admin/verify", { body }), 409);
  assert.equal(refused.error, "undecided: the journal no longer has everything needed to answer");
  assert.deepEqual(refused.details, ["the journal is off; start without --journal 0"]);
});

test("long bodies are truncated at 16 KiB, not within a character, and keep their size", async (t) => {
  const server = await serve(t, frozen);
  const kept = 16 * 1024;
  for (const [name, cutAt] of [
    ["x".repeat(kept), kept],
    ["\u{1f600}".repeat(kept / 4), kept - 1],
  ]) {
    const body = { name: `a${name}`, mode: "all" };
    const made = await ask(server, "POST /apikey/", { key: "ak_123", body });
    assert.equal(made.status, 200);
    const [entry] = await entriesOf(server, "?limit=1");
    const whole = Buffer.from(JSON.stringify(body));
    assert.equal(entry.body_size, whole.length);
    assert.ok(whole.toString().startsWith(entry.body));
    assertWithin(Buffer.byteLength(entry.body), kept - 3, kept, "bytes of the body");
    assert.equal(entry.response.body_size, Buffer.byteLength(made.text));
    assert.ok(made.text.startsWith(entry.response.body));
    assertWithin(Buffer.byteLength(entry.response.body), kept - 3, kept, `not ${cutAt}`);
  }
});

test("control calls, preflights and what is no request: the first leave no trace", async (t) => {
  const server = await serve(t, frozen);
  await control(server, "GET /__admin/health");
  await ask(server, "GET /__admin/nothing");
  await ask(server, "POST /__admin/reset");
  const wire = await connect(t, server);
  wire.send("nonsense\r\n\r\n");
  await wire.end();
  assert.deepEqual(await entriesOf(server), []);
  await ask(server, "OPTIONS /apikey/");
  await ask(server, "GET /apikey/", { ...list, headers: { "X-Mock-Scenario": "rate_limited" } });
  assert.deepEqual(
    (await entriesOf(server)).map(({ method, status, scenario }) => [method, status, scenario]),
    [
      ["OPTIONS", 204, null],
      ["GET", 429, "X-Mock-Scenario"],
    ],
  );
});

test("verify succeeds if enough requests match", async (t) => {
  const server = await serve(t, frozen);
  await create(server, "read", { "X-Run": "7" });
  await create(server, "upload");
  await ask(server, "DELETE /apikey/2/?force=1", list);
  await ask(server, "GET /apikey/", { key: "ak_789" });
  for (const [count, expectation] of [
    [4, {}],
    [2, { on: "POST /apikey/" }],
    [2, { on: "POST /apikey/", count: { exactly: 2 } }],
    [2, { on: "POST /apikey", status: 200, count: { at_least: 1, at_most: 2 } }],
    [1, { on: "POST *", match: { body: { mode: "read" } }, count: { exactly: 1 } }],
    [1, { match: { header: { "x-run": "7" } } }],
    [1, { on: "DELETE /apikey/:id/", match: { id: 2, query: { force: "1" }, key: "ak_123" } }],
    [1, { match: { mode: "upload" }, status: 403, count: { exactly: 1 } }],
    [0, { on: "PUT *", count: { exactly: 0 } }],
    [0, { on: "PUT *", count: { at_most: 3 } }],
  ]) {
    const verified = await control(server, "POST /__admin/verify", expectation);
    assert.deepEqual(verified, { verified: true, count }, JSON.stringify(expectation));
  }
});

test("'verify gives 409': it was mode reed", async (t) => {
  const server = await serve(t, frozen);
  await create(server, "upload");
  await ask(server, "GET /apikey/", list);
  await create(server, "reed", { "X-Run": "7" });
  const body = {
    on: "POST /apikey/",
    match: { body: { mode: "read" }, header: { "X-Run": "7" } },
    status: 200,
    count: { exactly: 1 },
  };
  const refused = await ask(server, "POST /__admin/verify", { body });
  const answer = assertControlRefusal(refused, 409);
  const { nearest, details, ...rest } = answer;
  assert.deepEqual(rest, {
    error: "expected exactly 1, but 0 requests matched",
    ...{ verified: false, count: 0, expected: { exactly: 1 } },
  });
  assert.match(
    details[0],
    /request 3, POST \/apikey\/ answered with 400: .*body\/mode is "reed", expected "read"/,
  );
  assert.match(refused.headers.get("x-mock-reason"), /body\/mode is "reed", expected "read"/);
  // The nearest first, of equally near ones the newest; another call comes last.
  assert.deepEqual(
    nearest.map(({ request: { id }, differences }) => [
      id,
      ...differences
        .map(({ field, expected, actual }) => `${field}: ${expected}, ${actual}`)
        .sort(),
    ]),
    [
      [3, 'body/mode: "read", "reed"', "status: 200, 400"],
      [1, 'body/mode: "read", "upload"', 'header X-Run: "7", (none)'],
      [2, 'body: {"mode":"read"}, (none)', 'header X-Run: "7", (none)', 'method: "POST", "GET"'],
    ],
  );
  assert.deepEqual(nearest[0].request, (await entriesOf(server))[2]);
});

test("'verify gives 409': too many requests, in another sandbox, or none", async (t) => {
  const server = await serve(t, frozen);
  const verify = async (world, body) => {
    return assertControlRefusal(await ask(world, "POST /__admin/verify", { body }), 409);
  };
  const nothing = await verify(server, { on: "POST /apikey/" });
  assert.equal(nothing.error, "expected at least 1, but 0 requests matched");
  assert.match(nothing.details.join(), /^this sandbox has received no requests .*; no sandbox has received any$/);
  assert.deepEqual(nothing.nearest, []);

  await createKey(sandboxOf(server, "a"), "Elsewhere");
  assert.match(
    (await verify(server, { on: "POST /apikey/" })).details.join(),
    /; requests were sent to: a \(1\)$/,
  );
  for (let i = 0; i < 3; ++i) await ask(server, "GET /apikey/", list);
  const tooOften = await verify(server, { on: "GET /apikey/", count: { at_most: 1 } });
  assert.equal(tooOften.error, "expected at most 1, but 3 requests matched");
  const matches = [1, 2, 3].map((id) => `matched: request ${id}, GET /apikey/ answered with 200`);
  assert.deepEqual(tooOften.details, matches);
  const none = await verify(server, { on: "GET /apikey/:id", count: { at_least: 1, at_most: 2 } });
  assert.equal(none.error, "expected 1 to 2, but 0 requests matched");
});
