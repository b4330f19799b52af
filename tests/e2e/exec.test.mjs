/** exec: the environment, exit code, input and signals of its command. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { logLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, newFolder, program, run, start } from "./server.mjs";

/** The arguments of exec that run a script with Node.js. */
const node = (script) => ["--", process.execPath, "-e", script];

test("the command finds the server in its environment, and has stdout to itself", async () => {
  const script = `
    const { CAPGO_API_URL: url, CAPGO_TOKEN: key, MOCK_CAPGO_ADMIN_URL: admin } = process.env;
    Promise.all([
      fetch(url + "/apikey/", { headers: { authorization: key } }).then((response) => response.json()),
      fetch(admin + "/health").then((response) => response.json()),
    ]).then(([list, health]) => console.log(key, list.data.length, health.status));`;
  const { code, stdout, stderr } = await mockCapgo([
    "exec",
    "--fixtures",
    keysFile,
    ...node(script),
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "ak_123 4 ok\n");
  assert.deepEqual(logLines({ stderr }), ["- GET /apikey/ 200 -"]);
});

test("the URL has the base path, and the command keeps other variables", async () => {
  const script = "console.log(process.env.CAPGO_API_URL, process.env.OWN, process.env.CAPGO_TOKEN)";
  const env = { ...process.env, OWN: "mine", CAPGO_TOKEN: "replaced" };
  const options = ["--base-path", "/functions/v1"];
  const { stdout } = await mockCapgo(["exec", ...options, ...node(script)], { env });
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/functions\/v1 mine ak_demo\n$/);
});

test("the command reaches the server without a proxy, and keeps the exceptions it has", async () => {
  const loopback = "127.0.0.1,localhost,::1,[::1]";
  const corp = `corp,${loopback}`;
  const cases = [
    [{}, loopback, loopback],
    [{ NO_PROXY: "", no_proxy: "corp" }, loopback, corp],
    [{ NO_PROXY: "corp" }, corp, corp],
    [{ no_proxy: "corp" }, corp, corp],
    [{ NO_PROXY: "a", no_proxy: "b" }, `a,${loopback}`, `b,${loopback}`],
    [
      { NO_PROXY: "LOCALHOST, corp", no_proxy: `::1 ${loopback}` },
      "LOCALHOST, corp,127.0.0.1,::1,[::1]",
      `::1 ${loopback}`,
    ],
    [{ NO_PROXY: "127.0.0.10,.localhost" }, ...Array(2).fill(`127.0.0.10,.localhost,${loopback}`)],
    [{ NO_PROXY: "*" }, "*", "*"],
  ];
  const { NO_PROXY, no_proxy, ...others } = process.env;
  const print = node("console.log(JSON.stringify([process.env.NO_PROXY, process.env.no_proxy]))");
  for (const [set, ...expected] of cases) {
    const { stdout } = await mockCapgo(["exec", ...print], { env: { ...others, ...set } });
    assert.deepEqual(JSON.parse(stdout), expected, JSON.stringify(set));
  }
  const proxy = "http://127.0.0.1:9";
  const env = { ...others, http_proxy: proxy, HTTP_PROXY: proxy, ALL_PROXY: proxy };
  const get = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  const command = ["sh", "-c", `${get.map((word) => `'${word}'`).join(" ")} "$CAPGO_API_URL"`];
  const { stdout, stderr } = await mockCapgo(["exec", "--", ...command], { env });
  assert.equal(stdout, "200", stderr);
});

test("with a wildcard as --host, the command gets an address it can connect to", async () => {
  const print = node("console.log(process.env.CAPGO_API_URL, process.env.MOCK_CAPGO_ADMIN_URL)");
  const { stdout } = await mockCapgo(["exec", "--host", "0.0.0.0", ...print]);
  assert.match(stdout, /^(http:\/\/127\.0\.0\.1:\d+) \1\/__admin\n$/);
});

test("exec exits with the code of the command", async () => {
  assert.equal((await mockCapgo(["exec", "--", "true"])).code, 0);
  assert.equal((await mockCapgo(["exec", ...node("process.exit(42)")])).code, 42);
});

test("if a signal ends the command, exec exits with 128 + its number", async () => {
  const ended = (signal) => mockCapgo(["exec", ...node(`process.kill(process.pid, "${signal}")`)]);
  assert.equal((await ended("SIGKILL")).code, 128 + 9);
  assert.equal((await ended("SIGTERM")).code, 128 + 15);
});

