/** mock-capgo health: whether a server answers. */
import assert from "node:assert/strict";
import net from "node:net";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import test from "node:test";

import { mockCapgo, program, serve } from "./server.mjs";

const hasIpv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === "::1");
const advice = "start the server, or name another one with --url";

/** Runs `health` with only these variables of mock-capgo. */
function health(args, variables = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("MOCK_CAPGO"));
  return mockCapgo(["health", ...args], { env: { ...Object.fromEntries(inherited), ...variables } });
}

async function assertHealthy(url, ...parameters) {
  const { code, stdout, stderr } = await health(...parameters);
  const { stdout: version } = await mockCapgo(["version"]);
  const line = `ok: ${version.trim()}, contract documented, at ${url}\n`;
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: line, stderr: "" });
}

test("health reports a server until it stops", async (t) => {
  const server = await serve(t, ["--admin-token", "secret", "--base-path", "/functions/v1"]);
  const { url, ready } = server;
  for (const each of [url, ready.admin, `${url}/functions/v1`]) await assertHealthy(url, ["--url", each]);
  await assertHealthy(url, [], { MOCK_CAPGO_ADMIN_URL: ready.admin });
  const proxy = { http_proxy: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };
  await assertHealthy(url, [], { MOCK_CAPGO_PORT: new URL(url).port, ...proxy });
  await server.stop();
  const { code, stdout, stderr } = await health(["--url", url]);
  const message = `mock-capgo: ${url}/__admin/health: cannot connect; ${advice}\n`;
  assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: "", stderr: message });
});

test("health has the environment of a server that listens on every address", async (t) => {
  const variables = { MOCK_CAPGO_HOST: "0.0.0.0", MOCK_CAPGO_LOG: "none" };
  const { url } = await serve(t, [], { env: { ...process.env, ...variables } });
  await assertHealthy(url, [], { MOCK_CAPGO_PORT: new URL(url).port, ...variables });
});

test("health reaches an IPv6 address", { skip: !hasIpv6 }, async (t) => {
  const { url } = await serve(t, ["--host", "::"]);
  assert.match(url, /^http:\/\/\[::1\]:/);
  await assertHealthy(url, ["--url", url]);
  await assertHealthy(url, [], { MOCK_CAPGO_HOST: "::", MOCK_CAPGO_PORT: new URL(url).port });
});

test("a command of exec can check its server", async () => {
  const { code, stdout } = await mockCapgo(["exec", "--", program, "health"]);
  assert.equal(code, 0);
  assert.match(stdout, /^ok: mock-capgo .* at http:\/\/127\.0\.0\.1:\d+\n$/);
});

test("health gives up after 2 seconds", async (t) => {
  const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await once(silent, "listening");
  const url = `http://127.0.0.1:${silent.address().port}`;
  const { code, stdout, stderr } = await health(["--url", url]);
  const message = `mock-capgo: ${url}/__admin/health: no HTTP response within 2 seconds; ${advice}\n`;
  assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: "", stderr: message });
});
