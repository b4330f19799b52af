/** Guards against requests of web pages and other machines. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import test from "node:test";

import { send, connect, listBody, requestBytes } from "./client.mjs";
import { assertControlError, control } from "./control.mjs";
import { logObjects } from "./log_lines.mjs";
import { keysFile, mockCapgo, serve } from "./server.mjs";

/** Sends a request over a new connection. `headers` can have another Host. */
async function sendRaw(t, server, line, headers = {}, options = {}) {
  const wire = await connect(t, server);
  wire.send(requestBytes(line, { headers, ...options }));
  const { status, headers: got, text } = await wire.response({ hasBody: !line.startsWith("HEAD") });
  return { status, headers: got, text };
}

/** Checks that a guard has rejected a request, in the form of the control API. */
function assertGuarded(response, status, error) {
  const rejection = assertControlError(response, status);
  assert.match(rejection.error, error);
  return rejection;
}

test("a Host that does not name this server is rejected on every path", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { port } = new URL(server.url);
  const body = { name: "New", mode: "read" };
  for (const Host of [
    ...["evil.example", "evil.example:80", `evil.example:${port}`, "EVIL.example.", "localhost2"],
    ...["localhost.evil.example", "192.0.2.7", "0.0.0.0", "[::2]", "127.1", "127.0.0.1:x", "[::1"],
  ]) {
    const rejected = await sendRaw(t, server, "POST /apikey/", { Host }, { body });
    const { error, details } = assertGuarded(rejected, 421, /^Host ".*" does not name this server$/);
    assert.equal(details.length, 1, error);
  }
  const Host = "evil.example";
  for (const line of [
    ...[
      "GET /apikey/",
      "DELETE /apikey/2",
      "OPTIONS /apikey/",
      "GET /nothing",
      "GET /sandbox/a/apikey/",
    ],
    ...["GET /__admin/health", "PUT /__admin/scenarios/hang", "POST /sandbox/b/__admin/reset"],
  ]) {
    const { details } = assertGuarded(await sendRaw(t, server, line, { Host }), 421, /^Host "evil/);
    assert.deepEqual(details, ["start with --allow-host evil.example to allow it"]);
  }
  assert.equal((await sendRaw(t, server, "HEAD /apikey/", { Host })).status, 421);
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).text, listBody);
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  const { requests } = await control(server, "GET /__admin/requests");
  assert.equal(requests.length, 1);
});

test("--allow-host allows only the given names and addresses", async (t) => {
  const hosts = ["ci.internal", "Mock_Capgo", "192.0.2.7", "[2001:db8::1]"];
  const allowed = hosts.flatMap((host) => ["--allow-host", host]);
  const server = await serve(t, ["--fixtures", keysFile, ...allowed]);
  for (const Host of [
    ...["ci.internal", "CI.Internal:8080", "ci.internal.", "mock_capgo:80", "192.0.2.7:1"],
    ...["[2001:db8::1]", "[2001:DB8:0::1]:80", "localhost"],
  ]) {
    assert.equal((await sendRaw(t, server, "GET /apikey/", { Host })).text, listBody, Host);
  }
  for (const Host of ["x.ci.internal", "internal", "192.0.2.8", "[2001:db8::2]", "ci.internal.x"]) {
    assertGuarded(await sendRaw(t, server, "GET /apikey/", { Host }), 421, /does not name this server$/);
  }
  for (const [value, advice] of [
    ["http://ci.internal:8080/", "write ci.internal"],
    ["ci.internal:80", "write ci.internal"],
    ["[::1]:80", "write [::1]"],
    ["*.internal", "such as ci.internal or 192.0.2.7"],
    ["", "such as ci.internal or 192.0.2.7"],
  ]) {
    const { code, stdout, stderr } = await mockCapgo(["--port", "0", "--allow-host", value]);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.ok(stderr.startsWith(`mock-capgo: --allow-host: "${value}" must be `), stderr);
    assert.ok(stderr.includes(advice), stderr);
  }
});

test("control calls reject other origins, and no page can read a response", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { host, port } = new URL(server.url);
  const rules = { body: { rules: [{ on: "* *", error: "server_error" }] } };
  for (const Origin of [
    ...["http://evil.example", "null", `https://${host}`, `http://localhost:${port}`, host, ""],
  ]) {
    const headers = { Host: host, Origin };
    const rejected = await sendRaw(t, server, "PUT /__admin/scenarios/own", headers, rules);
    const { details } = assertGuarded(rejected, 403, /^Origin ".*" is not allowed to use the control API$/);
    assert.ok(details.includes(`the only allowed page is ${server.url}`), details.join());
    assertGuarded(await sendRaw(t, server, "GET /sandbox/a/__admin/state", headers), 403, /^Origin/);
    assertGuarded(await sendRaw(t, server, "OPTIONS /__admin/state", headers), 403, /^Origin/);
    // The emulated API is for web pages of any origin.
    const list = await sendRaw(t, server, "GET /apikey/", headers);
    assert.deepEqual([list.text, list.headers.get("access-control-allow-origin")], [listBody, "*"]);
  }
  for (const Origin of [server.url, server.url.toUpperCase()]) {
    const health = await sendRaw(t, server, "GET /__admin/health", { Host: host, Origin });
    assert.equal(health.status, 200, Origin);
    const names = [...health.headers.keys()].filter((name) => name.startsWith("access-control"));
    assert.deepEqual(names, []);
    assert.equal(health.headers.get("x-content-type-options"), "nosniff");
  }
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
});

