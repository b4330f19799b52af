/**
 * The README is run: every snippet, verbatim, in a folder with a copy of fixtures/keys.json and
 * mock-capgo on PATH; and its tables are compared with the program.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, listKeys } from "./client.mjs";
import { require } from "./npm.mjs";
import { page, tableRows as rowsOf } from "./pages.mjs";
import { folderFor, keysFile, mockCapgo, program, repository, run, serve } from "./server.mjs";

const readme = page("README.md");
const tableRows = (heading, first) => rowsOf(readme, heading, first);

/** Fenced blocks: their language, the `title` or `norun` of their info string, and their text. */
const blocks = [...readme.matchAll(/^```(\w+)(?: (\w+)="(.*)")?\n([^]*?)^```$/gm)].map(
  ([, language, mark, value, text]) => ({ language, [mark]: value, text }),
);

/** The text of the block with this title. */
function block(title) {
  return (
    blocks.find((each) => each.title === title)?.text ?? assert.fail(`no block titled ${title}`)
  );
}

/** A folder as a reader of the README has it, and the environment to run a snippet there. */
function readersPlace(t) {
  const cwd = folderFor(t);
  mkdirSync(path.join(cwd, "fixtures"));
  cpSync(keysFile, path.join(cwd, "fixtures", "keys.json"));
  mkdirSync(path.join(cwd, "bin"));
  symlinkSync(program, path.join(cwd, "bin", "mock-capgo"));
  const env = { ...process.env, PATH: `${path.join(cwd, "bin")}:${process.env.PATH}` };
  delete env.NODE_TEST_CONTEXT; // Else a `node --test` inside this one runs nothing.
  return { cwd, env };
}

/** Writes the block into a file of its title and runs it. Gives what it printed. */
async function runBlock(t, title, command, ...args) {
  const place = readersPlace(t);
  writeFileSync(path.join(place.cwd, title), block(title));
  const { code, stdout, stderr } = await run(command, [...args, title], place);
  assert.equal(code, 0, stdout + stderr);
  return { stdout, stderr };
}

/** What each of the three spawning snippets prints at its end: the list of ak_123. */
async function assertIsList(t, text) {
  const server = await serve(t, ["--fixtures", keysFile]);
  assert.deepEqual(JSON.parse(text), { data: await listKeys(server) });
}

