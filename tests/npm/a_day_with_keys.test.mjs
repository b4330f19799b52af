/** The script of docs/a-day-with-keys.md, and the tables that compare its responses. */
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { require } from "../e2e/npm.mjs";
import { page, tableRows } from "../e2e/pages.mjs";
import { run } from "../e2e/server.mjs";
import { block, compile } from "../e2e/snippets.mjs";
import { installedFolder } from "./packages.mjs";

const title = "a-day-with-keys.mts";
const steps = /^(create|deleted?|regenerate|expired|[A-D]) /;
const rows = tableRows(page("docs/a-day-with-keys.md"), "The responses", steps);
const responseRows = rows.filter(({ length }) => length === 3);
const reasonRows = rows.filter(({ length }) => length === 2);

/** Compiles the script, with mock-capgo and the types of Node.js beside it. */
function compileScript(t, script) {
  const folder = installedFolder(t);
  const types = path.dirname(path.dirname(require.resolve("@types/node/package.json")));
  symlinkSync(types, path.join(folder, "node_modules", "@types"));
  const file = path.join(folder, title);
  writeFileSync(file, script);
  return { compiled: file.replace(/mts$/, "mjs"), errors: compile(file) };
}

/** Runs the script. Returns the name, the response and the reason of each step. */
async function runScript(script, contract) {
  const { code, stdout, stderr } = await run(process.execPath, [script, contract]);
  assert.equal(code, 0, stdout + stderr);
  return stdout
    .trimEnd()
    .split(/\n(?! )/)
    .map((step) => step.split("\n  "));
}

/** Checks that a value is that of a table's cell, in which `…` stands for anything. */
function assertIsCell(value, cell, step) {
  const parts = cell.replaceAll(/^`|`$/g, "").split("…");
  const pattern = parts.map((part) => part.replaceAll(/[^\w]/g, "\\$&")).join(".*");
  assert.match(value, new RegExp(`^${pattern}$`), step);
}

test("the responses to the script are those of the tables", async (t) => {
  const { compiled, errors } = compileScript(t, block(title));
  assert.deepEqual(errors, []);
  const documented = await runScript(compiled, "documented");
  const deployed = await runScript(compiled, "deployed-2026-02");
  const names = responseRows.map(([name]) => name);
  assert.deepEqual(documented.map(([name]) => name), names);
  assert.deepEqual(deployed.map(([name]) => name), names);
  for (const [index, [name, first, second]] of responseRows.entries()) {
    assertIsCell(documented[index][1], first, name);
    assertIsCell(deployed[index][1], second === "the same" ? first : second, name);
    assert.equal(documented[index][1] === deployed[index][1], second === "the same", name);
  }
  assert.equal(reasonRows.length, 3);
  for (const [name, cell] of reasonRows) {
    const [, response, reason] = deployed[names.indexOf(name)];
    assert.match(response, /^401 \{"error":"invalid_apikey",/);
    assertIsCell(reason, cell, name);
  }
});

test("misspelled fields in the script do not compile", (t) => {
  let script = block(title);
  const fields = ['limited_to_apps: ["com', 'expires_at: "2026', 'app_id: "com.other', 'channel: "beta'];
  for (const field of fields) {
    assert.equal(script.split(field).length, 2, field);
    script = script.replace(field, `x_${field}`);
  }
  const { errors } = compileScript(t, script);
  const found = errors.map((error) => /'(\w+)' does not exist in type/.exec(error)?.[1]);
  assert.deepEqual(found.sort(), ["x_app_id", "x_channel", "x_expires_at", "x_limited_to_apps"]);
});
