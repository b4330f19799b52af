/** Who is let in: web pages and other machines are not, unless they are meant to be. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import test from "node:test";

import { ask, connect, listText, request } from "./client.mjs";
import { assertControlRefusal, control } from "./control.mjs";
import { toldObjects } from "./log_lines.mjs";
import { keysFile, mockCapgo, serve } from "./server.mjs";

/** Sends a request over a connection of its own. `headers` may name another Host. */
async function send(t, server, line, headers = {}, options = {}) {
  const wire = await connect(t, server);
  wire.send(request(line, { headers, ...options }));
  const { status, headers: got, text } = await wire.answer({ hasBody: !line.startsWith("HEAD") });
  return { status, headers: got, text };
}

/** Checks that a guard has refused: as the control API does, whatever was asked. */
function assertGuarded(answer, status, error) {
  const refusal = assertControlRefusal(answer, status);
  assert.match(refusal.error, error);
  return refusal;
}

test("a Host that does not name this server is rejected on every path, and has no effect", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { port } = new URL(server.url);
  const body = { name: "New", mode: "read" };
  for (const Host of [
    ...["evil.example", "evil.example:80", `evil.example:${port}`, "EVIL.example.", "localhost2"],
    ...["127.0.0.1.evil.example", "localhost.evil.example", "evil.example@127.0.0.1", "192.0.2.7"],
    ...["0.0.0.0", "[::2]", "[::]", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.01"],
    ...["127.0.0.1, evil.example", "127.0.0.1:", "127.0.0.1:x", "localhost:123456", "::1", "[::1"],
  ]) {
    const refused = await send(t, server, "POST /apikey/", { Host }, { body });
    const { error, details } = assertGuarded(refused, 421, /^Host ".*" does not name this server$/);
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
    const { details } = assertGuarded(await send(t, server, line, { Host }), 421, /^Host "evil/);
    assert.deepEqual(details, ["start with --allow-host evil.example to allow it"]);
  }
  assert.equal((await send(t, server, "HEAD /apikey/", { Host })).status, 421);
  assert.equal((await ask(server, "GET /apikey/", { key: "ak_123" })).text, listText);
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  const { requests } = await control(server, "GET /__admin/requests");
  assert.equal(requests.length, 1);
});

test("every name and address of loopback is this server", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { port } = new URL(server.url);
  for (const Host of [
    ...["127.0.0.1", `127.0.0.1:${port}`, "127.255.0.9", "localhost", `LocalHost:${port}`],
    ...["localhost.", "app.localhost", "[::1]", `[::1]:${port}`, "[::ffff:127.0.0.1]"],
  ]) {
    assert.equal((await send(t, server, "GET /apikey/", { Host })).text, listText, Host);
    assert.equal((await send(t, server, "GET /__admin/health", { Host })).status, 200, Host);
  }
});

test("the host of an absolute target is checked too", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const target = (host) => `GET http://${host}/apikey/`;
  assert.equal((await send(t, server, target("localhost:80"))).text, listText);
  const error = /^The target's host "evil\.example" does not name this server$/;
  assertGuarded(await send(t, server, target("evil.example")), 421, error);
  const Host = "evil.example";
  assertGuarded(await send(t, server, target("localhost"), { Host }), 421, /^Host "evil/);
});

