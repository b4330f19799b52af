/** The pages agree with the program: links, file names, and tables. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { allPages, brokenLinks, page, tableRows } from "./pages.mjs";
import { mockCapgo, repository, serve } from "./server.mjs";

const unquoted = (cell) => cell.replaceAll("`", "");

for (const name of allPages) {
  test(`the links of ${name} work`, () => {
    assert.deepEqual(brokenLinks(name), []);
  });
}

test("every file that a page names exists", () => {
  const inRepository = /`(?:\.\/)?((?:src|tests|scripts|bench|fixtures|scenarios|docs)\/[\w./-]*)/g;
  const named = allPages.flatMap((name) => [...page(name).matchAll(inRepository)]);
  assert.ok(named.length > 20);
  for (const [, file] of named) {
    const isPlaceholder = /[A-Z]{4}/.test(file);
    assert.ok(isPlaceholder || existsSync(path.join(repository, file)), file);
  }
});

test("README.md fits on three screens", () => {
  assert.ok(page("README.md").split("\n").length <= 201);
});

/** The names of errors that X-Mock-Scenario accepts. */
async function errorNames(server) {
  const headers = { "X-Mock-Scenario": "?" };
  const { details } = JSON.parse((await send(server, "GET /apikey/", { headers })).text);
  return details.join().match(/\b[a-z]+(_[a-z]+)+\b/g);
}

test("the page on scenarios lists all built-in ones", async (t) => {
  const scenarios = page("docs/scenarios.md");
  const builtIn = readdirSync(path.join(repository, "scenarios"))
    .filter((file) => !file.includes(".schema."))
    .map((file) => path.basename(file, ".json"));
  const errors = (await errorNames(await serve(t))).map((name) => name.replaceAll("_", "-"));
  const [, stories] = /^- Three stories: ([^]*?)\n\n/m.exec(scenarios);
  const problems = tableRows(scenarios, "Network problems", /^`[a-z-]+`$/);
  for (const [name, effect] of problems) {
    const file = path.join(repository, "scenarios", `${unquoted(name)}.json`);
    const { rules } = JSON.parse(readFileSync(file, "utf8"));
    const expected = JSON.parse(`{${unquoted(effect)}}`);
    for (const { on, ...rest } of rules) assert.deepEqual(rest, expected, name);
  }
  const named = [...stories.match(/(?<=`)[a-z-]+(?=`)/g), ...problems.map(([name]) => unquoted(name))];
  assert.deepEqual([...errors, ...named].sort(), builtIn.sort());
});

test("the pages that help to choose a contract name all contracts", async () => {
  const { stdout } = await mockCapgo(["contracts"]);
  const names = stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]);
  for (const name of ["README.md", "docs/contracts.md", "docs/command-line.md"]) {
    for (const contract of names) assert.ok(page(name).includes(`\`${contract}\``), `${name}: ${contract}`);
  }
});

test("the table of control calls is complete", async (t) => {
  const server = await serve(t);
  const { paths } = JSON.parse((await send(server, "GET /__admin/openapi.json")).text);
  const described = Object.entries(paths).flatMap(([each, operations]) =>
    Object.keys(operations)
      .filter((name) => /^(get|put|post|delete)$/.test(name))
      .map((method) => `${method.toUpperCase()} ${each.replaceAll(/{(\w+)}/g, ":$1")}`),
  );
  const rows = tableRows(page("docs/control-api.md"), "Calls", /^`[A-Z]+ \/__admin\//);
  const listed = rows.map(([call]) => unquoted(call));
  assert.deepEqual(listed.sort(), described.filter((call) => call.includes("/__admin/")).sort());
});

test("the table of commands is that of help", async () => {
  const { stdout } = await mockCapgo(["help"]);
  const [, list] = stdout.split("Commands:\n");
  const helped = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  const rows = tableRows(page("docs/command-line.md"), "Commands", /^`mock-capgo/);
  const listed = rows.map(([usage]) => /mock-capgo \[?([a-z]+)/.exec(usage)[1]);
  assert.deepEqual(listed.sort(), helped.sort());
});

test("the table of options is that of --help", async () => {
  const { stdout } = await mockCapgo(["serve", "--help"]);
  const named = (text) => text.match(/--[a-z][a-z-]*/g) ?? [];
  const helped = stdout
    .split("\n")
    .filter((line) => /^ +(-h, ?)?--/.test(line))
    .map((line) => named(line)[0]);
  const rows = tableRows(page("docs/command-line.md"), "Options", /^`--/);
  const listed = rows.map(([option]) => named(option)[0]);
  const rest = (options) =>
    [...new Set(options)].filter((option) => !/^--(help|version)$/.test(option)).sort();
  assert.deepEqual(rest(listed), rest(helped));
});

test("the tables of fields are those of the fixture schema", () => {
  const { $defs } = JSON.parse(page("fixtures/fixture.schema.json"));
  const headings = { keyFields: "Keys", org: "Organizations", app: "Apps", channel: "Channels" };
  for (const [kind, heading] of Object.entries(headings)) {
    const rows = tableRows(page("docs/fixtures.md"), heading, /^`/);
    const listed = rows.map(([field]) => unquoted(field));
    assert.deepEqual(listed.sort(), Object.keys($defs[kind].properties).sort(), kind);
  }
});
