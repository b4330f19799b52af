/** The ready line, ready file, stop, export and terminal output. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";

import { createKey, listKeys, send } from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, newFolder, program, run, serve, start } from "./server.mjs";

test("the ready line has the documented fields, and nothing else is on stdout", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const fields = ["event", "url", "admin", "key", "contract", "version", "pid"];
  assert.deepEqual(Object.keys(server.ready), fields);
  const { url, version } = server.ready;
  assert.match(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.deepEqual(server.ready, {
    event: "ready",
    url,
    admin: `${url}/__admin`,
    key: "ak_123",
    contract: "documented",
    version,
    pid: server.child.pid,
  });
  assert.equal((await mockCapgo(["--version"])).stdout, `mock-capgo ${version}\n`);

  await listKeys(server);
  await send(server, "GET /nothing");
  const { stdout } = await server.stop();
  assert.equal(stdout, `${JSON.stringify(server.ready)}\n`);
});

// Own namespaces, in which /etc/hosts and /etc/resolv.conf are empty. Some containers forbid them.
const hide = "for file in hosts resolv.conf; do mount --bind /dev/null /etc/$file || exit; done";
const withoutNames = ["--map-root-user", "--mount", "sh", "-c", `${hide}; exec "$0" "$@"`];
const skip = spawnSync("unshare", [...withoutNames, "true"]).status !== 0 && "needs namespaces";

test("localhost is the loopback interface on a system that cannot resolve it", { skip }, async (t) => {
  const options = ["--port", "0", "--host", "localhost", "--exit-on-stdin-close", "--log", "none"];
  const server = start(t, "unshare", [...withoutNames, program, ...options]);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  assert.match(server.url, /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/);
  assert.equal((await listKeys(server, "ak_demo")).length, 3);
});

test("without --fixtures there are three demo keys", async (t) => {
  const server = await serve(t);
  assert.equal(server.ready.key, "ak_demo");
  const keys = await listKeys(server, "ak_demo");
  assert.deepEqual(
    keys.map(({ key, mode, limited_to_apps }) => [key, mode, limited_to_apps]),
    [
      ["ak_demo", "all", undefined],
      ["ak_demo_read", "read", undefined],
      ["ak_demo_upload", "upload", ["com.demo.app"]],
    ],
  );
});

test("without a key of mode all, the key in the ready line is null", async (t) => {
  const file = path.join(newFolder(t), "keys.json");
  writeFileSync(file, '[{"key":"ak_r","mode":"read","name":"Reader"}]');
  assert.equal((await serve(t, ["--fixtures", file])).ready.key, null);
});

test("--ready-file is written atomically", async (t) => {
  const folder = newFolder(t);
  const file = path.join(folder, "ready.json");
  writeFileSync(file, "old");
  const old = openSync(file);
  t.after(() => closeSync(old));
  const server = await serve(t, ["--ready-file", file]);
  assert.equal(readFileSync(file, "utf8"), server.stdout);
  assert.equal(readFileSync(old, "utf8"), "old", "the old file was overwritten");
  assert.deepEqual(readdirSync(folder), ["ready.json"]);
});

test("a ready file that a link leads to is written, and removed at a stop", async (t) => {
  const folder = newFolder(t);
  const [target, link] = ["target.json", "link.json"].map((name) => path.join(folder, name));
  writeFileSync(target, "old");
  symlinkSync(target, link);
  const server = await serve(t, ["--ready-file", link]);
  assert.equal(readFileSync(target, "utf8"), server.stdout);
  await server.stop();
  assert.deepEqual(readdirSync(folder), ["link.json"]);
});

test("an old ready file is removed even if the start fails", async (t) => {
  const taken = new URL((await serve(t)).url).port;
  const file = path.join(newFolder(t), "ready.json");
  writeFileSync(file, "old");
  const { code } = await run(program, ["--port", taken, "--ready-file", file]);
  assert.equal(code, 3);
  assert.equal(existsSync(file), false);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} stops the server cleanly`, async (t) => {
    const server = start(t, program, ["--port", "0"]);
    await server.waitForOutput("stdout", /\n/);
    const { code, signal: killer, stderr } = await server.stop(signal);
    assert.deepEqual({ code, killer, stderr }, { code: 0, killer: null, stderr: "" });
  });
}

test("an open connection does not delay the stop", async (t) => {
  const server = await serve(t);
  const client = net.connect(new URL(server.url).port, "127.0.0.1").on("error", () => {});
  t.after(() => client.destroy());
  client.write("GET /__admin/health HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(client, "data");
  assert.equal((await server.stop()).code, 0);
});

test("--exit-on-stdin-close stops the server when its standard input ends", async (t) => {
  const server = await serve(t);
  server.child.stdin.write("ignored\n");
  await listKeys(server, "ak_demo");
  server.child.stdin.end();
  assert.equal((await server.end()).code, 0);
});

test("without --exit-on-stdin-close the end of standard input has no effect", async (t) => {
  const server = start(t, program, ["--port", "0"]);
  server.child.stdin.end();
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  const { url } = JSON.parse(line);
  assert.equal((await send({ url }, "GET /__admin/health")).status, 200);
  assert.equal((await server.stop()).code, 0);
});

test("--export-on-exit writes a fixture that loads as the same state", async (t) => {
  const folder = newFolder(t);
  const [first, second] = ["first.json", "second.json"].map((name) => path.join(folder, name));
  writeFileSync(first, "old");
  const old = openSync(first);
  t.after(() => closeSync(old));

  const server = await serve(t, ["--fixtures", keysFile, "--export-on-exit", first]);
  const body = { name: 'Kept \u00e9 "quoted"', mode: "upload", limited_to_orgs: ["org_acme"] };
  assert.equal((await send(server, "POST /apikey/", { key: "ak_123", body })).status, 200);
  assert.equal((await send(server, "DELETE /apikey/2/", { key: "ak_123" })).status, 200);
  const keys = await listKeys(server);
  assert.equal((await server.stop()).code, 0);
  assert.equal(readFileSync(old, "utf8"), "old", "the old file was overwritten");

  const reloaded = await serve(t, ["--fixtures", first, "--export-on-exit", second]);
  assert.deepEqual(await listKeys(reloaded), keys);
  assert.equal((await reloaded.stop()).code, 0);
  assert.equal(readFileSync(second, "utf8"), readFileSync(first, "utf8"));
  assert.deepEqual(readdirSync(folder).sort(), ["first.json", "second.json"]);
});

test("--journal-on-exit writes the journals of all sandboxes, as the control API lists them", async (t) => {
  const folder = newFolder(t);
  const file = path.join(folder, "journal.json");
  writeFileSync(file, "old");
  const old = openSync(file);
  t.after(() => closeSync(old));
  const server = await serve(t, ["--fixtures", keysFile, "--journal", "2", "--journal-on-exit", file]);
  await listKeys(server);
  await send(server, "GET /sandbox/worker-2/apikey/", { key: "ak_456" });
  const body = { name: "Nightly \u00e9", mode: "reed" };
  await send(server, "POST /sandbox/worker-1/apikey/", { key: "ak_123", body });
  for (let i = 0; i < 3; ++i) await send(server, "GET /sandbox/worker-1/apikey/");
  const journal = async (below) => {
    return JSON.parse((await send(server, `GET ${below}/__admin/requests`)).text);
  };
  const expected = [
    { name: null, ...(await journal("")) },
    { name: "worker-1", ...(await journal("/sandbox/worker-1")) },
    { name: "worker-2", ...(await journal("/sandbox/worker-2")) },
  ];
  assert.equal((await server.stop()).code, 0);
  assert.deepEqual(
    expected.map(({ requests, dropped }) => [requests.length, dropped]),
    [[1, 0], [2, 2], [1, 0]],
  );
  const text = readFileSync(file, "utf8");
  assert.deepEqual(JSON.parse(text), { sandboxes: expected });
  assert.equal(text.match(/^\{"id":/gm).length, 4, "not one request a line");
  assert.equal(readFileSync(old, "utf8"), "old", "the old file was overwritten");
  assert.deepEqual(readdirSync(folder), ["journal.json"]);
});

test("exec writes the journals when its command fails", async (t) => {
  const file = path.join(newFolder(t), "journal.json");
  const script = "curl -sS -o /dev/null $CAPGO_API_URL/apikey/; exit 3";
  const { code } = await mockCapgo(["exec", "--journal-on-exit", file, "--", "sh", "-c", script]);
  assert.equal(code, 3);
  const [{ requests }] = JSON.parse(readFileSync(file, "utf8")).sandboxes;
  assert.deepEqual(requests.map(({ status, rejected_by }) => [status, rejected_by]), [[401, "authenticate"]]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("fixture files are never changed", async (t) => {
  const file = path.join(newFolder(t), "keys.json");
  writeFileSync(file, readFileSync(keysFile));
  const server = await serve(t, ["--fixtures", file]);
  await createKey(server, "New");
  await server.stop();
  assert.deepEqual(readFileSync(file), readFileSync(keysFile));
});

test("a port in use is reported with its address, and no file is created", async (t) => {
  const other = net.createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address();
  const database = path.join(newFolder(t), "keys.db");
  for (const command of [["serve"], ["exec"]]) {
    const options = ["--port", String(port), "--storage", `sqlite:${database}`];
    const child = command[0] === "exec" ? ["--", "true"] : [];
    const { code, stdout, stderr } = await mockCapgo([...command, ...options, ...child]);
    assert.equal(code, 3);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      new RegExp(`^mock-capgo: cannot listen on 127\\.0\\.0\\.1:${port}: .*\\n$`),
    );
    assert.match(stderr, /choose another port/);
    assert.equal(existsSync(database), false);
  }
});

test("the log has each request, or nothing with --log none, and no secrets", async (t) => {
  const requests = async (...options) => {
    const server = await serve(t, options);
    const created = await createKey(server, "Logged", { mode: "all", key: "ak_demo" });
    await listKeys(server, created.key);
    await send(server, "GET /apikey/", { key: created.key.replace(/.$/, "x") });
    const { stderr } = await server.stop();
    assert.equal(stderr.includes(created.key.slice(3, 20)), false, stderr);
    return stderr;
  };
  assert.equal(await requests("--log", "none"), "");
  const [created, listed, rejected, ...others] = logLines({ stderr: await requests() });
  assert.deepEqual([created, listed, others], ["- POST /apikey/ 200 -", "- GET /apikey/ 200 -", []]);
  assert.match(rejected, /^- GET \/apikey\/ 401 authenticate no key has the secret "ak_...\.\.\."/);
  assert.match(await requests("--log", "debug"), /  > authorization: ak_[0-9a-f]{3}\.\.\.\n/);
});

test("on a terminal, stderr shows what to try first, and Ctrl+C stops the server", async (t) => {
  // script(1) runs it on a terminal, whose input is a pipe.
  const command = `exec '${program}' --port 0`;
  const terminal = start(t, "script", ["-qec", command, "/dev/null"]);
  const [, url] = await terminal.waitForOutput("stdout", /^ {2}URL {3}(http:\S+)\r$/m);
  const [, curl] = await terminal.waitForOutput("stdout", /^ {2}Try {3}(curl .*)\r$/m);
  await terminal.waitForOutput("stdout", /^ {2}Key {3}ak_demo\r$/m);
  await terminal.waitForOutput("stdout", /^ {2}Stop {2}Ctrl\+C\r$/m);
  assert.equal(curl, `curl -H 'authorization: ak_demo' ${url}/apikey/`);
  const { code, stdout } = await run("sh", ["-c", `${curl} -s`]);
  assert.equal(code, 0);
  assert.ok(JSON.parse(stdout).data.length > 0, stdout);
  terminal.child.stdin.write("\x03");
  assert.equal((await terminal.end()).code, 0);
});
