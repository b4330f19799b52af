/**
 * The README is run: every snippet, verbatim, in a folder with a copy of fixtures/keys.json and
 * mock-capgo on PATH; and its tables are compared with the program.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, listKeys } from "./client.mjs";
import { tableRows as rowsOf } from "./pages.mjs";
import { block, blocks, compile, readersPlace, readme } from "./readme.mjs";
import { keysFile, mockCapgo, program, repository, run, serve } from "./server.mjs";

const tableRows = (heading, first) => rowsOf(readme, heading, first);

/** Snippets that test_authors_day.test.mjs runs. */
const runElsewhere = ["retry.test.ts", "retry.ts", "sandbox.ts", "vitest.json"];

/** Lines of the log without what is never the same: the time, and the microseconds. */
function withoutTimes(log) {
  return log.replaceAll(/^[\d:.]{12}/gm, "TIME").replaceAll(/ +\d+us/g, " TIME");
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

const runners = {
  async "demo.sh"(t) {
    const server = await serve(t, ["--fixtures", keysFile]);
    const { port } = new URL(server.url);
    const lines = block("demo.sh").replaceAll(":12113/", `:${port}/`);
    const { code, stdout } = await run("sh", ["-e", "-c", lines]);
    assert.equal(code, 0);
    assert.match(stdout, /^{"data":\[.*\]}{"apikey":{.*"name":"Nightly".*}}{"error":.*}$/);
    const [refused] = /{"error":.*}$/.exec(stdout);
    assert.ok(readme.includes(`The last one gets \`${refused}\``), refused);
    assert.equal(withoutTimes((await server.stop()).stderr), withoutTimes(block("demo.txt")));
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

    const idle = await serve(t, ["--scenario", "own.json"], { cwd });
    const { stderr } = await idle.stop();
    assert.equal(stderr.split("\n").length, 4, stderr);
    assert.ok(stderr.includes(block("dead.txt")), stderr);
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

  async "verify.sh"(t) {
    const { stdout } = await runBlock(t, "verify.sh", "sh", "-e");
    assert.equal(`${stdout}\n`, block("verify.txt"));
  },

  async "journal.json"(t) {
    const options = ["--now", "2024-02-12T00:00:00Z", "--freeze", "--fixtures", keysFile];
    const server = await serve(t, options);
    const body = { name: "CI", mode: "reed" };
    await ask(server, "POST /apikey/", { key: "ak_123", body });
    const { requests } = JSON.parse((await ask(server, "GET /__admin/requests")).text);
    const shown = JSON.parse(block("journal.json"));
    assert.deepEqual(Object.keys(requests[0]), Object.keys(shown));
    // The README leaves headers out.
    const told = ({ headers, response, microseconds, ...rest }) => ({
      ...rest,
      key: headers.authorization,
      body: response.body,
      reason: response.headers["X-Mock-Reason"],
      isTimed: Number.isInteger(microseconds),
      body_sent: JSON.parse(rest.body),
    });
    const parts = [told(requests[0]), told(shown)];
    for (const each of parts) delete each.body;
    assert.deepEqual(...parts);
  },

  async "log.json"(t) {
    const server = await serve(t, ["--log-format", "json", "--fixtures", keysFile]);
    await ask(server, "GET /sandbox/worker-1/apikey/", { key: "ak_456" });
    const line = JSON.parse((await server.stop()).stderr);
    const shown = JSON.parse(block("log.json"));
    const { time, microseconds } = shown;
    assert.equal(JSON.stringify({ ...line, time, microseconds }), JSON.stringify(shown));
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
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
    const complaints = (mode) => {
      writeFileSync(path.join(cwd, "use.ts"), use(mode));
      return compile(path.join(cwd, "use.ts"));
    };
    assert.match(complaints("reed").join(), /'"reed"' is not assignable to type/);
    assert.deepEqual(complaints("upload"), []);
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
    const decided = [...stderr.matchAll(/\/apikey\/ +(\d+) +(\S+)/g)];
    assert.deepEqual(
      decided.map(([, status, by]) => `${status} ${by}`),
      ["200 -", "403 require_mode_all"],
    );
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
    const runs = title in runners || runElsewhere.includes(title);
    assert.ok(runs || norun, `a snippet without a runner: ${title}\n${text}`);
  }
  const titles = code.map(({ title }) => title).filter((title) => title !== undefined);
  assert.deepEqual(titles.sort(), [...Object.keys(runners), ...runElsewhere].sort());
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

test("the built-in scenarios are one for each refusal, the stories told and bad days", () => {
  const files = readdirSync(path.join(repository, "scenarios"));
  const built_in = files
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
  assert.deepEqual(named.sort(), built_in.sort());
});

test("the table of control calls has those of the program", async (t) => {
  const server = await serve(t);
  const { paths } = JSON.parse((await ask(server, "GET /__admin/openapi.json")).text);
  const described = Object.entries(paths).flatMap(([each, operations]) =>
    Object.keys(operations)
      .filter((name) => /^(get|put|post|delete)$/.test(name))
      .map((method) => `${method.toUpperCase()} ${each.replaceAll(/{(\w+)}/g, ":$1")}`),
  );
  const rows = tableRows("The control API", /^`[A-Z]+ \/__admin\//);
  const told = rows.map(([call]) => call.replaceAll("`", ""));
  assert.deepEqual(told.sort(), described.filter((call) => call.includes("/__admin/")).sort());
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