test("--allow-host allows the given names and addresses, and no others", async (t) => {
  const hosts = ["ci.internal", "Mock_Capgo", "192.0.2.7", "[2001:db8::1]"];
  const allowed = hosts.flatMap((host) => ["--allow-host", host]);
  const server = await serve(t, ["--fixtures", keysFile, ...allowed]);
  for (const Host of [
    ...["ci.internal", "CI.Internal:8080", "ci.internal.", "mock_capgo:80", "192.0.2.7:1"],
    ...["[2001:db8::1]", "[2001:DB8:0::1]:80", "localhost"],
  ]) {
    assert.equal((await send(t, server, "GET /apikey/", { Host })).text, listText, Host);
  }
  for (const Host of ["x.ci.internal", "internal", "192.0.2.8", "[2001:db8::2]", "ci.internal.x"]) {
    assertGuarded(await send(t, server, "GET /apikey/", { Host }), 421, /does not name this server$/);
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

test("control calls reject pages of other origins, and no page can read a response", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { host, port } = new URL(server.url);
  const rules = { body: { rules: [{ on: "* *", error: "server_error" }] } };
  for (const Origin of [
    ...[
      "http://evil.example",
      "null",
      "https://" + host,
      `http://localhost:${port}`,
      "http://127.0.0.1",
    ],
    ...["http://127.0.0.1:1", `http://${host}/`, `http://x@${host}`, host, "file://", ""],
  ]) {
    const headers = { Host: host, Origin };
    const refused = await send(t, server, "PUT /__admin/scenarios/own", headers, rules);
    const { details } = assertGuarded(refused, 403, /^Origin ".*" is not allowed to use the control API$/);
    assert.ok(details.includes(`the only allowed page is ${server.url}`), details.join());
    assertGuarded(await send(t, server, "GET /sandbox/a/__admin/state", headers), 403, /^Origin/);
    assertGuarded(await send(t, server, "OPTIONS /__admin/state", headers), 403, /^Origin/);
    // The emulated API is for web pages of any origin.
    const list = await send(t, server, "GET /apikey/", headers);
    assert.deepEqual([list.text, list.headers.get("access-control-allow-origin")], [listText, "*"]);
  }
  for (const Origin of [server.url, server.url.toUpperCase()]) {
    const health = await send(t, server, "GET /__admin/health", { Host: host, Origin });
    assert.equal(health.status, 200, Origin);
    const names = [...health.headers.keys()].filter((name) => name.startsWith("access-control"));
    assert.deepEqual(names, []);
    assert.equal(health.headers.get("x-content-type-options"), "nosniff");
  }
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
});

test("--admin-token: control calls must send it, and nothing else must", async (t) => {
  const token = "t0ken/with+odd=signs.";
  const server = await serve(t, ["--fixtures", keysFile, "--admin-token", token, "--log", "debug"]);
  const call = (authorization, path = "/__admin/health") => {
    return ask(server, `GET ${path}`, authorization === undefined ? {} : { key: authorization });
  };
  for (const right of [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token}`]) {
    assert.equal((await call(right)).status, 200, right);
    assert.equal((await call(right, "/sandbox/a/__admin/state")).status, 200, right);
  }
  for (const wrong of [
    ...[
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      "Bearer T0KEN",
      `Basic ${token}`,
      token,
    ],
    ...["Bearer", `Bearer${token}`, `Bearer ${token},${token}`, undefined, "ak_123"],
  ]) {
    const error = /^(the admin token is missing|the admin token is wrong)$/;
    assertGuarded(await call(wrong), 403, error);
    assertGuarded(await call(wrong, "/sandbox/b/__admin/state"), 403, error);
    assertGuarded(await call(wrong, "/__admin/nothing"), 403, error);
  }
  assert.equal((await call("ak_123", "/apikey/")).text, listText);
  const names = JSON.parse((await call(`Bearer ${token}`, "/__admin/sandboxes")).text).sandboxes;
  assert.deepEqual(
    names.map(({ name }) => name),
    ["a"],
  );
  const { stdout, stderr } = await server.stop();
  assert.match(stderr, /admin_token/);
  for (const text of [stdout, stderr]) assert.equal(text.includes("t0ken/with"), false, text);
});

test("a token that cannot be sent in a header is rejected at the start, and not printed", async () => {
  for (const token of ["", "a b", "\u00e9t\u00e9-secret", "x".repeat(257)]) {
    const { code, stderr } = await mockCapgo(["--port", "0", "--admin-token", token]);
    assert.equal(code, 2);
    assert.match(stderr, /^mock-capgo: --admin-token: must be 1 to 256 visible ASCII characters/);
    assert.equal(token !== "" && stderr.includes(token), false, stderr);
  }
});

const warning = /^mock-capgo: listening on \S+, where other machines may reach it; (.*)$/m;

test("a server that other machines can reach warns, and rejects control calls without a token", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--host", "0.0.0.0", "--log", "none"]);
  const [, advice] = await server.sees("stderr", warning);
  assert.match(
    advice,
    /^control calls are rejected, unless you start with --admin-token T and send /,
  );
  for (const headers of [{}, { Authorization: "Bearer " }, { Authorization: "Bearer T" }]) {
    const refused = await send(t, server, "GET /__admin/health", headers);
    const { details } = assertGuarded(refused, 403, /^the control API is disabled: /);
    assert.match(details.join(), /--admin-token T .*Authorization: Bearer T/);
  }
  assert.equal((await send(t, server, "GET /apikey/")).text, listText);
  // Whoever sends an address did connect to it; a name may lead anywhere.
  const own = Object.values(networkInterfaces()).flat();
  const addresses = own.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  for (const Host of [...addresses, "192.0.2.7", "0.0.0.0", "localhost"]) {
    assert.equal((await send(t, server, "GET /apikey/", { Host })).text, listText, Host);
  }
  const refused = await send(t, server, "GET /apikey/", { Host: "evil.example" });
  assertGuarded(refused, 421, /^Host "evil\.example"/);
  assert.equal((await server.stop()).stderr.split("\n").length, 2, server.stderr);
});

test("a server that other machines can reach accepts control calls with the token", async (t) => {
  const options = ["--host", "0.0.0.0", "--admin-token", "T", "--log-format", "json"];
  const server = await serve(t, ["--fixtures", keysFile, ...options]);
  await server.sees("stderr", /\n/);
  const [{ time, ...line }] = toldObjects(server);
  assert.match(time, /Z$/);
  assert.match(`mock-capgo: ${line.notice}`, warning);
  assert.match(line.notice, /; control calls must send the --admin-token$/);
  const health = (Authorization) => send(t, server, "GET /__admin/health", { Authorization });
  assert.equal((await health("Bearer T")).status, 200);
  assertGuarded(await health("Bearer t"), 403, /^the admin token is wrong$/);
  assertGuarded(await health("ak_123"), 403, /^the admin token is missing$/);
});

test("on loopback there is no warning, by whichever name it is given", async (t) => {
  for (const host of ["127.0.0.1", "127.0.0.2", "localhost"]) {
    const server = await serve(t, ["--host", host]).catch((failure) => {
      if (host === "127.0.0.2") return undefined; // Not every system has more than one.
      throw failure;
    });
    if (server === undefined) continue;
    assert.equal((await send(t, server, "GET /__admin/health")).status, 200);
    assert.doesNotMatch((await server.stop()).stderr, /other machines/);
  }
});

test("what is too long, too many or too late is rejected, and the error names the limit", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const rule = (more) => ({ rules: [{ on: "* *", ...more }] });
  for (const [line, body, detail] of [
    ["PUT /__admin/scenarios/own", rule({ delay: { milliseconds: 600_001 } }), /\b600000\b/],
    ["PUT /__admin/scenarios/own", rule({ fault: "HANG", times: 2e9 }), /\/times: .*\b10*\b/],
    [
      "PUT /__admin/scenarios/own",
      rule({ dribble: { chunks: 1e5, milliseconds: 1 } }),
      /\b10000\b/,
    ],
    ["POST /__admin/verify", { count: { exactly: 1e9 + 1 } }, /\b1000000000\b/],
    ["POST /__admin/clock/advance", { by: "4000000d" }, /up to ten thousand years/],
    ["POST /__admin/sandboxes", { name: "x".repeat(65) }, /1 to 64 of the characters/],
    ["GET /__admin/requests?limit=1000001", undefined, /from 1 to 1000000/],
  ]) {
    const { details } = assertControlRefusal(await ask(server, line, { body }), 400);
    assert.match(details.join(), detail, line);
  }
  const long = { body: " ".repeat(1024 * 1024 + 1) };
  for (const line of [
    "PUT /__admin/state",
    "POST /__admin/verify",
    "POST /sandbox/a/__admin/reset",
  ]) {
    assert.equal((await ask(server, line, long)).status, 413, line);
  }
});
