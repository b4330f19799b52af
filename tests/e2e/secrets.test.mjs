/** Secrets are in no log, no X-Mock-Reason and no error text in full, wherever they were sent. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { connect, request } from "./client.mjs";
import { folderFor, serve } from "./server.mjs";

/** Keys of the fixtures; the last has no form that tells it for a secret. */
const secrets = ["ak_123", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "s3cr!t"];
const manager = secrets[1];

/** A text with each byte as an escape of a URL. */
function escaped(text) {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join("");
}

const create = (body) => ["POST /apikey/", manager, {}, body];
const put = (line, body) => [line, manager, {}, body];
/** Where a secret may be sent by mistake: a request's line, key, headers and body. */
const ways = {
  "as the key": (secret) => ["GET /apikey/", secret],
  "as the key, misspelt": (secret) => ["GET /apikey/", `${secret}x`],
  "after a scheme": (secret) => ["GET /apikey/", `Bearer ${secret}`],
  "after another word": (secret) => ["GET /apikey/", `token=${secret} ${secret}`],
  "in other headers of keys": (secret) => {
    return ["GET /apikey/", "", { "x-api-key": secret, capgkey: secret, apikey: secret }];
  },
  "in a cookie": (secret) => ["GET /apikey/", manager, { Cookie: `session=${secret}` }],
  "in X-Mock-Scenario": (secret) => ["GET /apikey/", manager, { "X-Mock-Scenario": secret }],
  "as an id": (secret) => [`DELETE /apikey/${secret}/`, manager],
  "as an id, escaped": (secret) => [`DELETE /apikey/${escaped(secret)}`, manager],
  "as an id to be read": (secret) => [`GET /apikey/${secret}`, manager],
  "as an id to be changed": (secret) => [`PUT /apikey/${secret}`, manager, {}, { name: 7 }],
  "as an id in a body": (secret) => ["PUT /apikey", manager, {}, { id: secret, name: 7 }],
  "in a path": (secret) => [`GET /${secret}/x`, manager],
  "in a path of bytes that are refused": (secret) => {
    return [`GET /apikey/${secret}`, manager, { "Content-Length": "x" }];
  },
  "as a method": (secret) => [`${secret} /apikey/`, manager],
  "in a path, escaped": (secret) => [`GET /${escaped(secret)}`, manager],
  "in a query": (secret) => [`GET /nothing?apikey=${secret}`, manager],
  "as a mode": (secret) => create({ name: "x", mode: secret }),
  "as a date": (secret) => create({ name: "x", mode: "all", expires_at: secret }),
  "as a name": (secret) => create({ name: [secret], mode: "all" }),
  "as an app": (secret) => create({ name: "x", mode: "all", limited_to_apps: secret }),
  "as a body": (secret) => create(secret),
  "in a body that is no JSON": (secret) => create(`{"name":"${secret}\t`),
  "as the password of a target": (secret) => [
    `GET http://me:${secret}@evil.example/apikey/`,
    manager,
  ],
  "in a path of no control call": (secret) => [`GET /__admin/${secret}`],
  "as a sandbox to drop": (secret) => [`DELETE /__admin/sandboxes/${escaped(secret)}`],
  "as a sandbox to make": (secret) => put("POST /__admin/sandboxes", { name: [secret] }),
  "as a scenario to remove": (secret) => [`DELETE /__admin/scenarios/${escaped(secret)}`],
  "as a shipped scenario": (secret) => [`PUT /__admin/scenarios/${escaped(secret)}`],
  "in a scenario": (secret) => {
    const match = { key: [secret], mode: secret, id: [secret] };
    const rule = { on: secret, error: secret, fault: secret, delay: secret, match };
    return put("PUT /__admin/scenarios/own", { rules: [rule] });
  },
  "as a time": (secret) => put("PUT /__admin/clock", { now: secret, frozen: secret }),
  "as a duration": (secret) => put("POST /__admin/clock/advance", { by: secret }),
  "in a control body that is no JSON": (secret) => put("PUT /__admin/clock", `{"now":"${secret}\t`),
  "as a control body": (secret) => put("PUT /__admin/clock", JSON.stringify(secret)),
  "to be judged": (secret) => put("POST /__admin/authorize", { key: secret, action: "read" }),
  "to be judged, misspelt": (secret) => {
    return put("POST /__admin/authorize", { key: `${secret}x`, action: "read" });
  },
  "to be judged, as an action": (secret) => {
    return put("POST /__admin/authorize", { key: [secret], action: secret });
  },
  "doubled in a state": (secret) => {
    const key = { key: secret, mode: secret, name: "x" };
    return put("PUT /__admin/state", { keys: [key, key] });
  },
  "elsewhere in a state": (secret) => {
    const key = { key: [secret], key_hash: secret, id: secret, created_at: secret };
    return put("PUT /__admin/state", { keys: [key] });
  },
  "in a state that is cut off": (secret) => put("PUT /__admin/state", `[{"key":"${secret}`),
  "in the query of the journal": (secret) => {
    const fields = ["limit", "status", "since", "path", secret];
    return [
      `GET /__admin/requests?${fields.map((name) => `${name}=${escaped(secret)}`).join("&")}`,
    ];
  },
  "where it is verified": (secret) => {
    const headers = { "X-Key": secret };
    return [`POST /apikey/?apikey=${secret}`, manager, headers, { name: secret, mode: "all" }];
  },
  "in what is verified": () => {
    const match = {
      key: "x",
      header: { "X-Key": "x" },
      query: { apikey: "x" },
      body: { name: "x" },
    };
    return put("POST /__admin/verify", { on: "POST /apikey/", match });
  },
  "to be verified": (secret) => {
    const match = { key: secret, header: { "X-Key": secret }, query: { x: secret } };
    const body = { name: secret, mode: [secret] };
    return put("POST /__admin/verify", { on: "POST /apikey/", match: { ...match, body } });
  },
  "to be verified as an id": (secret) => {
    return put("POST /__admin/verify", { on: "DELETE /apikey/:id/", match: { id: secret } });
  },
  "to be verified in a path": (secret) => {
    return put("POST /__admin/verify", { on: `DELETE /apikey/${secret}/` });
  },
  "in a request without a colon": (secret) => [
    `GET /apikey/${secret}`,
    manager,
    { [`${secret} x`]: "" },
  ],
};