test("if the command cannot be started, exec exits with 127 and says why", async (t) => {
  const missing = await mockCapgo(["exec", "--", "no-such-command"]);
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /^mock-capgo: cannot start "no-such-command": .*PATH\n$/);

  const file = path.join(newFolder(t), "script");
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o644);
  const forbidden = await mockCapgo(["exec", "--", file]);
  assert.equal(forbidden.code, 127);
  assert.match(forbidden.stderr, /make it executable/);
});

test("common mistakes in the command are reported with a correction", async (t) => {
  const folder = newFolder(t);
  const cases = [
    [["exec", "sh", "-c", "true"], 2, /put -- before the command: mock-capgo exec -- sh -c true$/m],
    [["exec", "--", "npm test"], 127, /own argument, .*: mock-capgo exec -- npm test$/m],
    [["exec", "--", folder], 127, /: it is a directory; name a program in it$/m],
  ];
  for (const [args, expected, message] of cases) {
    const { code, stdout, stderr } = await mockCapgo(args);
    assert.deepEqual({ code, stdout }, { code: expected, stdout: "" });
    assert.match(stderr, message);
  }
});

test("if the ready file cannot be written, exec does not run the command", async (t) => {
  const file = path.join(newFolder(t), "ready");
  const script = `ulimit -f 0; exec '${program}' exec --ready-file '${file}' -- echo ran`;
  const { code, stdout, stderr } = await run("sh", ["-c", script]);
  assert.equal(code, 1, stderr);
  assert.equal(stdout, "");
  assert.equal(stderr, `mock-capgo: ${file}: cannot be written: File too large\n`);
  assert.ok(!existsSync(file));
});

test("exec uses no shell, and passes arguments unchanged", async () => {
  const words = ["$HOME", "a b", "*", "--port", "--", "", "'"];
  const script = "console.log(JSON.stringify(process.argv.slice(1)))";
  const { stdout } = await mockCapgo(["exec", ...node(script), "--", ...words]);
  assert.deepEqual(JSON.parse(stdout), words);
});

test("the command gets standard input", async () => {
  const { stdout } = await mockCapgo(["exec", "--", "cat"], { input: "from outside" });
  assert.equal(stdout, "from outside");
});

/** A command that prints `up` and each signal, and exits with 9 when its input ends. */
const listener = node(`
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    process.on(name, () => console.log(name));
  }
  process.stdin.resume().on("end", () => process.exit(9));
  console.log("up");`);

test("signals are passed on to the command, and exec waits for its end", async (t) => {
  const exec = start(t, program, ["exec", ...listener]);
  await exec.waitForOutput("stdout", /^up\n/);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2", "SIGINT"]) {
    exec.child.kill(signal);
    await exec.waitForOutput("stdout", new RegExp(`^${signal}$`, "m"));
  }
  exec.child.stdin.end();
  assert.equal((await exec.end()).code, 9);
});

test("a command that handles Ctrl+C can exit in its own way, even after a second one", async (t) => {
  // A terminal sends signals to a process group.
  const exec = start(t, program, ["exec", ...listener], { detached: true });
  await exec.waitForOutput("stdout", /^up\n/);
  process.kill(-exec.child.pid, "SIGINT");
  await exec.waitForOutput("stdout", /^SIGINT\n/m);
  process.kill(-exec.child.pid, "SIGINT");
  exec.child.kill("SIGTERM");
  await exec.waitForOutput("stdout", /^SIGTERM\n/m);
  exec.child.stdin.end();
  assert.equal((await exec.end()).code, 9);
});

test("two simultaneous exec commands have separate servers", async () => {
  const script = `
    const { CAPGO_API_URL: url, CAPGO_TOKEN: key } = process.env;
    const headers = { authorization: key };
    const body = JSON.stringify({ name: "Mine", mode: "read" });
    fetch(url + "/apikey/", { method: "POST", headers, body })
      .then(() => fetch(url + "/apikey/", { headers }))
      .then((response) => response.json())
      .then(({ data }) => console.log(url, data.map(({ id }) => id).join()));`;
  const both = await Promise.all([1, 2].map(() => mockCapgo(["exec", ...node(script)])));
  const [first, second] = both.map(({ stdout }) => stdout.trim().split(" "));
  assert.equal(first[1], "1,2,3,4");
  assert.equal(second[1], "1,2,3,4");
  assert.notEqual(first[0], second[0]);
});

test("the server stops with exec", async () => {
  const { stdout } = await mockCapgo(["exec", ...node("console.log(process.env.CAPGO_API_URL)")]);
  const { code } = await run("curl", ["-s", `${stdout.trim()}/__admin/health`]);
  assert.equal(code, 7, "curl could connect");
});
