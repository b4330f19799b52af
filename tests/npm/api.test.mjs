/** The API of the npm package: every call, against real servers. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";

import { createKey, curl, listKeys, send } from "../e2e/client.mjs";
import { signToken } from "../e2e/tokens.mjs";
import { cleanUp, keysFile, newFolder, run } from "../e2e/server.mjs";
import { installedFolder } from "./packages.mjs";

const folder = installedFolder({ after });
writeFileSync(path.join(folder, "load.mjs"), 'export * from "mock-capgo";');
const api = await import(path.join(folder, "load.mjs"));
const { connectMockCapgo, startMockCapgo } = api;

const keys = JSON.parse(readFileSync(keysFile, "utf8"));
const startTime = "2024-02-12T00:00:00Z";
const failingCreate = { rules: [{ on: "POST /apikey/", times: 1, error: "permission_denied" }] };

/** Starts a server that is stopped after the test. */
async function startMock(t, options) {
  const mock = await startMockCapgo(options);
  cleanUp(t, () => mock.stop());
  return mock;
}

const getHealth = async (mock) => (await fetch(`${mock.adminUrl}/health`)).json();
const statusOf = async (server, line, options) => (await send(server, line, options)).status;
const idsOf = async (sandbox) => (await sandbox.state()).keys.map(({ id }) => id);

