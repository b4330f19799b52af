/** Runs every snippet of README.md and docs/, and checks that it does what its page says. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { listKeys, send } from "./client.mjs";
import { control } from "./control.mjs";
import { keysFile, mockCapgo, run, serve } from "./server.mjs";
import { block, blocks, compile, snippetFolder } from "./snippets.mjs";

/** Snippets that tests/npm or deployed_2026_07_page.test.mjs run. */
const runElsewhere = [
  ...["vitest.config.ts", "keys.test.ts", "retry.ts", "retry.test.ts", "global-setup.ts"],
  ...["api.ts", "keys-node.test.mjs", "jest.config.js", "jest.setup.js", "keys.test.js"],
  ...["keys.spec.ts", "a-day-with-keys.mts", "capgo-cli.json", "capgo-cli.sh", "revoke.sh"],
  ...["capgo.mjs", "create-before.mjs", "create-after.mjs", "create-supabase.mjs", "list-before.mjs"],
  ...["list-after.mjs", "rotate-before.mjs", "rotate-after.mjs", "forbidden-binding.json"],
  ...["global-setup-2026-07.ts", "keys-2026-07.test.ts"],
];

/** Log lines without times, which differ between runs. */
function withoutTimes(log) {
  return log.replaceAll(/^[\d:.]{12}/gm, "TIME").replaceAll(/ +\d+us/g, " TIME");
}

/** A response without the secret and time of a new key, which differ between runs. */
function withoutRandom(text) {
  return text.replaceAll(/ak_[0-9a-f]{32}/g, "ak_NEW").replaceAll(/202[5-9]-[\dT:-]+Z/g, "NOW");
}

/** Runs a command that must succeed. Returns its output. */
async function runIn(folder, command, ...args) {
  const { code, stdout, stderr } = await run(command, args, folder);
  assert.equal(code, 0, stdout + stderr);
  return { stdout, stderr };
}

/** Runs a shell snippet, which may use others, and must print the text block of the same name. */
async function assertPrints(t, title, ...used) {
  const { stdout } = await runIn(snippetFolder(t, title, ...used), "sh", "-e", title);
  const printed = `${stdout.replaceAll("\r", "").trimEnd()}\n`;
  assert.equal(printed, block(title.replace(".sh", ".txt")));
}

/** Checks that a text is the list of the demo keys. */
async function assertIsDemoList(t, text) {
  assert.deepEqual(JSON.parse(text), { data: await listKeys(await serve(t), "ak_demo") });
}

