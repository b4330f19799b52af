/** Servers of the npm package: how they start, and that none outlives its test runner. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { cleanUp, maxWait, newFolder, run, start } from "../e2e/server.mjs";
import { require } from "../e2e/npm.mjs";
import { installedFolder } from "./packages.mjs";

const folder = installedFolder({ after });
writeFileSync(path.join(folder, "load.mjs"), 'export * from "mock-capgo";');
const { StartError, startMockCapgo } = await import(path.join(folder, "load.mjs"));
const temporary = path.join(folder, "tmp");
mkdirSync(temporary);

/** Whether there is such a process. One that has ended may wait for its parent, in state Z. */
function isRunning(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until a process that is not a child of this one is gone. */
async function waitUntilGone(pid) {
  const deadline = performance.now() + maxWait;
  while (isRunning(pid)) {
    assert.ok(performance.now() < deadline, `the server ${pid} still runs`);
    await delay(5);
  }
}

/** The command line of a test runner: a program that starts a server `mock`, and then does more. */
function runner(more, options = "") {
  const program = `
    import { startMockCapgo } from "mock-capgo";
    const mock = await startMockCapgo(${options});
    const list = () => fetch(mock.url + "/apikey/", { headers: { authorization: mock.key } });
    console.log(mock.pid);
    ${more}`;
  return ["--input-type=module", "-e", program];
}

const inFolder = { cwd: folder, env: { ...process.env, TMPDIR: temporary } };
const runRunner = (...program) => run(process.execPath, runner(...program), inFolder);

test("a failed start rejects with the messages and the exit code", async (t) => {
  const running = await startMockCapgo();
  cleanUp(t, () => running.stop());
  const port = Number(new URL(running.url).port);
  const broken = path.join(newFolder(t), "keys.json");
  writeFileSync(broken, '{"keys":[\n  {"id":1,"mode":"reed","name":"A","key":"ak_a"}]}');
  const reed = (place) => `${place}: /keys/0/mode: "reed" is not one of read, upload, write, all`;
  const key = { id: 1, mode: "reed", name: "A", key: "ak_a" };
  const rule = { rules: [{ on: "GET /apikey/", eror: "not_found" }] };
  const cases = [
    [{ fixtures: broken }, 2, reed(`${broken}:2:18`)],
    [{ fixtures: { keys: [key] } }, 2, `did not start: ${reed("fixtures-1.json:5:15")}`],
    [{ fixtures: [{ keys: [] }, { kys: [] }] }, 2, "fixtures-2.json:2:3: /kys: unknown field"],
    [{ scenarios: rule }, 2, "scenario-1.json:5:7: /rules/0/eror: unknown field"],
    [{ scenarios: "flaky-creat" }, 2, 'did you mean "flaky-create"?'],
    [{ now: "yesterday" }, 2, "--now"],
    [{ sed: 7 }, 2, 'unknown option --sed; did you mean "--seed"?'],
    [{ port }, 3, String(port)],
  ];
  for (const [options, status, text] of cases) {
    const error = await startMockCapgo(options).catch((failure) => failure);
    assert.ok(error instanceof StartError, String(error));
    assert.equal(error.name, "StartError");
    assert.equal(error.status, status, error.message);
    assert.ok(error.message.includes(text), `${error.message} has no ${text}`);
  }
});

test("stop can be called repeatedly, and waits until the process is gone", async () => {
  const mock = await startMockCapgo();
  await Promise.all([mock.stop(), mock.stop()]);
  assert.equal(isRunning(mock.pid), false);
  await mock.stop();
  await mock[Symbol.asyncDispose]();
});

test("await using stops a server, and deletes a sandbox", async () => {
  const { ModuleKind, ScriptTarget, transpileModule } = require("typescript");
  const program = `
    import { connectMockCapgo, startMockCapgo } from "mock-capgo";
    await using outer = await startMockCapgo();
    {
      await using inner = await startMockCapgo();
      await using connected = await connectMockCapgo(outer.url);
      await using worker = connected.sandbox("used");
      await using unused = connected.sandbox("unused");
      await worker.state();
      console.log(inner.pid);
    }
    const response = await fetch(outer.adminUrl + "/sandboxes");
    console.log((await response.json()).sandboxes.length);`;
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };
  const { outputText } = transpileModule(program, { compilerOptions });
  const args = ["--input-type=module", "-e", outputText];
  const { code, stdout, stderr } = await run(process.execPath, args, inFolder);
  assert.equal(code, 0, stderr);
  const [pid, sandboxes] = stdout.trim().split("\n").map(Number);
  assert.equal(sandboxes, 0);
  assert.equal(isRunning(pid), false);
});

test("a server that was not stopped does not keep the test runner alive, and ends", async () => {
  const cases = [
    ["", 0],
    ["await list();", 0],
    ["process.exit(3);", 3],
    ['throw new Error("failed");', 1],
    ["process.on('exit', () => list());", 0],
    ["process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);", null],
  ];
  for (const [more, expected] of cases) {
    const { code, stdout, stderr } = await runRunner(more);
    assert.equal(code, expected, stderr);
    await waitUntilGone(Number(stdout));
  }
});

test("if SIGKILL ends the test runner, no server is left", async (t) => {
  // One server is idle, one has a request that it never answers, and one writes a long log.
  const cases = [
    ["", "setInterval(() => {}, 1000);"],
    ['{ scenarios: "hang" }', "list();"],
    ['{ log: "debug" }', "for (;;) await list();"],
  ];
  for (const [options, more] of cases) {
    const killed = start(t, process.execPath, runner(more, options), inFolder);
    const [pid] = await killed.waitForOutput("stdout", /^\d+(?=\n)/);
    assert.ok(isRunning(pid));
    assert.equal((await killed.stop("SIGKILL")).signal, "SIGKILL");
    await waitUntilGone(Number(pid));
  }
});

test("calls to a server that died say that no server answers, and stop succeeds", async () => {
  const message = /^no answer from mock-capgo at http.*\nis the server still running\?$/;
  const noAnswer = { name: "ControlError", status: null, message };
  for (const call of ["state", "stop"]) {
    const mock = await startMockCapgo();
    process.kill(mock.pid, "SIGKILL");
    if (call === "state") await assert.rejects(mock.state(), noAnswer);
    await mock.stop();
    await assert.rejects(mock.state(), noAnswer);
  }
});

test("the log goes to stderr if it is enabled, to its last line", async () => {
  const lists = "await list(); await list(); await mock.stop(); process.exit();";
  const cases = [
    ["{}", /^$/],
    ['{ log: "errors" }', /^$/],
    ['{ log: "errors", scenarios: "flaky-create" }', /^.* never fired: flaky-create, any rule\n$/],
    ['{ log: "requests" }', /^(.* GET +\/apikey\/ +200 .*\n){2}$/],
  ];
  for (const [options, expected] of cases) {
    assert.match((await runRunner(lists, options)).stderr, expected);
  }
});

test("temporary files are removed once a server has started, or failed to", async () => {
  const listFiles = `
    const { readdirSync } = await import("node:fs");
    const failed = await startMockCapgo({ fixtures: { keys: [{}] } }).catch(({ name }) => name);
    console.log(failed, readdirSync("${temporary}").length);`;
  const { stdout, stderr } = await runRunner(listFiles, '{ fixtures: { keys: [] } }');
  assert.match(stdout, /^\d+\nStartError 0\n$/, stderr);
  assert.deepEqual(readdirSync(temporary), []);
});