test("--admin-token is required for control calls only", async (t) => {
  const token = "t0ken/with+odd=signs.";
  const server = await serve(t, ["--fixtures", keysFile, "--admin-token", token, "--log", "debug"]);
  const call = (authorization, path = "/__admin/clock") => {
    return send(server, `GET ${path}`, authorization === undefined ? {} : { key: authorization });
  };
  for (const right of [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token}`]) {
    assert.equal((await call(right)).status, 200, right);
    assert.equal((await call(right, "/sandbox/a/__admin/state")).status, 200, right);
  }
  for (const wrong of [
    ...[`Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, `Basic ${token}`, token, undefined],
  ]) {
    const error = /^(the admin token is missing|the admin token is wrong)$/;
    assertGuarded(await call(wrong), 403, error);
    assertGuarded(await call(wrong, "/sandbox/b/__admin/state"), 403, error);
    assertGuarded(await call(wrong, "/__admin/nothing"), 403, error);
  }
  assert.equal((await call("ak_123", "/apikey/")).text, listBody);
  assert.equal((await call(undefined, "/__admin/health")).status, 200);
  const names = JSON.parse((await call(`Bearer ${token}`, "/__admin/sandboxes")).text).sandboxes;
  assert.deepEqual(
    names.map(({ name }) => name),
    ["a"],
  );
  const { stdout, stderr } = await server.stop();
  assert.match(stderr, /admin_token/);
  for (const text of [stdout, stderr]) assert.equal(text.includes("t0ken/with"), false, text);
});

test("an invalid token is rejected at the start, and not printed", async () => {
  for (const token of ["", "a b", "\u00e9t\u00e9-secret", "x".repeat(257)]) {
    const { code, stderr } = await mockCapgo(["--port", "0", "--admin-token", token]);
    assert.equal(code, 2);
    assert.match(stderr, /^mock-capgo: --admin-token: must be 1 to 256 visible ASCII characters/);
    assert.equal(token !== "" && stderr.includes(token), false, stderr);
  }
});

const warning = /^mock-capgo: listening on \S+, where other machines may reach it; (.*)$/m;

test("a server that other machines can reach warns, and requires a token", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--host", "0.0.0.0", "--log", "none"]);
  const [, advice] = await server.waitForOutput("stderr", warning);
  assert.match(
    advice,
    /^control calls are rejected, unless you start with --admin-token T and send /,
  );
  for (const headers of [{}, { Authorization: "Bearer " }, { Authorization: "Bearer T" }]) {
    const rejected = await sendRaw(t, server, "GET /__admin/clock", headers);
    const { details } = assertGuarded(rejected, 403, /^the control API is disabled: /);
    assert.match(details.join(), /--admin-token T .*Authorization: Bearer T/);
  }
  assert.equal((await sendRaw(t, server, "GET /apikey/")).text, listBody);
  // An address in Host is safe, unlike a name, because DNS rebinding needs a name.
  const own = Object.values(networkInterfaces()).flat();
  const addresses = own.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  for (const Host of [...addresses, "192.0.2.7", "0.0.0.0", "localhost"]) {
    assert.equal((await sendRaw(t, server, "GET /apikey/", { Host })).text, listBody, Host);
  }
  const rejected = await sendRaw(t, server, "GET /apikey/", { Host: "evil.example" });
  assertGuarded(rejected, 421, /^Host "evil\.example"/);
  assert.equal((await server.stop()).stderr.split("\n").length, 2, server.stderr);
});

test("a server that other machines can reach accepts control calls with the token", async (t) => {
  const options = ["--host", "0.0.0.0", "--admin-token", "T", "--log-format", "json"];
  const server = await serve(t, ["--fixtures", keysFile, ...options]);
  await server.waitForOutput("stderr", /\n/);
  const [{ time, ...line }] = logObjects(server);
  assert.match(time, /Z$/);
  assert.match(`mock-capgo: ${line.notice}`, warning);
  assert.match(line.notice, /; control calls must send the --admin-token$/);
  assert.match(server.ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(server.ready.admin, `${server.ready.url}/__admin`);
  const reset = await fetch(`${server.ready.admin}/reset`, {
    method: "POST",
    headers: { Authorization: "Bearer T" },
  });
  assert.equal(reset.status, 200);
  const clock = (Authorization) => sendRaw(t, server, "GET /__admin/clock", { Authorization });
  assert.equal((await clock("Bearer T")).status, 200);
  assertGuarded(await clock("Bearer t"), 403, /^the admin token is wrong$/);
  assertGuarded(await clock("ak_123"), 403, /^the admin token is missing$/);
});

const hasIpv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === "::1");

test("a server on every IPv6 address is ready at [::1]", { skip: !hasIpv6 }, async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--host", "::"]);
  assert.match(server.ready.url, /^http:\/\/\[::1\]:\d+$/);
  const headers = { authorization: "ak_123" };
  assert.equal((await fetch(`${server.ready.url}/apikey/`, { headers })).status, 200);
});

test("on loopback there is no warning, with an address or a name", async (t) => {
  for (const host of ["127.0.0.1", "127.0.0.2", "localhost"]) {
    const server = await serve(t, ["--host", host]).catch((failure) => {
      if (host === "127.0.0.2") return undefined; // Some systems do not have it.
      throw failure;
    });
    if (server === undefined) continue;
    assert.equal((await sendRaw(t, server, "GET /__admin/health")).status, 200);
    assert.doesNotMatch((await server.stop()).stderr, /other machines/);
  }
});
