import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { toldLines } from "./log_lines.mjs";
import { folderFor, keysFile, mockCapgo, program, run, start } from "./server.mjs";

/** The arguments that run a script of Node as the command of exec. */
const node = (script) => ["--", process.execPath, "-e", script];

test("the command finds the server in its environment, and stdout is its alone", async () => {
  const script = `
    const { CAPGO_API_URL: url, CAPGO_TOKEN: key, MOCK_CAPGO_ADMIN_URL: admin } = process.env;
    Promise.all([
      fetch(url + "/apikey/", { headers: { authorization: key } }).then((answer) => answer.json()),
      fetch(admin + "/health").then((answer) => answer.json()),
    ]).then(([list, health]) => console.log(key, list.data.length, health.status));`;
  const { code, stdout, stderr } = await mockCapgo([
    "exec",
    "--fixtures",
    keysFile,
    ...node(script),
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "ak_123 4 ok\n");
  const lines = ["- GET /__admin/health 200 -", "- GET /apikey/ 200 -"];
  assert.deepEqual(toldLines({ stderr }).sort(), lines);
});

test("the address has the base path in it, and the command keeps its own environment", async () => {
  const script = "console.log(process.env.CAPGO_API_URL, process.env.OWN, process.env.CAPGO_TOKEN)";
  const env = { ...process.env, OWN: "mine", CAPGO_TOKEN: "replaced" };
  const options = ["--base-path", "/functions/v1"];
  const { stdout } = await mockCapgo(["exec", ...options, ...node(script)], { env });
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/functions\/v1 mine ak_demo\n$/);
});

test("exec exits as the command does", async () => {
  assert.equal((await mockCapgo(["exec", "--", "true"])).code, 0);
  assert.equal((await mockCapgo(["exec", ...node("process.exit(42)")])).code, 42);
});

test("a command ended by a signal makes exec exit with 128 and the signal's number", async () => {
  const ended = (signal) => mockCapgo(["exec", ...node(`process.kill(process.pid, "${signal}")`)]);
  assert.equal((await ended("SIGKILL")).code, 128 + 9);
  assert.equal((await ended("SIGTERM")).code, 128 + 15);
});

test("a command that cannot be started makes exec exit with 127 and say why", async (t) => {
  const missing = await mockCapgo(["exec", "--", "no-such-command"]);
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /^mock-capgo: cannot start "no-such-command": .*PATH\n$/);

  const file = path.join(folderFor(t), "script");
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o644);
  const forbidden = await mockCapgo(["exec", "--", file]);
  assert.equal(forbidden.code, 127);
  assert.match(forbidden.stderr, /make it executable/);
});

test("common mistakes in the command are reported with the line to write", async (t) => {
  const folder = folderFor(t);
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

test("a ready file that cannot be written ends exec before the command is run", async (t) => {
  // The folder takes this name, but not the longer one that the file is written under first.
  const file = path.join(folderFor(t), "r".repeat(250));
  const { code, stdout, stderr } = await mockCapgo([
    "exec",
    "--ready-file",
    file,
    ...node("console.log('ran')"),
  ]);
  assert.equal(code, 1, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /r: cannot be written: File name too long; check the folder/);
});

test("no shell reads the command, and its arguments reach it as they are", async () => {
  const words = ["$HOME", "a b", "*", "--port", "--", "", "'"];
  const script = "console.log(JSON.stringify(process.argv.slice(1)))";
  const { stdout } = await mockCapgo(["exec", ...node(script), "--", ...words]);
  assert.deepEqual(JSON.parse(stdout), words);
});

test("standard input is the command's", async () => {
  const { stdout } = await mockCapgo(["exec", "--", "cat"], { input: "from outside" });
  assert.equal(stdout, "from outside");
});

/** A command that says `up`, tells each signal it gets, and exits with 9 when its input ends. */
const listener = node(`
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    process.on(name, () => console.log(name));
  }
  process.stdin.resume().on("end", () => process.exit(9));
  console.log("up");`);

test("signals are passed on to the command, and exec waits for it", async (t) => {
  const exec = start(t, program, ["exec", ...listener]);
  await exec.sees("stdout", /^up\n/);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2", "SIGINT"]) {
    exec.child.kill(signal);
    await exec.sees("stdout", new RegExp(`^${signal}$`, "m"));
  }
  exec.child.stdin.end();
  assert.equal((await exec.end()).code, 9);
});

test("a Ctrl-C that reaches both, and then another, leaves the command its own way out", async (t) => {
  // A process group of its own, which a terminal would send its signals to.
  const exec = start(t, program, ["exec", ...listener], { detached: true });
  await exec.sees("stdout", /^up\n/);
  process.kill(-exec.child.pid, "SIGINT");
  await exec.sees("stdout", /^SIGINT\n/m);
  process.kill(-exec.child.pid, "SIGINT");
  exec.child.kill("SIGTERM");
  await exec.sees("stdout", /^SIGTERM\n/m);
  exec.child.stdin.end();
  assert.equal((await exec.end()).code, 9);
});

test("two exec at once do not meet, each with keys of its own", async () => {
  const script = `
    const { CAPGO_API_URL: url, CAPGO_TOKEN: key } = process.env;
    const headers = { authorization: key };
    const body = JSON.stringify({ name: "Mine", mode: "read" });
    fetch(url + "/apikey/", { method: "POST", headers, body })
      .then(() => fetch(url + "/apikey/", { headers }))
      .then((answer) => answer.json())
      .then(({ data }) => console.log(url, data.map(({ id }) => id).join()));`;
  const both = await Promise.all([1, 2].map(() => mockCapgo(["exec", ...node(script)])));
  const [first, second] = both.map(({ stdout }) => stdout.trim().split(" "));
  assert.equal(first[1], "1,2,3,4");
  assert.equal(second[1], "1,2,3,4");
  assert.notEqual(first[0], second[0]);
});

test("the server is gone when exec is", async () => {
  const { stdout } = await mockCapgo(["exec", ...node("console.log(process.env.CAPGO_API_URL)")]);
  const { code } = await run("curl", ["-s", `${stdout.trim()}/__admin/health`]);
  assert.equal(code, 7, "curl could connect");
});