test("a started server has URLs, a key, an environment and a process", async (t) => {
  const mock = await startMock(t, { fixtures: keysFile });
  assert.match(mock.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(mock.adminUrl, `${mock.url}/__admin`);
  assert.equal(mock.key, "ak_123");
  assert.deepEqual(mock.env, {
    CAPGO_API_URL: mock.url,
    CAPGO_TOKEN: "ak_123",
    CAPGO_USER_TOKEN: "",
    MOCK_CAPGO_ADMIN_URL: mock.adminUrl,
  });
  assert.match(readFileSync(`/proc/${mock.pid}/cmdline`, "utf8"), /mock-capgo\0/);
  assert.equal((await listKeys(mock)).length, 4);
});

test("fixtures without a key of mode all have no key, and the error says what to do", async (t) => {
  const readKey = { mode: "read", name: "Read", key: "ak_read" };
  const mock = await startMock(t, { fixtures: { keys: [readKey] } });
  for (const each of [mock, mock.sandbox("a"), await connectMockCapgo(mock.url)]) {
    const expected = { name: "MockCapgoError", message: /no key that may manage keys.*\nadd one/ };
    assert.throws(() => each.key, expected);
    assert.throws(() => each.env, expected);
  }
});

test("fixtures and scenarios are paths, names, data, or lists of these", async (t) => {
  const file = path.join(newFolder(t), "failing.json");
  writeFileSync(file, JSON.stringify(failingCreate));
  const added = { keys: [{ id: 9, mode: "all", name: "Nine", key: "ak_nine" }] };
  const cases = [
    [{}, [1, 2, 3], []],
    [{ fixtures: keysFile, scenarios: "rate-limited" }, [1, 2, 3, 4, 5], ["rate-limited"]],
    [{ fixtures: added, scenarios: file }, [9], ["failing"]],
    [{ fixtures: [keysFile, added] }, [1, 2, 3, 4, 5, 9], []],
    [{ fixtures: keys, scenarios: ["hang", file] }, [1, 2, 3, 4, 5], ["hang", "failing"]],
    [{ scenarios: { name: "own", ...failingCreate } }, [1, 2, 3], ["own"]],
  ];
  for (const [options, ids, names] of cases) {
    const mock = await startMock(t, options);
    assert.deepEqual(await idsOf(mock), ids);
    assert.deepEqual((await mock.scenarios.list()).map(({ name }) => name), names);
    // The data is in memory: the files of the package are gone by now.
    await mock.reset();
    assert.deepEqual(await idsOf(mock.sandbox("new")), ids);
  }
});

test("every option reaches the server", async (t) => {
  const own = newFolder(t);
  const logFile = path.join(own, "log.json");
  const exit = { journalOnExit: path.join(own, "journal"), exportOnExit: path.join(own, "keys") };
  const storage = `sqlite:${path.join(own, "keys.db")}`;
  const newKey = { mode: "read", name: "New" };
  const contract = "deployed-2026-02";
  const cases = [
    [{ contract }, async (mock) => (await getHealth(mock)).contract, contract],
    [{ now: startTime, freeze: true }, (mock) => mock.clock.now(), new Date(startTime)],
    [{ now: new Date(startTime), freeze: true }, (mock) => mock.clock.now(), new Date(startTime)],
    [{ freeze: true }, async (mock) => (await mock.clock.advance("1s")).frozen, true],
    [{ freeze: false }, async (mock) => (await mock.clock.advance("1s")).frozen, false],
    [
      { seed: 7 },
      async (mock) => (await mock.keys.add(newKey)).key,
      await (await startMock(t, { seed: 7 })).keys.add(newKey).then(({ key }) => key),
    ],
    [{ rateLimit: 1 }, async (mock) => [await list(mock), await list(mock)], [200, 429]],
    [{ host: "127.0.0.2" }, (mock) => new URL(mock.url).hostname, "127.0.0.2"],
    [{ basePath: "/functions/v1" }, (mock) => statusOf(mock, "GET /functions/v1/apikey/"), 401],
    [{ storage }, async (mock) => (await mock.keys.add(newKey)).id, 4],
    [{ storage }, (mock) => idsOf(mock), [1, 2, 3, 4]],
    [
      { journal: 1 },
      async (mock) => [await list(mock), await list(mock), (await mock.requests()).length],
      [200, 200, 1],
    ],
    [
      { maxSandboxes: 1 },
      async (mock) => {
        await mock.sandbox("first").state();
        return mock.sandbox("second").state().catch(({ status }) => status);
      },
      507,
    ],
    [
      { allowHost: ["mock", "capgo"] },
      (mock) => Promise.all(["mock", "capgo", "other"].map((name) => statusWithHost(mock, name))),
      [200, 200, 421],
    ],
    [
      { adminToken: "secret" },
      async (mock) => [(await idsOf(mock)).length, (await fetch(`${mock.adminUrl}/state`)).status],
      [3, 403],
    ],
    [{ jwtSecret: "own", contract: "deployed-2026-07" }, (mock) => listAs(mock, signToken("own")), 200],
    [{ contract: "deployed-2026-07" }, (mock) => listAs(mock, signToken("own")), 401],
    [{ log: "requests", logFormat: "json", logFile, ...exit }, (mock) => list(mock), 200],
  ];
  const list = (mock) => statusOf(mock, "GET /apikey/", mock);
  const listAs = (mock, token) => statusOf(mock, "GET /apikey/", { key: `Bearer ${token}` });
  const statusWithHost = async (mock, name) => (await curl("-H", `Host: ${name}`, mock.url)).status;
  for (const [options, check, expected] of cases) {
    const mock = await startMock(t, options);
    assert.deepEqual(await check(mock), expected, JSON.stringify(options));
    await mock.stop();
  }
  const [line] = readFileSync(logFile, "utf8").split("\n").slice(-2);
  assert.equal(JSON.parse(line).path, "/apikey/");
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  assert.equal(read(exit.journalOnExit).sandboxes[0].requests.length, 1);
  assert.equal(read(exit.exportOnExit).keys.length, 3);
});

test("a started server and its calls use MOCK_CAPGO_ADMIN_TOKEN", async (t) => {
  process.env.MOCK_CAPGO_ADMIN_TOKEN = "secret";
  cleanUp(t, () => delete process.env.MOCK_CAPGO_ADMIN_TOKEN);
  const mock = await startMock(t);
  assert.equal((await fetch(`${mock.adminUrl}/state`)).status, 403);
  assert.equal((await mock.sandbox("a").state()).keys.length, 3);
});

test("keys are added and removed, the state replaced, and all of it reset", async (t) => {
  const mock = await startMock(t, { fixtures: keys, now: startTime, freeze: true });
  const { key, ...added } = await mock.keys.add({ mode: "upload", name: "Worker" });
  assert.match(key, /^ak_/);
  assert.deepEqual(added, {
    id: 6,
    mode: "upload",
    name: "Worker",
    user_id: "user_123",
    created_at: startTime,
    updated_at: startTime,
  });
  assert.equal(await statusOf(mock, "GET /apikey/", { key }), 403);
  assert.equal(await mock.keys.remove(6), undefined);
  assert.equal(await statusOf(mock, "GET /apikey/", { key }), 401);
  await assert.rejects(mock.keys.remove(6), { name: "ControlError", status: 404 });

  const before = await mock.state();
  assert.deepEqual(before.orgs.map(({ id }) => id), ["org_acme", "org_globex"]);
  await mock.setState({ keys: [{ id: 3, mode: "all", name: "Three", key: "ak_three" }] });
  assert.deepEqual(await idsOf(mock), [3]);
  await mock.setState(before);
  assert.deepEqual(await mock.state(), before);

  await mock.scenarios.put("hang");
  await mock.clock.advance("1d");
  await mock.keys.remove(1);
  await mock.reset();
  assert.deepEqual(await mock.state(), before);
  assert.deepEqual(await mock.scenarios.list(), []);
  assert.deepEqual(await mock.clock.now(), new Date(startTime));
  assert.deepEqual(await mock.requests(), []);
});

test("scenarios are activated, listed with their counts, and deactivated", async (t) => {
  const mock = await startMock(t);
  const effect = "error permission_denied";
  const rule = { rule: 1, on: "POST /apikey/", effect, matched: 0, fired: 0 };
  const own = { name: "own", description: "", rules: [rule] };
  assert.deepEqual(await mock.scenarios.put("own", failingCreate), own);
  const file = { name: "own", description: "", ...failingCreate };
  assert.deepEqual(await mock.scenarios.get("own"), file);
  await mock.scenarios.put("rate-limited");
  await mock.scenarios.put("hang");
  assert.equal(await mock.scenarios.remove("rate-limited"), undefined);
  assert.deepEqual((await mock.scenarios.list()).map(({ name }) => name), ["own", "hang"]);
  await mock.scenarios.remove("hang");
  assert.deepEqual(await mock.scenarios.unusedRules(), [`own, rule 1: POST /apikey/, ${effect}`]);
  const create = { key: mock.key, body: { name: "New", mode: "read" } };
  assert.equal(await statusOf(mock, "POST /apikey/", create), 403);
  assert.equal(await statusOf(mock, "POST /apikey/", create), 200);
  assert.deepEqual(await mock.scenarios.list(), [
    { ...own, rules: [{ ...rule, matched: 1, fired: 1 }] },
  ]);
  assert.deepEqual(await mock.scenarios.unusedRules(), []);
  await mock.scenarios.remove();
  assert.deepEqual(await mock.scenarios.list(), []);
});

test("the clock is read, set, frozen and advanced", async (t) => {
  const mock = await startMock(t, { freeze: true });
  for (const time of [startTime, new Date(startTime), Date.parse(startTime) / 1000]) {
    await mock.clock.set("2000-01-01T00:00:00Z");
    assert.deepEqual(await mock.clock.set(time), { now: startTime, frozen: true });
    assert.deepEqual(await mock.clock.now(), new Date(startTime));
  }
  const advanced = await mock.clock.advance("31d");
  assert.deepEqual(advanced, { now: "2024-03-14T00:00:00Z", frozen: true });
  assert.equal((await mock.clock.freeze(false)).frozen, false);
  assert.equal((await mock.clock.freeze()).frozen, true);
});

test("requests are filtered by method, path, status, id, time and number", async (t) => {
  const mock = await startMock(t, { fixtures: keysFile, now: startTime, freeze: true });
  await statusOf(mock, "GET /apikey/", { key: "ak_123" });
  await statusOf(mock, "GET /apikey/2/", { key: "ak_123" });
  await statusOf(mock, "GET /apikey/", { key: "wrong" });
  await mock.clock.advance("1h");
  await createKey(mock, "New");
  const cases = [
    [undefined, [1, 2, 3, 4]],
    [{}, [1, 2, 3, 4]],
    [{ method: "POST" }, [4]],
    [{ path: "/apikey/:id/" }, [2]],
    [{ status: 401 }, [3]],
    [{ since: 2 }, [3, 4]],
    [{ since: new Date("2024-02-12T00:30:00Z") }, [4]],
    [{ limit: 3 }, [2, 3, 4]],
    [{ method: "GET", path: "/apikey/", status: 200, since: undefined }, [1]],
  ];
  for (const [filter, ids] of cases) {
    const found = (await mock.requests(filter)).map(({ id }) => id);
    assert.deepEqual(found, ids, JSON.stringify(filter));
  }
  await mock.clearRequests();
  assert.deepEqual(await mock.requests(), []);
});

test("a failed verify shows the nearest request and the differing fields", async (t) => {
  const mock = await startMock(t, { fixtures: keysFile });
  await mock.verify({ count: 0 });
  await statusOf(mock, "POST /apikey/", { key: "ak_123", body: { name: "CI", mode: "reed" } });
  await mock.verify({ on: "POST /apikey/", status: 400, count: 1 });
  const match = { body: { mode: "read" } };
  const error = await mock
    .verify({ on: "POST /apikey/", match, count: { exactly: 1 } })
    .catch((failure) => failure);
  for (const name of ["VerificationError", "ControlError", "MockCapgoError"]) {
    assert.ok(error instanceof api[name], name);
  }
  assert.ok(error instanceof Error);
  assert.equal(error.name, "VerificationError");
  assert.equal(error.status, 409);
  const nearest =
    'near miss: request 1, POST /apikey/ answered with 400: body/mode is "reed", expected "read"';
  assert.deepEqual(error.details, [nearest]);
  assert.equal(error.message, `expected exactly 1, but 0 requests matched\n${nearest}`);
  const { count, expected, nearest: requests } = error.cause;
  assert.deepEqual({ count, expected }, { count: 0, expected: { exactly: 1 } });
  assert.equal(requests[0].request.path, "/apikey/");
  const difference = { field: "body/mode", expected: '"read"', actual: '"reed"' };
  assert.deepEqual(requests[0].differences, [difference]);
});

test("authorize says whether a key is allowed to do something", async (t) => {
  const mock = await startMock(t, { fixtures: keysFile });
  const cases = [
    [{ key: "ak_456", action: "read" }, true],
    [{ key: "ak_456", action: "write" }, false],
    [{ key: "ak_789", action: "upload", appId: "com.demo.app" }, true],
    [{ key: "ak_789", action: "upload", appId: "com.demo.admin" }, false],
    [{ key: "ak_partner", action: "all", orgId: "org_globex" }, true],
    [{ key: "ak_partner", action: "all", orgId: "org_acme" }, false],
  ];
  for (const [query, expected] of cases) {
    const { allowed, reason } = await mock.authorize(query);
    assert.equal(allowed, expected, `${JSON.stringify(query)}: ${reason}`);
    assert.match(reason, /\bkey \d/);
  }
});

test("a sandbox has the same methods and its own data, and can be deleted", async (t) => {
  const mock = await startMock(t, { fixtures: keysFile });
  const worker = mock.sandbox("worker-1");
  assert.equal(worker.url, `${mock.url}/sandbox/worker-1`);
  assert.equal(worker.env.MOCK_CAPGO_ADMIN_URL, `${worker.url}/__admin`);
  await worker.scenarios.put("failing", failingCreate);
  await worker.clock.advance("1d");
  await worker.keys.add({ mode: "read", name: "New" });
  assert.equal((await listKeys(worker)).length, 5);
  await worker.verify({ on: "GET /apikey/", count: 1 });

  const [first, second] = [mock.sandbox(), mock.sandbox()];
  assert.notEqual(first.name, second.name);
  for (const other of [mock, first, second]) {
    assert.deepEqual(await idsOf(other), [1, 2, 3, 4, 5]);
    assert.deepEqual(await other.scenarios.list(), []);
    await other.verify({ count: 0 });
  }
  await worker.delete();
  assert.deepEqual(await idsOf(mock.sandbox("worker-1")), [1, 2, 3, 4, 5]);
  await mock.sandbox("never-used").delete();
  const invalid = { status: 400, message: /"a b" is not a valid sandbox name/ };
  await assert.rejects(mock.sandbox("a b").state(), invalid);
});

test("a rejected control call has the status and the details of the response", async (t) => {
  const mock = await startMock(t);
  const error = await mock.keys.add({ mode: "reed", nme: "New" }).catch((failure) => failure);
  assert.equal(error.name, "ControlError");
  assert.equal(error.status, 400);
  assert.ok(error.details.some((each) => /"reed".*did you mean "read"/.test(each)), error.message);
  assert.ok(error.message.startsWith(`POST ${mock.adminUrl}/keys: `), error.message);
  for (const detail of error.details) assert.ok(error.message.includes(detail), error.message);
});

test("control calls work if a test replaces fetch", async (t) => {
  const mock = await startMock(t);
  t.mock.method(globalThis, "fetch", () => Promise.reject(new Error("replaced")));
  assert.equal((await mock.state()).keys.length, 3);
});

test("connectMockCapgo finds a server by its URL and its control URL", async (t) => {
  for (const contract of ["documented", "deployed-2026-02", "deployed-2026-07"]) {
    const mock = await startMock(t, { contract, now: startTime, freeze: true });
    const expiresIn = "P10Y";
    const env = { ...mock.env, CAPGO_USER_TOKEN: await mock.userToken(undefined, { expiresIn }) };
    if (contract === "deployed-2026-07") assert.deepEqual(mock.env, env);
    for (const url of [mock.url, `${mock.url}/`, mock.adminUrl, `${mock.adminUrl}/`]) {
      const connected = await connectMockCapgo(url);
      assert.deepEqual(connected.env, env, url);
      assert.equal(connected.pid, null);
      await connected.sandbox("worker").state();
      await connected.stop();
    }
    await mock.state(); // It still runs.
    const connected = await connectMockCapgo(mock.sandbox("worker").env.MOCK_CAPGO_ADMIN_URL);
    assert.equal(connected.url, mock.sandbox("worker").url);
    assert.equal(connected.sandbox("other").url, mock.sandbox("other").url);
  }
});

test("connectMockCapgo needs the token of the server", async (t) => {
  const mock = await startMock(t, { adminToken: "secret" });
  const connected = await connectMockCapgo(mock.url, { token: "secret" });
  assert.equal((await connected.sandbox("a").state()).keys.length, 3);
  const rejected = { name: "ControlError", status: 403, message: /token/ };
  await assert.rejects(connectMockCapgo(mock.url), rejected);
  await assert.rejects(connectMockCapgo(mock.url, { token: "wrong" }), rejected);
});

test("connectMockCapgo says that there is no server", async (t) => {
  const mock = await startMock(t);
  await mock.stop();
  const cases = [
    [[], /MOCK_CAPGO_ADMIN_URL is not set\n.*mock-capgo exec/],
    [[mock.url], /no answer from mock-capgo at http.*: connect ECONNREFUSED .*\nis the server/],
    [["nonsense"], /nonsense.*Invalid URL/],
  ];
  for (const [args, message] of cases) {
    const expected = { name: "ControlError", status: null, message };
    await assert.rejects(connectMockCapgo(...args), expected);
  }
});

test("under exec, a CommonJS program connects, and starts servers of its own", async () => {
  const script = `
    const { connectMockCapgo, startMockCapgo, StartError } = require("mock-capgo");
    (async () => {
      const mock = await connectMockCapgo();
      const own = await startMockCapgo();
      const error = await startMockCapgo({ port: -1 }).catch((failure) => failure);
      console.log(mock.url === process.env.CAPGO_API_URL, mock.key === process.env.CAPGO_TOKEN);
      console.log(own.url !== mock.url, error instanceof StartError);
      await own.stop();
    })();`;
  const bin = path.join(folder, "node_modules", "mock-capgo", "bin", "mock-capgo");
  const env = { ...process.env, MOCK_CAPGO_ADMIN_TOKEN: "secret" };
  const command = ["exec", "--log", "none", "--", process.execPath, "-e", script];
  const { code, stdout, stderr } = await run(bin, command, { cwd: folder, env });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "true true\ntrue true\n" }, stderr);
});