/** Compiles `use.ts`, as strictly as TypeScript can, beside what it imports; gives its complaints. */
function compile(folder, text) {
  const ts = require("typescript");
  const file = path.join(folder, "use.ts");
  writeFileSync(file, text);
  const { ES2022 } = ts.ScriptTarget;
  const { NodeNext } = ts.ModuleKind;
  const lib = ["lib.es2022.d.ts", "lib.dom.d.ts"];
  const program = ts.createProgram([file], { strict: true, target: ES2022, module: NodeNext, lib });
  program.emit();
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const runners = {
  async "demo.sh"(t) {
    const server = await serve(t, ["--fixtures", keysFile]);
    const { port } = new URL(server.url);
    const lines = block("demo.sh").replaceAll(":12112/", `:${port}/`);
    const { code, stdout } = await run("sh", ["-e", "-c", lines]);
    assert.equal(code, 0);
    assert.match(stdout, /^{"data":\[.*\]}{"apikey":{.*"name":"Nightly".*}}{"error":.*}$/);
    const [refused] = /{"error":.*}$/.exec(stdout);
    assert.ok(readme.includes(`The last one gets \`${refused}\``), refused);
    assert.equal((await server.stop()).stderr, block("demo.txt"));
  },

  async "fixture.json"(t) {
    const { cwd } = readersPlace(t);
    writeFileSync(path.join(cwd, "own.json"), block("fixture.json"));
    const server = await serve(t, ["--fixtures", "own.json"], { cwd });
    assert.equal(server.ready.key, "ak_123");
    const [key, ...others] = await listKeys(server);
    assert.deepEqual(others, []);
    const { id, user_id, created_at, updated_at } = key;
    assert.deepEqual([id, user_id, updated_at], [1, "user_123", created_at]);
  },

  async "bad.json"(t) {
    const { cwd } = readersPlace(t);
    writeFileSync(path.join(cwd, "bad.json"), block("bad.json"));
    for (const command of ["serve", "check"]) {
      const { code, stderr } = await mockCapgo([command, "--fixtures", "bad.json"], { cwd });
      assert.equal(code, 2);
      assert.equal(stderr, block("bad.txt"));
    }
  },

  async "scenario.json"(t) {
    const { cwd } = readersPlace(t);
    writeFileSync(path.join(cwd, "own.json"), block("scenario.json"));
    const server = await serve(t, ["--fixtures", keysFile, "--scenario", "own.json"], { cwd });
    const status = async (line, body) => (await ask(server, line, { key: "ak_123", body })).status;
    const made = { name: "x", mode: "read" };
    assert.deepEqual(
      [await status("POST /apikey/", made), await status("POST /apikey/", made)],
      [403, 200],
    );
    assert.deepEqual(
      [await status("DELETE /apikey/2/"), await status("DELETE /apikey/3/")],
      [404, 200],
    );
    const lists = [
      await status("GET /apikey/"),
      await status("GET /apikey/"),
      await status("GET /apikey/"),
    ];
    assert.deepEqual(lists, [200, 200, 503]);
  },

  async "ready.json"(t) {
    const server = await serve(t, ["--fixtures", keysFile]);
    const shown = JSON.parse(block("ready.json"));
    const { url, admin, pid } = shown;
    assert.equal(JSON.stringify({ ...server.ready, url, admin, pid }), JSON.stringify(shown));
    assert.equal(admin, `${url}/__admin`);
  },

  async "spawn.mjs"(t) {
    const { stdout } = await runBlock(t, "spawn.mjs", process.execPath);
    assert.match(stdout, /^200 /);
    await assertIsList(t, stdout.slice(4));
  },

  async "spawn.py"(t) {
    const { stdout } = await runBlock(t, "spawn.py", "python3");
    assert.match(stdout, /^200 /);
    await assertIsList(t, stdout.slice(4));
  },

  async "spawn.sh"(t) {
    const { stdout } = await runBlock(t, "spawn.sh", "sh", "-e");
    await assertIsList(t, stdout);
  },

  async "time.sh"(t) {
    const { stdout } = await runBlock(t, "time.sh", "sh", "-e");
    assert.equal(`${stdout}\n`, block("time.txt"));
  },

  async "client.ts"(t) {
    const { cwd, env } = readersPlace(t);
    writeFileSync(path.join(cwd, "package.json"), '{"type": "module"}');
    writeFileSync(path.join(cwd, "client.ts"), block("client.ts"));
    const use = (mode) => `import { capgo } from "./client.js";
      declare const process: { argv: string[] };
      const { create, list, remove } = capgo(process.argv[2]!, "ak_123");
      const { apikey } = await create({ name: "Nightly", mode: "${mode}" });
      await remove(apikey.id);
      const names: string[] = (await list()).data.map(({ name }) => name);
      await remove(99).catch((error: Error) => names.push(error.message));
      console.log(JSON.stringify([apikey.mode, ...names]));\n`;
    assert.match(compile(cwd, use("reed")).join(), /'"reed"' is not assignable to type/);
    assert.deepEqual(compile(cwd, use("upload")), []);
    const server = await serve(t, ["--fixtures", keysFile]);
    const { code, stdout, stderr } = await run("node", ["use.js", server.url], { cwd, env });
    assert.equal(code, 0, stderr);
    const notFound = '{"error":"API key not found","status":"KO"}';
    const names = ["CI", "Dashboard", "Deploy Bot", "Partner"];
    assert.deepEqual(JSON.parse(stdout), ["upload", ...names, notFound]);
  },

  async "package.json"(t) {
    const place = readersPlace(t);
    writeFileSync(path.join(place.cwd, "keys.test.mjs"), block("keys.test.mjs"));
    const { test: script } = JSON.parse(block("package.json")).scripts;
    const { code, stdout, stderr } = await run("sh", ["-c", script], place);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /pass 1\n/);
    assert.match(stderr, /^POST \/apikey\/ 200\nGET \/apikey\/ 403 require_mode_all: .*\n$/);
  },

  async "keys.test.mjs"(t) {
    const place = readersPlace(t);
    writeFileSync(path.join(place.cwd, "keys.test.mjs"), block("keys.test.mjs"));
    const command = ["exec", "--scenario", "permission-denied", "--", process.execPath, "--test"];
    const { code, stdout } = await run(program, command, place);
    assert.equal(code, 1, "the README's test passes whatever the service says");
    assert.match(stdout, /fail 1\n/);
  },
};

