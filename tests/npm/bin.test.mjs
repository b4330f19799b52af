/** The mock-capgo command of the npm package, in the folders that package managers make. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";

import { newFolder, run, serve, start } from "../e2e/server.mjs";
import { installedFolder } from "./packages.mjs";

const platform = `${process.platform}-${process.arch}`;
const folder = installedFolder({ after });
const modules = path.join(folder, "node_modules");
const executable = path.join(modules, "@mock-capgo", platform, "bin", "mock-capgo");
const bin = link(path.join(modules, ".bin", "mock-capgo"), "../mock-capgo/bin/mock-capgo");

/** Makes a symbolic link, and the folders above it. */
function link(file, target) {
  mkdirSync(path.dirname(file), { recursive: true });
  symlinkSync(target, file);
  return file;
}

/** Creates a folder without the package for this platform. Returns it, and its command. */
function incompleteFolder(t) {
  const own = newFolder(t);
  cpSync(path.join(modules, "mock-capgo"), path.join(own, "node_modules", "mock-capgo"), {
    recursive: true,
  });
  const file = path.join(own, "node_modules", ".bin", "mock-capgo");
  return { own, command: link(file, "../mock-capgo/bin/mock-capgo") };
}

test("the command finds the executable in the folders of each package manager", async (t) => {
  const { stdout: version } = await run(executable, ["--version"]);
  assert.match(version, /^mock-capgo \d+\.\d+\.\d+\n$/);
  const scope = path.join("@mock-capgo", platform);
  /** Puts the packages into folders below one of its own, whose name has a space. */
  const layout = (main, platformPackage, links = []) => {
    const own = path.join(newFolder(t), "a folder");
    cpSync(path.join(modules, "mock-capgo"), path.join(own, main), { recursive: true });
    cpSync(path.join(modules, scope), path.join(own, platformPackage), { recursive: true });
    for (const [file, target] of links) link(path.join(own, file), target);
    return own;
  };
  const npmLink = ["node_modules/.bin/mock-capgo", "../mock-capgo/bin/mock-capgo"];
  const store = "node_modules/.pnpm";
  const cases = [
    ["npm", layout("node_modules/mock-capgo", `node_modules/${scope}`, [npmLink])],
    [
      "npm, nested",
      layout("node_modules/mock-capgo", `node_modules/mock-capgo/node_modules/${scope}`, [npmLink]),
    ],
    [
      "pnpm",
      layout(`${store}/mock-capgo@1/node_modules/mock-capgo`, `${store}/platform@1/${scope}`, [
        ["node_modules/mock-capgo", ".pnpm/mock-capgo@1/node_modules/mock-capgo"],
        [`${store}/mock-capgo@1/node_modules/${scope}`, `../../../platform@1/${scope}`],
        npmLink,
      ]),
    ],
    ["workspace", layout("node_modules/mock-capgo", `../node_modules/${scope}`, [npmLink])],
  ];
  const incomplete = incompleteFolder(t);
  for (const [name, own] of cases) {
    const [relative] = npmLink;
    const absolute = path.join(own, relative);
    for (const [command, variables] of [
      [absolute],
      [relative],
      [relative, { CDPATH: incomplete.own }],
      ["mock-capgo", { PATH: `${path.dirname(absolute)}:${process.env.PATH}` }],
    ]) {
      const options = { cwd: own, env: { ...process.env, ...variables } };
      const { code, stdout, stderr } = await run(command, ["--version"], options);
      const expected = { code: 0, stdout: version, stderr: "" };
      assert.deepEqual({ code, stdout, stderr }, expected, `${name}: ${command}`);
    }
  }
});

test("the command works with dash, bash and BusyBox as sh", async (t) => {
  const tools = newFolder(t);
  for (const tool of ["sh", "cat", "dirname", "readlink", "tr", "uname"]) {
    symlinkSync("/bin/busybox", path.join(tools, tool));
  }
  const incomplete = incompleteFolder(t).command;
  for (const shell of [["dash"], ["bash", "--posix"], [path.join(tools, "sh")]]) {
    const [command, ...args] = shell;
    const env = path.isAbsolute(command) ? { PATH: tools } : process.env;
    const { code, stderr } = await run(command, [...args, bin, "--version"], { env });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, command);
    const missing = await run(command, [...args, incomplete], { env });
    assert.equal(missing.code, 1, command);
    assert.match(missing.stderr, /^mock-capgo has no executable for .*\n(.+\n){3}$/, command);
  }
});

