import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { folderFor, keysFile, mockCapgo } from "./server.mjs";

/** Runs mock-capgo where it has to refuse to start. Gives what it says. */
async function refused(args, options) {
  const { code, stdout, stderr } = await mockCapgo(args, options);
  assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
  assert.equal(stdout, "");
  return stderr;
}

/** Writes files into a new folder, which it gives back. */
function write(t, files) {
  const folder = folderFor(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

test("bad usage is told with what is wrong and where to look", async () => {
  const cases = [
    [["--prot", "0"], /--prot.*did you mean "--port"\?/],
    [["--port", "banana"], /--port.*banana/],
    [["--port", "65536"], /--port.*65536/],
    [["--log", "reqests"], /--log: "reqests".*did you mean "requests"\?/],
    [["--contract", "documnted"], /"documnted"; did you mean "documented"\?.*documented/],
    [
      ["--storage", "sqlite3:keys.db"],
      /--storage: "sqlite3:keys.db" must be memory or sqlite:FILE/,
    ],
    [["--now", "yesterday"], /--now: "yesterday" is not a valid time; write a date \(2024-01-31\)/],
    [["--base-path", "v1"], /--base-path: "v1" must be a path that begins with \//],
    [["exec"], /exec: no command to run; put it after --/],
    [["exec", "--"], /exec: no command to run; put it after --/],
    [["serve", "--", "true"], /only exec runs a command after --/],
    [["surve"], /surve/],
    [["--fixtures"], /--fixtures/],
    [["--wrong"], /unknown option --wrong; the options are: .*--fixtures .*--log-format/],
    [["--fixtures", "a.json", "b.json"], /"b\.json"; repeat --fixtures for more files$/m],
    [["--host", "http://127.0.0.1"], /expected a host, not a URL; write 127\.0\.0\.1$/m],
  ];
  for (const [args, message] of cases) {
    const said = await refused(args);
    assert.match(said, /^mock-capgo: /);
    assert.match(said, message);
    assert.match(said, /^See mock-capgo (\w+ )?--help\.$/m);
  }
});

test("a file that is not there is named, and so are all the others", async () => {
  const args = [
    "--fixtures",
    "no-keys.json",
    "--scenario",
    "./no-scenario",
    "--fixtures",
    keysFile,
  ];
  const said = await refused(args);
  const unreadable = (name) => `cannot read ${process.cwd()}/${name}: No such file or directory`;
  assert.ok(said.includes(`--fixtures no-keys.json: ${unreadable("no-keys.json")}\n`), said);
  assert.ok(said.includes(`--scenario ./no-scenario: ${unreadable("no-scenario")}\n`), said);
  assert.equal(said.trim().split("\n").length, 2);
});

test("every problem of every fixture is told at once, with its place and what was meant", async (t) => {
  const cwd = write(t, {
    "one.json": `{
  "keys": [
    {"key": "ak_1", "mode": "all", "name": "CI"},
    {"key": "ak_2", "mode": "reed", "name": "Dashboard"},
    {"key": "ak_3", "mode": "read", "nmae": "Deploy Bot"}
  ]
}
`,
    "two.json": `[
  {"key": "ak_1", "mode": "write", "name": "Again"},
  {"key": "ak 5", "mode": "write", "name": "Blank", "expires_at": "tomorrow"}
]
`,
    "three.json": '{"keys": [],}\n',
    "four.json": '{\n  // all\n  "keys": []\n}\n',
    "five.json": Buffer.from('\ufeff{"keys": []}', "utf16le"),
    "six.json": '\ufeff{"keys": []}',
  });
  const files = ["one", "two", "three", "four", "five", "six"].map((name) => `${name}.json`);
  const said = await refused(
    files.flatMap((file) => ["--fixtures", file]),
    { cwd },
  );
  const expected = [
    /^one\.json:4:29: \/keys\/1\/mode: "reed" is not one of read, upload, write, all; did you mean "read"\?$/,
    /^one\.json:5:5: \/keys\/2: "name" is missing/,
    /^one\.json:5:37: \/keys\/2\/nmae: unknown field; did you mean "name"\?$/,
    /^two\.json:2:11: \/0\/key: another key has the same key \(one\.json.*\/keys\/0\/key\)/,
    /^two\.json:3:11: \/1\/key: .*without spaces/,
    /^two\.json:3:67: \/1\/expires_at: "tomorrow" is not a valid time; write it as 2024-01-31T12:00:00Z$/,
    /^three\.json:1:13: is not JSON: trailing comma; remove the comma before "}"$/,
    /^four\.json:2:3: is not JSON: comments are not allowed in JSON; remove them$/,
    /^five\.json:1:1: is not JSON: the file is UTF-16; save it as UTF-8$/,
  ];
  const lines = said.trimEnd().split("\n");
  assert.equal(lines.length, expected.length, said);
  for (const [index, problem] of expected.entries()) assert.match(lines[index], problem);
});

test("every problem of a scenario is told at once", async (t) => {
  const rules = [
    { on: "POST /apikey/", eror: "permission_denied" },
    { on: "POST", error: "permision_denied" },
    { on: "* *", fault: "HANGS" },
    { on: "* *", times: 0, error: "not_found", respond: { status: 99 } },
  ];
  const cwd = write(t, { "bad.json": JSON.stringify({ rules }, null, 1) });
  const said = await refused(["--scenario", "bad.json"], { cwd });
  for (const problem of [
    /^bad\.json:\d+:\d+: \/rules\/0: the rule has no effect/m,
    /^bad\.json:\d+:\d+: \/rules\/0\/eror: unknown field; did you mean "error"\?$/m,
    /^bad\.json:\d+:\d+: \/rules\/1\/on: "POST" must be a method in capitals and a path/m,
    /^bad\.json:\d+:\d+: \/rules\/1\/error: .* did you mean "permission_denied"\?$/m,
    /^bad\.json:\d+:\d+: \/rules\/2\/fault: .* did you mean "HANG"\?$/m,
    /^bad\.json:\d+:\d+: \/rules\/3\/times: 0 must be a whole number from 1 /m,
    /^bad\.json:\d+:\d+: \/rules\/3\/respond\/status: 99 must be a whole number from 200 /m,
    /^bad\.json:\d+:\d+: \/rules\/3\/respond: .*"error" or "respond", not both/m,
  ]) {
    assert.match(said, problem);
  }
});

test("the misspelt name of a built-in scenario is told with the one that was meant", async () => {
  const said = await refused(["--scenario", "permision-denied"]);
  assert.match(said, /unknown built-in scenario "permision-denied"; did you mean "permission-denied"\?/);
  assert.match(said, /\bflaky-create\b/);
});

test("exec starts no command beside bad files", async (t) => {
  const cwd = write(t, { "bad.json": '{"kees": []}' });
  const said = await refused(["exec", "--fixtures", "bad.json", "--", "echo", "started"], { cwd });
  assert.match(said, /^bad\.json:1:2: \/kees: unknown field; did you mean "keys"\?$/m);
});

test("check says what is there, and starts nothing", async () => {
  const args = ["check", "--fixtures", keysFile, "--scenario", "flaky-create"];
  const { code, stdout, stderr } = await mockCapgo(args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^ok: .*keys: 5, orgs: 2, apps: 2\b.*\n$/);
});

test("check of bad files tells what a start would", async (t) => {
  const cwd = write(t, { "bad.json": '[{"key":"a","mode":"al","name":"x"}]' });
  const checked = await refused(["check", "--fixtures", "bad.json", "--scenario", "nope"], { cwd });
  const served = await refused(["--fixtures", "bad.json", "--scenario", "nope"], { cwd });
  assert.equal(checked, served);
  assert.match(checked, /^bad\.json:1:20: \/0\/mode: "al" .*did you mean "all"\?$/m);
});

test("scenarios lists the built-in ones, and prints one that can be used as a file", async (t) => {
  const list = await mockCapgo(["scenarios"]);
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^flaky-create  +\w/m);
  const { stdout } = await mockCapgo(["scenarios", "flaky-create"]);
  const cwd = write(t, { "own.json": stdout });
  const checked = await mockCapgo(["check", "--scenario", "own.json"], { cwd });
  assert.deepEqual(checked.code, 0, checked.stderr);
  assert.match(await refused(["scenarios", "flaky-creat"]), /did you mean "flaky-create"\?/);
});

test("help is for stdout and names commands and options", async () => {
  const help = await mockCapgo(["--help"]);
  assert.equal(help.code, 0);
  for (const command of ["serve", "exec", "check"]) {
    assert.match(help.stdout, new RegExp(`^ +${command} `, "m"));
    const own = await mockCapgo([command, "--help"]);
    assert.equal(own.code, 0);
    assert.match(own.stdout, /--fixtures FILE/);
  }
});