const runners = {
  async "demo.sh"(t) {
    const server = await serve(t);
    const lines = block("demo.sh").replaceAll("http://127.0.0.1:12113", server.url);
    const { code, stdout } = await run("sh", ["-e", "-c", lines]);
    assert.equal(code, 0);
    const expected = block("demo.txt").replaceAll(/\n */g, "");
    assert.equal(withoutRandom(stdout), withoutRandom(expected));
    assert.equal(withoutTimes((await server.stop()).stderr), withoutTimes(block("demo-log.txt")));
  },

  async "exec.sh"(t) {
    const { stdout } = await runIn(snippetFolder(t, "exec.sh"), "sh", "-e", "exec.sh");
    assert.equal(stdout, '{"error":"Too many requests","status":"KO"}');
  },

  async "test_keys.py"(t) {
    const folder = snippetFolder(t, "test_keys.py");
    const code = "import test_keys as t; t.setup_function(); t.test_a_new_key_is_listed()";
    const { stderr } = await runIn(folder, "mock-capgo", "exec", "--", "python3", "-c", code);
    assert.match(stderr, /main +POST +\/apikey\/ +200 /);
  },

  async "spawn.py"(t) {
    const { stdout } = await runIn(snippetFolder(t, "spawn.py"), "python3", "spawn.py");
    assert.match(stdout, /^200 /);
    await assertIsDemoList(t, stdout.slice(4));
  },

  async "spawn.sh"(t) {
    const { stdout } = await runIn(snippetFolder(t, "spawn.sh"), "sh", "-e", "spawn.sh");
    await assertIsDemoList(t, stdout);
  },

  async "health.sh"(t) {
    const { url } = await serve(t);
    const moved = (title) => block(title).replaceAll("http://127.0.0.1:12113", url);
    const { stdout } = await runIn(snippetFolder(t), "sh", "-e", "-c", moved("health.sh"));
    assert.equal(stdout, moved("health.txt"));
  },

  "keys.sh": (t) => assertPrints(t, "keys.sh"),
  "tokens.sh": (t) => assertPrints(t, "tokens.sh"),
  "clock.sh": (t) => assertPrints(t, "clock.sh"),
  "verify.sh": (t) => assertPrints(t, "verify.sh"),
  "authorize.sh": (t) => assertPrints(t, "authorize.sh"),
  "roles.json": (t) =>
    runIn(snippetFolder(t, "roles.json"), "mock-capgo", "check", "--fixtures", "roles.json"),
  "roles.sh": (t) => assertPrints(t, "roles.sh", "roles.json"),
  "guarded.json": (t) =>
    runIn(snippetFolder(t, "guarded.json"), "mock-capgo", "check", "--scenario", "guarded.json"),
  "guarded.sh": (t) => assertPrints(t, "guarded.sh", "guarded.json"),
  "permission.json": (t) =>
    runIn(
      snippetFolder(t, "permission.json"),
      "mock-capgo", "check", "--contract", "deployed-2026-07", "--scenario", "permission.json",
    ),
  "public-api.sh": (t) => assertPrints(t, "public-api.sh"),
  "why.sh": (t) => assertPrints(t, "why.sh"),
  "hint.sh": (t) => assertPrints(t, "hint.sh"),

  async "fixture.json"(t) {
    const { cwd } = snippetFolder(t, "fixture.json");
    const server = await serve(t, ["--fixtures", "fixture.json"], { cwd });
    assert.equal(server.ready.key, "ak_123");
    const [key, ...others] = await listKeys(server);
    assert.deepEqual(others, []);
    const { id, user_id, created_at, updated_at } = key;
    assert.deepEqual([id, user_id, updated_at], [1, "user_123", created_at]);
  },

  async "bindings.json"(t) {
    const { cwd } = snippetFolder(t, "bindings.json");
    const options = ["--fixtures", "bindings.json"];
    const server = await serve(t, [...options, "--contract", "deployed-2026-07"], { cwd });
    const { keys, channels } = JSON.parse((await send(server, "GET /__admin/state")).text);
    const roles = keys.map(({ bindings }) => bindings.map(({ role_name }) => role_name));
    assert.deepEqual(roles, [["org_admin"], ["channel_admin"]]);
    assert.equal(keys[1].bindings[0].channel_id, channels[0].rbac_id);
    assert.deepEqual(keys[0].global_permissions, ["org.create"]);
    assert.doesNotMatch((await server.stop()).stderr, /has no "mode"/);

    const { stderr } = await (await serve(t, options, { cwd })).stop();
    const [note, ...more] = stderr.match(/.* has no "mode".*/g);
    assert.ok(note.endsWith('"mode"; this contract uses "all", the nearest to its role org_admin'), note);
    assert.deepEqual(more, []);
  },

  async "bad.json"(t) {
    const { cwd } = snippetFolder(t, "bad.json");
    for (const command of ["serve", "check"]) {
      const { code, stderr } = await mockCapgo([command, "--fixtures", "bad.json"], { cwd });
      assert.equal(code, 2);
      assert.equal(stderr, block("bad.txt"));
    }
  },

  async "scenario.json"(t) {
    const { cwd } = snippetFolder(t, "scenario.json");
    const scenario = ["--scenario", "scenario.json"];
    const server = await serve(t, ["--fixtures", keysFile, ...scenario], { cwd });
    const body = { name: "x", mode: "read" };
    const status = async (line) => {
      const sent = line.startsWith("POST") ? { key: "ak_123", body } : { key: "ak_123" };
      return (await send(server, line, sent)).status;
    };
    const expected = [
      ["POST /apikey/", 403],
      ["POST /apikey/", 200],
      ["DELETE /apikey/2/", 404],
      ["DELETE /apikey/3/", 200],
      ["GET /apikey/", 200],
      ["GET /apikey/", 200],
      ["GET /apikey/", 503],
    ];
    for (const [line, wanted] of expected) assert.equal(await status(line), wanted, line);

    const idle = await serve(t, scenario, { cwd });
    const { stderr } = await idle.stop();
    assert.equal(stderr.split("\n").length, 4, stderr);
    assert.ok(stderr.includes(block("unused.txt")), stderr);
  },

  async "ready.json"(t) {
    const server = await serve(t);
    const expected = JSON.parse(block("ready.json"));
    const { url, admin, pid } = expected;
    assert.equal(JSON.stringify({ ...server.ready, url, admin, pid }), JSON.stringify(expected));
    assert.equal(admin, `${url}/__admin`);
  },

  async "journal.json"(t) {
    const server = await serve(t, ["--now", "2024-02-12T00:00:00Z", "--freeze"]);
    await send(server, "POST /apikey/", { key: "ak_demo", body: { name: "CI", mode: "reed" } });
    const { requests } = await control(server, "GET /__admin/requests");
    const expected = JSON.parse(block("journal.json"));
    assert.deepEqual(Object.keys(requests[0]), Object.keys(expected));
    // The page omits some headers.
    const comparable = ({ headers, response, microseconds, ...rest }) => ({
      ...rest,
      key: headers.authorization,
      response: response.body,
      reason: response.headers["X-Mock-Reason"],
      isTimed: Number.isInteger(microseconds),
    });
    assert.deepEqual(comparable(requests[0]), comparable(expected));
  },

  async "log.json"(t) {
    const server = await serve(t, ["--log-format", "json"]);
    await send(server, "GET /sandbox/worker-1/apikey/", { key: "ak_demo_read" });
    const line = JSON.parse((await server.stop()).stderr);
    const expected = JSON.parse(block("log.json"));
    const { time, microseconds } = expected;
    assert.equal(JSON.stringify({ ...line, time, microseconds }), JSON.stringify(expected));
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  },

  async "client.ts"(t) {
    const folder = snippetFolder(t, "client.ts");
    writeFileSync(path.join(folder.cwd, "package.json"), '{"type": "module"}');
    const use = (mode) => `import { capgo } from "./client.js";
      declare const process: { argv: string[] };
      const { create, list, remove } = capgo(process.argv[2]!, "ak_demo");
      const { apikey } = await create({ name: "Nightly", mode: "${mode}" });
      await remove(apikey.id);
      const names: string[] = (await list()).data.map(({ name }) => name);
      await remove(99).catch((error: Error) => names.push(error.message));
      console.log(JSON.stringify([apikey.mode, ...names]));\n`;
    const errors = (mode) => {
      writeFileSync(path.join(folder.cwd, "use.ts"), use(mode));
      return compile(path.join(folder.cwd, "use.ts"));
    };
    assert.match(errors("reed").join(), /'"reed"' is not assignable to type/);
    assert.deepEqual(errors("upload"), []);
    const { stdout } = await runIn(folder, process.execPath, "use.js", (await serve(t)).url);
    const notFound = '{"error":"API key not found","status":"KO"}';
    const names = ["Demo", "CI/CD Read Key", "Deploy Bot"];
    assert.deepEqual(JSON.parse(stdout), ["upload", ...names, notFound]);
  },
};

test("every snippet is run, or says why it cannot be", () => {
  const code = blocks.filter(({ language }) => language !== "text");
  const known = [...Object.keys(runners), ...runElsewhere];
  for (const { page, info, title, norun, text } of code) {
    assert.ok(known.includes(title) || norun, `${page}: not run by any test: ${info}\n${text}`);
  }
  const titles = code.map(({ title }) => title).filter((title) => title !== undefined);
  assert.deepEqual(titles.sort(), known.sort());
});

for (const [title, runner] of Object.entries(runners)) {
  test(`${title} does what its page says`, runner);
}