test("the command passes arguments, standard streams and the exit code on", async (t) => {
  const server = await serve(t);
  const words = ["a b", "", "*", "--port", "$HOME", "it's"];
  const print = "console.log(JSON.stringify(process.argv.slice(1)))";
  const node = ["exec", "--log", "none", "--", process.execPath, "-e"];
  const cases = [
    [["exec", "--log", "none", "--", "cat"], 0, /^some input$/, /^$/],
    [["exec", "--", "sh", "-c", "echo problem >&2; exit 42"], 42, /^$/, /^problem\n$/],
    [["exec", "--", "sh", "-c", "kill -KILL $$"], 137, /^$/, /^$/],
    [["exec", "--", "no-such-command"], 127, /^$/, /cannot start "no-such-command"/],
    [["--prot", "0"], 2, /^$/, /unknown option --prot/],
    [["--port", new URL(server.url).port], 3, /^$/, /in use/],
  ];
  for (const [args, ...expected] of cases) {
    const { code, stdout, stderr } = await run(bin, args, { input: "some input" });
    assert.equal(code, expected[0], stderr);
    assert.match(stdout, expected[1]);
    assert.match(stderr, expected[2]);
  }
  const { stdout } = await run(bin, [...node, print, "--", ...words]);
  assert.deepEqual(JSON.parse(stdout), words);
});

test("the process of the command is the executable, and gets its signals", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const command = start(t, bin, ["--port", "0", "--log", "none"]);
    const [line] = await command.waitForOutput("stdout", /^.*\n/);
    assert.equal(JSON.parse(line).pid, command.child.pid);
    const ended = await command.stop(signal);
    assert.deepEqual(ended, { code: 0, signal: null, stdout: line, stderr: "" });
  }
  const command = start(t, bin, ["--port", "0", "--log", "none", "--exit-on-stdin-close"]);
  await command.waitForOutput("stdout", /^.*\n/);
  command.child.stdin.end();
  assert.equal((await command.end()).code, 0);
});

/** Runs a program that starts a server, and prints its key or the error. */
function runProgram(cwd, env = {}) {
  const program = `
    require("mock-capgo").startMockCapgo().then(
      (mock) => console.log(mock.key),
      ({ name, status, message }) => console.log(JSON.stringify({ name, status, message })),
    );`;
  return run(process.execPath, ["-e", program], { cwd, env: { ...process.env, ...env } });
}

test("MOCK_CAPGO_BINARY replaces the executable", async (t) => {
  const { own, command } = incompleteFolder(t);
  const wrapper = path.join(own, "wrapper");
  writeFileSync(wrapper, `#!/bin/sh\necho wrapped >&2\nexec '${executable}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  const env = { ...process.env, MOCK_CAPGO_BINARY: wrapper };
  const { stdout, stderr } = await run(command, ["--version"], { env });
  assert.match(stdout, /^mock-capgo \d/);
  assert.equal(stderr, "wrapped\n");
  assert.equal((await runProgram(own, env)).stdout, "ak_demo\n");

  const missing = { MOCK_CAPGO_BINARY: path.join(own, "missing") };
  const failed = await run(command, ["--version"], { env: { ...process.env, ...missing } });
  assert.equal(failed.code, 127);
  assert.ok(failed.stderr.includes(missing.MOCK_CAPGO_BINARY), failed.stderr);
  const { name, message } = JSON.parse((await runProgram(own, missing)).stdout);
  assert.equal(name, "StartError");
  assert.ok(message.startsWith(`cannot run ${missing.MOCK_CAPGO_BINARY}: `), message);
});

test("without an executable for the platform, the error names the alternatives", async (t) => {
  const { own, command } = incompleteFolder(t);
  const { code, stdout, stderr } = await run(command, ["--port", "0"]);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  const { name, status, message } = JSON.parse((await runProgram(own)).stdout);
  assert.deepEqual({ name, status }, { name: "StartError", status: null });
  for (const text of [stderr, message]) {
    const [first, ...alternatives] = text.trim().split("\n");
    const missing = `the package @mock-capgo/${platform} is missing`;
    assert.equal(first, `mock-capgo has no executable for ${platform}: ${missing}`);
    assert.equal(alternatives.length, 3, text);
    assert.match(alternatives[0], /optional dependencies/);
    assert.match(alternatives[1], /from source .* MOCK_CAPGO_BINARY=\/path\/to\/mock-capgo$/);
    assert.match(alternatives[2], /container/);
  }
});
