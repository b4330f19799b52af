/** Invalid options and files: the program does not start, and says why. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { newFolder, keysFile, mockCapgo } from "./server.mjs";

/** Runs mock-capgo, which must reject its input. Returns its error output. */
async function errorOf(args, options) {
  const { code, stdout, stderr } = await mockCapgo(args, options);
  assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
  assert.equal(stdout, "");
  return stderr;
}

/** Writes files into a new folder, and returns the folder. */
function write(t, files) {
  const folder = newFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

test("errors in the command line say what is wrong and which help to read", async () => {
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
    const stderr = await errorOf(args);
    assert.match(stderr, /^mock-capgo: /);
    assert.match(stderr, message);
    assert.match(stderr, /^See mock-capgo (\w+ )?--help\.$/m);
  }
});

test("every missing file is reported", async () => {
  const args = [
    "--fixtures",
    "no-keys.json",
    "--scenario",
    "./no-scenario",
    "--fixtures",
    keysFile,
  ];
  const stderr = await errorOf(args);
  const unreadable = (name) => `cannot read ${process.cwd()}/${name}: No such file or directory`;
  assert.ok(stderr.includes(`--fixtures no-keys.json: ${unreadable("no-keys.json")}\n`), stderr);
  assert.ok(stderr.includes(`--scenario ./no-scenario: ${unreadable("no-scenario")}\n`), stderr);
  assert.equal(stderr.trim().split("\n").length, 2);
});

test("all problems of all fixtures are reported, with position and suggestion", async (t) => {
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
  {"key": "ak 5", "mode": "write", "name": "Space", "expires_at": "tomorrow"}
]
`,
    "three.json": '{"keys": [],}\n',
    "four.json": '{\n  // all\n  "keys": []\n}\n',
    "five.json": Buffer.from('\ufeff{"keys": []}', "utf16le"),
    "six.json": '\ufeff{"keys": []}',
  });
  const files = ["one", "two", "three", "four", "five", "six"].map((name) => `${name}.json`);
  const stderr = await errorOf(
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
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, expected.length, stderr);
  for (const [index, problem] of expected.entries()) assert.match(lines[index], problem);
});

test("a misspelled name of a built-in scenario gets a suggestion", async () => {
  const stderr = await errorOf(["--scenario", "permision-denied"]);
  assert.match(stderr, /unknown built-in scenario "permision-denied"; did you mean "permission-denied"\?/);
  assert.match(stderr, /\bflaky-create\b/);
});

test("exec does not run the command if a file is invalid", async (t) => {
  const cwd = write(t, { "bad.json": '{"kees": []}' });
  const stderr = await errorOf(["exec", "--fixtures", "bad.json", "--", "echo", "started"], { cwd });
  assert.match(stderr, /^bad\.json:1:2: \/kees: unknown field; did you mean "keys"\?$/m);
});

test("check counts the data, and starts no server", async () => {
  const args = ["check", "--fixtures", keysFile, "--scenario", "flaky-create"];
  const { code, stdout, stderr } = await mockCapgo(args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^ok: .*keys: 5, orgs: 2, apps: 2\b.*\n$/);
});

test("scenarios lists the built-in scenarios, and prints one", async (t) => {
  const list = await mockCapgo(["scenarios"]);
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^flaky-create  +\w/m);
  const { stdout } = await mockCapgo(["scenarios", "flaky-create"]);
  const cwd = write(t, { "own.json": stdout });
  const checked = await mockCapgo(["check", "--scenario", "own.json"], { cwd });
  assert.deepEqual(checked.code, 0, checked.stderr);
  assert.match(await errorOf(["scenarios", "flaky-creat"]), /did you mean "flaky-create"\?/);
});

test("help goes to stdout, and lists commands and options", async () => {
  const help = await mockCapgo(["--help"]);
  assert.equal(help.code, 0);
  for (const command of ["serve", "exec", "check"]) {
    assert.match(help.stdout, new RegExp(`^ +${command} `, "m"));
    const own = await mockCapgo([command, "--help"]);
    assert.equal(own.code, 0);
    assert.match(own.stdout, /--fixtures FILE/);
  }
});