/** All that an answer tells of why: X-Mock-Reason, and the error of the control API. */
function told({ headers, text }) {
  const texts = [headers.get("x-mock-reason") ?? ""];
  if (text.startsWith("{")) {
    const { error, details, reason, nearest } = JSON.parse(text);
    const differences = nearest?.map((each) => each.differences);
    // A body of the contract is as the service has it.
    if (details || reason) texts.push(JSON.stringify([error, details, reason, differences]));
  }
  return texts.join("\n");
}

for (const contract of ["documented", "deployed-2026-02"]) {
  for (const format of ["text", "json"]) {
    test(`no secret is told in full (${contract}, ${format})`, async (t) => {
      const fixture = path.join(folderFor(t), "secrets.json");
      const user_id = "00000000-0000-4000-8000-000000000123";
      const keys = secrets.map((key) => ({ key, mode: "all", name: "x", user_id }));
      writeFileSync(fixture, JSON.stringify(keys));
      const options = ["--fixtures", fixture, "--contract", contract, "--freeze"];
      const log = ["--log", "debug", "--log-format", format];
      const server = await serve(t, [...options, ...log]);
      const leaks = [];
      for (const [way, make] of Object.entries(ways)) {
        for (const secret of secrets) {
          const [line, key, headers, body] = make(secret);
          const wire = await connect(t, server);
          const from = server.stderr.length;
          wire.send(request(line, { key: key ?? "", headers, body }));
          const answer = await wire.answer();
          await server.sees("stderr", new RegExp(`^[^]{${from}}[^]*${answer.status}[^]*\n`));
          const seen = told(answer);
          for (const each of secrets) if (seen.includes(each)) leaks.push(`${way}: ${seen}`);
          wire.socket.destroy();
        }
      }
      const { stderr } = await server.stop();
      for (const line of stderr.split("\n")) {
        for (const each of secrets) if (line.includes(each)) leaks.push(`in the log: ${line}`);
      }
      assert.deepEqual(leaks, []);
      // They are there, as far as they may be.
      for (const start of ["ak_...", "7c9e66...", "s3c..."])
        assert.ok(stderr.includes(start), start);
    });
  }
}
