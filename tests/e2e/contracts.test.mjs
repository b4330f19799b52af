/** `mock-capgo contracts` lists the contracts, and compares two. */
import assert from "node:assert/strict";
import test from "node:test";

import { mockCapgo } from "./server.mjs";

async function run(...args) {
  const { code, stdout, stderr } = await mockCapgo(["contracts", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

test("contracts lists each contract with its date and source, the default first", async () => {
  const lines = (await run()).trimEnd().split("\n");
  assert.match(lines[0], /^documented +2026-04-23 +\S/);
  for (const line of lines) assert.match(line, /^\S+ +\d{4}-\d\d-\d\d +\S/);
});

test("a contract does not differ from itself", async () => {
  const text = await run("documented", "documented");
  assert.doesNotMatch(text, / ~  \w|only |^ {4}documented {2}\d/m);
});

test("an unknown contract is rejected by name", async () => {
  const { code, stdout, stderr } = await mockCapgo(["contracts", "documented", "documentet"]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /unknown contract "documentet"; did you mean "documented"\?/);
  const one = await mockCapgo(["contracts", "documented"]);
  assert.equal(one.code, 2);
  assert.match(one.stderr, /name two to compare/);
});

test("the move from modes to roles is listed, one line for each topic", async () => {
  const text = await run("deployed-2026-02", "deployed-2026-07");
  const [, changes] = /^What changed from deployed-2026-02 to deployed-2026-07\n\n((?: {2}.*\n)+)/m.exec(text);
  const lines = changes.trimEnd().split("\n");
  assert.equal(lines.length, 23);
  for (const line of lines) assert.match(line, /^ {2}\S[^:]+: \S.* -> \S/);
  assert.doesNotMatch(await run("documented", "deployed-2026-07"), /^What changed/m);
});

test("the examples of create fit their contracts", async () => {
  const text = await run("documented", "deployed-2026-07");
  assert.match(text, /^ {4}documented +\{"name":"CI","mode":"read"\} gets 200 \{"apikey":/m);
  assert.match(text, /^ {4}deployed-2026-07 +\{"name":"CI","bindings":\[\{.*\}\]\} gets 200 \{"id":/m);
});
