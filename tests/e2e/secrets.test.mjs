/** Credentials are known by their form, and in no log, reason, error or journal header in full. */
import assert from "node:assert/strict";
import test from "node:test";

import { connect, request } from "./client.mjs";
import { control } from "./control.mjs";
import { serve } from "./server.mjs";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl";
const key = "ak_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const password = "s3cr!t-of-no-form";

const create = (body) => ["POST /apikey/", "ak_demo", {}, body];
const put = (line, body) => [line, "", {}, body];

/** A request's line, key, headers and body, with a credential where one may be sent by mistake. */
const inCredentialHeaders = {
  "as the key": (secret) => ["GET /apikey/", secret],
  "after a scheme": (secret) => ["GET /apikey/", `Bearer ${secret}`],
  "in other headers": (secret) => {
    return ["GET /apikey/", "", { "x-api-key": secret, capgkey: secret, Cookie: secret }];
  },
};
const asIds = {
  "as an id": (secret) => [`DELETE /apikey/${secret}/`, "ak_demo"],
  "in bytes that are refused": (secret) => [`GET /apikey/${secret}`, "", { "Content-Length": "x" }],
};
const anywhere = {
  "in X-Mock-Scenario": (secret) => ["GET /apikey/", "", { "X-Mock-Scenario": secret }],
  "in a path": (secret) => [`GET /${secret}/x`],
  "as a mode": (secret) => create({ name: "x", mode: secret }),
  "as a body that is no JSON": (secret) => create(secret),
  "in a path of no control call": (secret) => [`GET /__admin/${secret}`],
  "as a sandbox": (secret) => [`DELETE /__admin/sandboxes/${secret}`],
  "as a scenario": (secret) => [`PUT /__admin/scenarios/${secret}`],
  "in a scenario": (secret) => put("PUT /__admin/scenarios/own", { rules: [{ on: secret }] }),
  "as a time": (secret) => put("PUT /__admin/clock", { now: secret }),
  "in a state": (secret) => put("PUT /__admin/state", { keys: [{ key: secret, mode: secret }] }),
  "as the key of authorize": (secret) => {
    return put("POST /__admin/authorize", { key: secret, action: "read" });
  },
  "to be verified": (secret) => {
    return put("POST /__admin/verify", { match: { key: secret, body: { mode: secret } } });
  },
};
const sent = [
  ...[jwt, key, uuid, password].map((secret) => [secret, inCredentialHeaders]),
  ...[jwt, key, uuid].map((secret) => [secret, asIds]),
  ...[jwt, key].map((secret) => [secret, anywhere]),
];

/** What an answer tells of why: X-Mock-Reason, and the error of a control call. */
function reasonsOf({ headers, text }) {
  const { error, details, reason, nearest } = JSON.parse(text);
  const differences = nearest?.map((each) => each.differences);
  return JSON.stringify([headers.get("x-mock-reason"), error, details, reason, differences]);
}

for (const format of ["text", "json"]) {
  test(`no credential is told in full (--log-format ${format})`, async (t) => {
    const server = await serve(t, ["--log", "debug", "--log-format", format]);
    const leaks = [];
    const look = (what, shown, secret) => {
      if (shown.includes(secret)) leaks.push(`${what}: ${shown}`);
    };
    for (const [secret, ways] of sent) {
      for (const [way, make] of Object.entries(ways)) {
        const [line, authorization = "", headers, body] = make(secret);
        const wire = await connect(t, server);
        wire.send(request(line, { key: authorization, headers, body }));
        look(way, reasonsOf(await wire.answer()), secret);
        wire.socket.destroy();
      }
    }
    const { requests } = await control(server, "GET /__admin/requests");
    for (const { headers, response } of requests) {
      const shown = JSON.stringify([headers, response.headers]);
      for (const [secret] of sent) look("in the journal", shown, secret);
    }
    const { stderr } = await server.stop();
    for (const [secret] of sent) look("in the log", stderr, secret);
    assert.deepEqual(leaks, []);
    // They are there, as far as they may be.
    for (const start of ["eyJhbG...", "ak_0f1...", "7c9e66...", "s3cr!t..."]) {
      assert.ok(stderr.includes(start), start);
    }
  });
}
