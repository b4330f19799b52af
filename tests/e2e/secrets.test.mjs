/** Credentials are redacted in the log, reasons, errors and the headers of the journal. */
import assert from "node:assert/strict";
import test from "node:test";

import { connect, requestBytes } from "./client.mjs";
import { control } from "./control.mjs";
import { serve } from "./server.mjs";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl";
const key = "ak_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const password = "s3cr!t-password";

const create = (body) => ["POST /apikey/", "ak_demo", {}, body];
const put = (line, body) => [line, "", {}, body];

/** Requests (line, key, headers, body) with a credential where it could be sent by mistake. */
const inCredentialHeaders = {
  "as the key": (secret) => ["GET /apikey/", secret],
  "after a scheme": (secret) => ["GET /apikey/", `Bearer ${secret}`],
  "in other headers": (secret) => {
    return ["GET /apikey/", "", { "x-api-key": secret, capgkey: secret, Cookie: secret }];
  },
};
const asIds = {
  "as an id": (secret) => [`DELETE /apikey/${secret}/`, "ak_demo"],
  "in a malformed request": (secret) => [`GET /apikey/${secret}`, "", { "Content-Length": "x" }],
};
const anywhere = {
  "in X-Mock-Scenario": (secret) => ["GET /apikey/", "", { "X-Mock-Scenario": secret }],
  "as the name of a header": (secret) => ["GET /apikey/", "ak_demo", { [secret]: "x" }],
  "in a path": (secret) => [`GET /${secret}/x`],
  "as a mode": (secret) => create({ name: "x", mode: secret }),
  "as a body that is not JSON": (secret) => create(secret),
  "in the path of an unknown control call": (secret) => [`GET /__admin/${secret}`],
  "as a sandbox": (secret) => [`DELETE /__admin/sandboxes/${secret}`],
  "as a scenario": (secret) => [`PUT /__admin/scenarios/${secret}`],
  "in a scenario": (secret) => put("PUT /__admin/scenarios/own", { rules: [{ on: secret }] }),
  "as a time": (secret) => put("PUT /__admin/clock", { now: secret }),
  "in a state": (secret) => put("PUT /__admin/state", { keys: [{ key: secret, mode: secret }] }),
  "as the key of authorize": (secret) => {
    return put("POST /__admin/authorize", { key: secret, action: "read" });
  },
  "in verify": (secret) => {
    return put("POST /__admin/verify", { match: { key: secret, body: { mode: secret } } });
  },
};
const sent = [
  ...[jwt, key, uuid, password].map((secret) => [secret, inCredentialHeaders]),
  ...[jwt, key, uuid].map((secret) => [secret, asIds]),
  ...[jwt, key].map((secret) => [secret, anywhere]),
];

/** X-Mock-Reason, and the error of a control call. */
function reasonsOf({ headers, text }) {
  const { error, details, reason, nearest } = JSON.parse(text);
  const differences = nearest?.map((each) => each.differences);
  return JSON.stringify([headers.get("x-mock-reason"), error, details, reason, differences]);
}

for (const format of ["text", "json"]) {
  test(`credentials are redacted (--log-format ${format})`, async (t) => {
    const server = await serve(t, ["--log", "debug", "--log-format", format]);
    const leaks = [];
    const check = (where, text, secret) => {
      if (text.includes(secret)) leaks.push(`${where}: ${text}`);
    };
    for (const [secret, ways] of sent) {
      for (const [way, make] of Object.entries(ways)) {
        const [line, authorization = "", headers, body] = make(secret);
        const wire = await connect(t, server);
        wire.send(requestBytes(line, { key: authorization, headers, body }));
        check(way, reasonsOf(await wire.response()), secret);
        wire.socket.destroy();
      }
    }
    const { requests } = await control(server, "GET /__admin/requests");
    for (const { headers, response } of requests) {
      const text = JSON.stringify([headers, response.headers]);
      for (const [secret] of sent) check("in the journal", text, secret);
    }
    const { stderr } = await server.stop();
    for (const [secret] of sent) check("in the log", stderr, secret);
    assert.deepEqual(leaks, []);
    // Their first characters are there.
    for (const start of ["eyJhbG...", "ak_0f1...", "7c9e66...", "s3cr!t..."]) {
      assert.ok(stderr.includes(start), start);
    }
  });
}
