/** Signals, limits and terminals: what the program inherits from its caller and passes on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import test from "node:test";

import { connectMany, requestBytes } from "./client.mjs";
import { newFolder, program, run, serve, start } from "./server.mjs";

const exec = [program, "exec", "--log", "none", "--"];

/** Runs a command with ignored or blocked signals. */
function runWith(option, command) {
  return run("env", [option, ...command]);
}

/** Starts a server with ignored or blocked signals. */
async function serveWith(t, option) {
  const args = [option, program, "--port", "0", "--log", "none"];
  const server = start(t, "env", args);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  return server;
}

for (const option of ["--ignore-signal=HUP,INT,QUIT", "--block-signal=CHLD,TERM,USR1", "-i"]) {
  test(`the command of exec inherits ignored and blocked signals: env ${option}`, async () => {
    const command = ["/bin/grep", "Sig[BI]", "/proc/self/status"];
    const alone = await runWith(option, command);
    const { code, stdout, stderr } = await runWith(option, [...exec, ...command]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, alone.stdout);
  });
}

test("the command of exec inherits the limit of open files", async () => {
  const script = `ulimit -Sn 256; exec '${program}' exec --log none -- sh -c 'ulimit -n'`;
  assert.equal((await run("sh", ["-c", script])).stdout, "256\n");
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  test(`${signal} stops a server whose caller blocked it`, async (t) => {
    const server = await serveWith(t, `--block-signal=${signal.slice(3)}`);
    assert.equal((await server.stop(signal)).code, 0);
  });

  test(`a server ignores ${signal} if its caller did`, async (t) => {
    const server = await serveWith(t, `--ignore-signal=${signal.slice(3)}`);
    server.child.kill(signal);
    assert.equal((await fetch(`${server.url}/__admin/health`)).status, 200);
    const other = signal === "SIGTERM" ? "SIGINT" : "SIGTERM";
    assert.equal((await server.stop(other)).code, 0);
  });
}

test("Ctrl-C at a terminal reaches the command of exec once", async (t) => {
  // If exec forwarded the SIGINT, it would do so before it forwards the SIGTERM.
  const script = `
    let count = 0;
    process.on("SIGINT", () => { if (++count === 1) process.kill(process.ppid, "SIGTERM"); });
    process.on("SIGTERM", () => { console.log("SIGINT: " + count); process.exit(); });
    setInterval(() => {}, 1000);
    console.log("up");`;
  const command = `exec ${exec.join(" ")} '${process.execPath}' -e '${script}'`;
  for (let attempt = 0; attempt < 5; ++attempt) {
    const terminal = start(t, "script", ["-qec", command, "/dev/null"]);
    await terminal.waitForOutput("stdout", /^up\r$/m);
    terminal.child.stdin.write("\x03");
    await terminal.waitForOutput("stdout", /^(?:\^C)?SIGINT: 1\r$/m);
    assert.equal((await terminal.end()).code, 0);
  }
});

test("closing the terminal sends SIGHUP to the command of exec", async (t) => {
  const listener = net.createServer().listen(0, "127.0.0.1");
  t.after(() => listener.close());
  await once(listener, "listening");
  const script = `
    const socket = require("node:net").connect(${listener.address().port}, "127.0.0.1");
    process.on("SIGHUP", () => socket.end("SIGHUP", () => process.exit()));
    console.log("up");`;
  const command = `exec ${exec.join(" ")} '${process.execPath}' -e '${script}'`;
  const terminal = start(t, "script", ["-qec", command, "/dev/null"]);
  const [[socket]] = await Promise.all([
    once(listener, "connection"),
    terminal.waitForOutput("stdout", /^up\r$/m),
  ]);
  terminal.child.kill("SIGKILL");
  const [received] = await once(socket, "data");
  assert.equal(received.toString(), "SIGHUP");
});

test("a background job keeps running when something is typed at its terminal", async (t) => {
  const ready = path.join(newFolder(t), "ready");
  // With job control, the terminal sends SIGTTIN to a background job that reads from it.
  const script = `
    set -m
    '${program}' --port 0 --log none --exit-on-stdin-close --ready-file '${ready}' &
    while read -r line; do
      admin=$(sed 's/.*"admin":"\\([^"]*\\)".*/\\1/' '${ready}')
      curl -sS --max-time 20 "$admin/health"
    done
    kill -KILL %1`;
  const terminal = start(t, "script", ["-qec", `bash -c '${script.replaceAll("'", "'\\''")}'`, "/dev/null"]);
  await terminal.waitForOutput("stdout", /"event":"ready"/);
  for (const count of [1, 2, 3]) {
    terminal.child.stdin.write("typed\n");
    await terminal.waitForOutput("stdout", new RegExp(`(?:"status":"ok"[^]*?){${count}}`));
  }
  terminal.child.stdin.write("\x04");
  await terminal.end();
});

test("exceeding the limit of the file size is an error and does not kill the server", async (t) => {
  const folder = newFolder(t);
  const [file, journal] = ["e.json", "j.json"].map((name) => path.join(folder, name));
  const options = `--port 0 --exit-on-stdin-close --export-on-exit '${file}' --journal-on-exit '${journal}'`;
  const { code, signal, stderr } = await run("sh", ["-c", `ulimit -f 0; exec '${program}' ${options}`]);
  assert.deepEqual({ code, signal }, { code: 1, signal: null });
  const problems = [file, journal].map((each) => `mock-capgo: ${each}: cannot be written: File too large\n`);
  assert.equal(stderr, problems.join(""));
});

test("connections wait while the limit of open files is reached, and one warning is logged", async (t) => {
  const script = `ulimit -n 64; exec '${program}' --port 0 --exit-on-stdin-close`;
  const server = start(t, "sh", ["-c", script]);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  await fetch(`${server.url}/apikey/`); // Starts the thread of the log.
  const many = await connectMany(t, server, 100);
  const [warning] = await server.waitForOutput("stderr", /^mock-capgo: .*\n/m);
  assert.match(warning, /because all 64 files .* are in use; raise the limit with ulimit -n$/m);
  const last = many.at(-1);
  last.send(requestBytes("GET /__admin/health"));
  for (const wire of many.slice(0, 60)) wire.socket.destroy();
  assert.equal((await last.response()).status, 200);
  assert.equal(server.stderr.match(/mock-capgo: /g).length, 1);
});

test("help and version exit with 1 if stdout is full", async () => {
  for (const option of ["--help", "--version", "help exec", "version"]) {
    const { code } = await run("sh", ["-c", `'${program}' ${option} >/dev/full`]);
    assert.equal(code, 1, option);
  }
});

test("without --seed, a reset does not issue the same secrets again", async (t) => {
  const server = await serve(t);
  const create = async (below) => {
    const body = JSON.stringify({ name: "CI", mode: "read" });
    const headers = { authorization: "ak_demo" };
    const response = await fetch(`${server.url}${below}/apikey/`, { method: "POST", headers, body });
    return (await response.json()).apikey.key;
  };
  const seen = new Set();
  for (const round of [1, 2]) {
    for (const below of ["", "/sandbox/a"]) seen.add(await create(below));
    await fetch(`${server.url}/__admin/reset`, { method: "POST" });
    const calls = [["/sandbox/a/__admin/reset", "POST"], ["/__admin/sandboxes/a", "DELETE"]];
    const [call, method] = calls[round - 1];
    assert.ok((await fetch(server.url + call, { method })).ok, call);
  }
  for (const below of ["", "/sandbox/a"]) seen.add(await create(below));
  assert.equal(seen.size, 6);
});