test("every snippet is run here or says why it is not", () => {
  const code = blocks.filter(({ language }) => language !== "text");
  for (const { title, norun, text } of code) {
    assert.ok(title in runners || norun, `a snippet without a runner: ${title}\n${text}`);
  }
  const titles = code.map(({ title }) => title).filter((title) => title !== undefined);
  assert.deepEqual(titles.sort(), Object.keys(runners).sort());
});

for (const [title, runner] of Object.entries(runners)) {
  test(`the README's ${title} does what the README says`, runner);
}

test("the table of refusals says what the server answers to each name", async (t) => {
  const server = await serve(t);
  const headers = { "X-Mock-Scenario": "?" };
  const { details } = JSON.parse((await ask(server, "GET /apikey/", { headers })).text);
  const rows = tableRows("Refusals", /^`[a-z_]+`$/);
  assert.ok(rows.length > 0);
  for (const [name, , status, error] of rows) {
    headers["X-Mock-Scenario"] = name.replaceAll("`", "");
    const answer = await ask(server, "GET /apikey/", { headers });
    assert.equal(`${answer.status}`, status, name);
    assert.equal(`\`${JSON.parse(answer.text).error}\``, error, name);
  }
  const names = rows.map(([name]) => name.replaceAll("`", ""));
  assert.deepEqual(details.join().match(/\b[a-z]+(_[a-z]+)+\b/g), names);
});

test("the shipped scenarios are one for each refusal, the stories told and bad days", () => {
  const files = readdirSync(path.join(repository, "scenarios"));
  const shipped = files
    .filter((file) => !file.includes(".schema."))
    .map((file) => path.basename(file, ".json"));
  const refusals = tableRows("Refusals", /^`[a-z_]+`$/).map(([name]) =>
    name.replaceAll("`", "").replaceAll("_", "-"),
  );
  const stories = /^- three stories: ([^]*?)\n\n/m.exec(readme)[1].match(/(?<=`)[a-z-]+(?=`)/g);
  const days = tableRows("Bad days on the wire", /^`[a-z-]+`$/);
  for (const [name, act] of days) {
    const file = path.join(repository, "scenarios", `${name.replaceAll("`", "")}.json`);
    const acts = JSON.parse(readFileSync(file, "utf8")).rules.map(({ on, ...rest }) => rest);
    for (const each of acts) assert.deepEqual(each, JSON.parse(`{${act.replaceAll("`", "")}}`), name);
  }
  const named = [...refusals, ...stories, ...days.map(([name]) => name.replaceAll("`", ""))];
  assert.deepEqual(named.sort(), shipped.sort());
});

test("the table of options has those of --help", async () => {
  const { stdout } = await mockCapgo(["serve", "--help"]);
  const named = (text) => text.match(/--[a-z][a-z-]*/g) ?? [];
  const helped = stdout
    .split("\n")
    .filter((line) => /^ +(-h, ?)?--/.test(line))
    .map((line) => named(line)[0]);
  const rows = tableRows("Options", /^`--/);
  const told = rows.map(([option]) => named(option)[0]);
  const rest = (options) =>
    [...new Set(options)].filter((option) => !/^--(help|version)$/.test(option)).sort();
  assert.deepEqual(rest(told), rest(helped));
});

test("every file the README names is there", () => {
  const named = [
    ...readme.matchAll(/`(?:\.\/)?((?:src|tests|scripts|fixtures|scenarios|docs)\/[\w./-]*)/g),
  ];
  assert.ok(named.length > 20);
  for (const [, file] of named) assert.ok(existsSync(path.join(repository, file)), file);
});
