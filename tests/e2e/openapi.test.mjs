/** GET /__admin/openapi.json is valid OpenAPI, and describes all requests and responses. */
import assert from "node:assert/strict";
import test from "node:test";

import { send } from "./client.mjs";
import { control, sandboxOf } from "./control.mjs";
import { contracts, goldenExchanges, fixtureFile } from "./golden_files.mjs";
import { Description } from "./openapi_document.mjs";
import { serve } from "./server.mjs";

function serveContract(t, contract, ...options) {
  return serve(t, ["--contract", contract, "--fixtures", fixtureFile(contract), ...options]);
}

async function describe(server) {
  return new Description(await control(server, "GET /__admin/openapi.json"));
}

for (const contract of contracts) {
  test(`the description is valid OpenAPI, with valid schemas (${contract})`, async (t) => {
    const server = await serveContract(t, contract);
    const description = await describe(server);
    await description.assertValid();
    const { info } = description.document;
    assert.equal(info.version, server.ready.version);
    assert.ok(info.description.includes(`\`${contract}\``), info.description);
    const sandbox = await describe(sandboxOf(server, "a"));
    await sandbox.assertValid();
    assert.deepEqual(sandbox.document.paths, description.document.paths);
  });

  test(`it has exactly the calls of the server (${contract})`, async (t) => {
    const server = await serveContract(t, contract);
    const described = (await describe(server)).operations().map(([line]) => line);
    const isControl = (line) => line.includes("/__admin/");
    const known = async (line, pattern) => {
      const reason = (await send(server, line)).text;
      return [...reason.matchAll(pattern)].map(([call]) => call.replace(/:(\w+)/g, "{$1}")).sort();
    };
    const calls = /\b[A-Z]+ \/__admin\/[\w./:]+/g;
    assert.deepEqual(described.filter(isControl).sort(), await known("POST /__admin", calls));
    const unknown = await send(server, "GET /nowhere");
    const [, list] = /its endpoints are (.*)$/.exec(unknown.headers.get("x-mock-reason"));
    for (const call of list.split(", ")) {
      const [method, pattern] = call.replace(/:(\w+)/g, "{$1}").split(" ");
      const start = pattern.replace("*", "");
      const fits = (line) =>
        line === `${method} ${pattern}` || line.startsWith(`${method} ${start}`);
      assert.ok(described.some(fits), call);
    }
    const methods = list.split(", ").map((call) => call.split(" ")[0]);
    const own = described.filter((line) => !isControl(line)).map((line) => line.split(" ")[0]);
    assert.deepEqual([...new Set(own)].sort(), [...new Set(methods)].sort());
  });

  test(`it describes every exchange of the golden files (${contract})`, async (t) => {
    const description = await describe(await serveContract(t, contract));
    const failures = [];
    for (const { name, request, response } of goldenExchanges(contract)) {
      const reason = response.headers["X-Mock-Reason"] ?? "";
      // A literal response of a scenario can be anything.
      if (/^scenario .*: respond$/.test(reason)) continue;
      // An unknown method of a path has no operation.
      if (reason.startsWith("find_endpoint: ")) continue;
      if (description.templateOf(request.path) === undefined) continue;
      try {
        description.assertDescribes(request, response);
      } catch (failure) {
        failures.push(`${name}: ${failure.message}`);
      }
    }
    assert.deepEqual(failures, []);
    // The golden files have every success of each operation, and 401 if it needs a key.
    for (const [line, { responses, security }] of description.operations()) {
      if (line.includes("/__admin/")) continue;
      const found = Object.keys(responses).filter((each) => description.covered.has(`${line} ${each}`));
      assert.ok(found.length > 0, `${line} is in no golden file`);
      const successes = Object.keys(responses).filter((status) => status < 300);
      for (const status of successes) assert.ok(found.includes(status), `${line} ${status}`);
      if (security.length > 0) assert.ok(found.includes("401"), `${line} has only ${found}`);
    }
  });

  test(`it describes the responses and errors of control calls (${contract})`, async (t) => {
    const limits = ["--max-sandboxes", "3", "--journal", "3", "--scenario", "flaky-create"];
    const server = await serveContract(t, contract, ...limits);
    const description = await describe(server);
    const { key } = server.ready;
    const call = async (line, body, headers = {}) => {
      const response = await send(server, line, { body, headers });
      const [method, target] = line.split(" ");
      const request = { method, path: target.split("?")[0] };
      const text = typeof body === "string" || !body ? (body ?? "") : JSON.stringify(body);
      description.assertDescribes(
        { ...request, body: text },
        {
          ...response,
          headers: Object.fromEntries(response.headers),
        },
      );
      return response;
    };
    for (let i = 0; i < 5; ++i) {
      const body = { name: "x".repeat(i * 5000), mode: "all" };
      await send(server, "POST /apikey/", { key, body });
    }
    const { text: state } = await call("GET /__admin/state");
    const saved = JSON.stringify({ data: JSON.parse(state).keys.slice(0, 1) });
    const rules = [
      { on: "* *", match: { mode: "read", header: { x: "y" } }, times: 1, error: "not_found" },
      { on: "PUT *", error: "rate_limited", headers: { "Retry-After": "1" } },
      { on: "GET /apikey/", respond: { status: 503, headers: { A: "b" }, body: [null] }, every: 2 },
      {
        on: "POST *",
        delay: { type: "uniform", lower: 1, upper: 2 },
        dribble: { chunks: 1, milliseconds: 1 },
      },
      {
        on: "POST *",
        delay: { type: "lognormal", median: 1, sigma: 2 },
        fault: "HANG",
        probability: 0.5,
      },
    ];
    const expectation = { on: "POST *", match: { body: { mode: "read" } }, status: 200 };
    for (const [line, ...bodies] of [
      ["GET /__admin/health"],
      ["GET /__admin/openapi.json"],
      ["GET /__admin/requests"],
      ["GET /__admin/requests?limit=x"],
      [
        "POST /__admin/verify",
        {},
        expectation,
        { count: { at_least: 9, at_most: 9 } },
        { count: 1 },
      ],
      ["POST /__admin/verify", { count: { at_most: 1 } }, { count: { at_least: 1 } }, "", "[]"],
      ["DELETE /__admin/requests"],
      ["POST /__admin/verify", { on: "POST *" }, { count: { exactly: 0 } }],
      ["GET /__admin/scenarios"],
      ["GET /__admin/scenarios/hang"],
      ["PUT /__admin/scenarios/hang"],
      ["PUT /__admin/scenarios/own", { rules }, { name: "x", description: "y", rules: [] }, "{"],
      ["PUT /__admin/scenarios/unknown"],
      ["PUT /__admin/scenarios/un%20known"],
      ["GET /__admin/scenarios"],
      ["DELETE /__admin/scenarios/own"],
      ["DELETE /__admin/scenarios/own"],
      ["DELETE /__admin/scenarios"],
      ["GET /__admin/clock"],
      ["PUT /__admin/clock", { now: "2024-02-12T00:00:00.25Z" }, { frozen: true }, {}, { now: 1 }],
      ["POST /__admin/clock/advance", { by: "1d" }, { by: "P1M" }, { by: "x" }, { by: "P9000Y" }],
      ["POST /__admin/authorize", { key, action: "all", app_id: "a", org_id: null }],
      ["POST /__admin/authorize", { key, permission: "org.read" }],
      ["POST /__admin/authorize", { key: "unknown", action: "read" }, { key, action: "x" }, {}],
      ["POST /__admin/authorize", { key, permission: "app.read" }, { key, permission: "x" }],
      [
        "POST /__admin/sandboxes",
        { name: "a" },
        { name: "a" },
        {},
        "",
        { name: "a/b" },
        { name: "c" },
      ],
      ["GET /__admin/sandboxes"],
      ["DELETE /__admin/sandboxes/a"],
      ["DELETE /__admin/sandboxes/a"],
      ["PUT /__admin/state", state, saved, { keys: [{ key: "ak_1", mode: "all", name: "x" }] }],
      ["PUT /__admin/state", { orgs: [{ id: "o", name: "O" }], keys: null }, {}, [], { keys: 7 }],
      ["GET /__admin/state"],
      [
        "POST /__admin/keys",
        { id: 9, key: "ak_9", mode: "read", name: "Nine", expires_at: "2030-01-01" },
        { id: 9, key: "ak_9", mode: "read", name: "Nine" },
        { mode: "all", name: "Generated" },
        { mode: "all", name: "Hashed", key_hash: "0".repeat(64) },
        { mode: "reed" },
        "",
      ],
      ["POST /__admin/tokens", "", {}, { user_id: "x", expires_in: "31d" }, { expires_in: "x" }],
      ["DELETE /__admin/keys/9"],
      ["DELETE /__admin/keys/9"],
      ["DELETE /__admin/keys/x"],
      ["POST /__admin/reset"],
      ["HEAD /__admin/health"],
    ]) {
      for (const body of bodies.length === 0 ? [undefined] : bodies) await call(line, body);
    }
    for (let i = 0; i <= 100; ++i) await call(`PUT /__admin/scenarios/n-${i}`, { rules: [] });
    for (let i = 0; i < 2; ++i) await call("POST /__admin/sandboxes");
    const origin = { Origin: "http://evil.example" };
    for (const [line, { responses }] of description.operations()) {
      if (!line.includes("/__admin/")) continue;
      await call(line.replace(/\{\w+\}/, "x"), undefined, origin);
      const own = Object.keys(responses).filter((status) => status < 300 || status === "409");
      for (const status of [...own, "403"]) {
        assert.ok(description.covered.has(`${line} ${status}`), `${line} ${status} has no example`);
      }
    }
    for (const met of ["POST /__admin/sandboxes 507", "PUT /__admin/state 400"]) {
      assert.ok(description.covered.has(met), met);
    }
  });

  test(`its schemas reject invalid values (${contract})`, async (t) => {
    const description = await describe(await serveContract(t, contract));
    for (const [line, { requestBody, responses }] of description.operations()) {
      const schemas = Object.values(responses).map((each) => description.schemaOf(each));
      if (line.includes("/__admin/")) schemas.push(description.schemaOf(requestBody));
      for (const schema of schemas.filter((each) => each !== undefined)) {
        for (const value of [{ unexpected: true }, "a text", 7, null]) {
          assert.equal(description.fits(schema, value), false, `${line}: ${JSON.stringify(value)}`);
        }
      }
    }
  });

  test(`its servers are correct, also with a base path (${contract})`, async (t) => {
    const options = ["--base-path", "/functions/v1"];
    const server = await serveContract(t, contract, ...options);
    const description = await describe(server);
    await description.assertValid();
    const { servers, paths } = description.document;
    const urlsOf = (list) => {
      return list.map(({ url, variables = {} }) => {
        return url.replace(/\{(\w+)\}/g, (_, name) => variables[name].default);
      });
    };
    const keys = paths["/apikey/"] ?? paths["/apikey"];
    const bases = urlsOf(keys.servers ?? servers);
    assert.deepEqual(bases.slice(0, 1), [server.url]);
    assert.ok(bases.includes(`${server.url}/functions/v1`), bases.join());
    for (const url of bases) {
      assert.equal((await send({ url }, "GET /apikey", { key: server.ready.key })).status, 200, url);
    }
    for (const url of urlsOf(servers)) await control({ url }, "GET /__admin/health");
    const { sandboxes } = await control(server, "GET /__admin/sandboxes");
    assert.equal(sandboxes.length, 1, "the URLs use more than one sandbox");
    await control(server, "POST /__admin/sandboxes", { name: "mine" }, { wanted: 201 });
    const [own] = (await describe(sandboxOf(server, "mine"))).document.servers.slice(1);
    assert.equal(own.variables.name.default, "mine");
  });
}

test("the parameters of the journal are complete", async (t) => {
  const server = await serveContract(t, "documented");
  const { document } = await describe(server);
  const [known] = [document.paths["/__admin/requests"].get.parameters];
  const { text } = await send(server, "GET /__admin/requests?unknown=1");
  const [, names] = /parameters are: ([a-z ]+)/.exec(JSON.parse(text).details.join());
  assert.deepEqual(
    known.map(({ name }) => name),
    names.split(" "),
  );
});
