/** The tables of docs/documented.md agree with the program and with the golden files. */
import assert from "node:assert/strict";
import test from "node:test";

import { createKey, listKeys, send } from "./client.mjs";
import { goldenExchanges } from "./golden_files.mjs";
import { page, tableRows } from "./pages.mjs";
import { keysFile, mockCapgo, serve } from "./server.mjs";

const text = page("docs/documented.md");
const plain = (cell) => cell.replaceAll("`", "");

/** The table of rejections. Two rows have the name `–`. */
const rejections = tableRows(text, "Rejections", /^(`[a-z_]+`|–)$/).map((cells) => {
  const [name, steps, , status, error] = cells.map(plain);
  return { name, steps: steps.split(", "), status: Number(status), error };
});

/** The steps of each endpoint, in their order. */
async function stepsOfEndpoints() {
  const { stdout } = await mockCapgo(["contracts", "documented", "documented"]);
  const steps = stdout
    .split(/^ {2}(?=[A-Z]+ \/)/m)
    .map((endpoint) => [...endpoint.matchAll(/^ {4}(\w+) *= /gm)].map(([, step]) => step));
  return steps.filter(({ length }) => length > 0);
}

test("each name in the table of rejections gives the status and text in its row", async (t) => {
  const server = await serve(t);
  const request = (name) => send(server, "GET /apikey/", { headers: { "X-Mock-Scenario": name } });
  const named = rejections.filter(({ name }) => name !== "–");
  for (const { name, status, error } of named) {
    const response = await request(name);
    assert.equal(response.status, status, name);
    assert.equal(response.text, JSON.stringify({ error, status: "KO" }), name);
  }
  const { details } = JSON.parse((await request("?")).text);
  const known = details.join().match(/\b[a-z]+(_[a-z]+)+\b/g);
  assert.deepEqual(
    named.map(({ name }) => name),
    known,
  );
});

test("the table lists exactly the rejections of the golden files", () => {
  // The 90 days of the page are an example.
  const lines = (rows) =>
    rows.map(({ status, error }) => `${status} ${error.replace(/of \d+ days/, "of N days")}`);
  const golden = goldenExchanges("documented")
    .filter(({ body }) => body.status === "KO")
    .map(({ response, body }) => ({ status: response.status, error: body.error }));
  assert.deepEqual(lines(rejections).sort(), [...new Set(lines(golden))].sort());
});

test("the table has every step that rejects, in the order of the program", async (t) => {
  const notInTables = ["find_endpoint", "store"];
  const neverReject = ["clean_up", "create_key", "delete_key"];
  const listed = rejections.flatMap(({ steps }) => steps);
  const endpoints = await stepsOfEndpoints();
  assert.equal(endpoints.length, 3);
  const run = endpoints.flat().filter((step) => !neverReject.includes(step));
  assert.deepEqual(new Set([...run, ...notInTables]), new Set(listed));

  // Only the first step of a row must run before those of the next rows.
  const first = [...new Set(rejections.map(({ steps }) => steps[0]))];
  for (const steps of endpoints) {
    assert.deepEqual(
      steps.filter((step) => first.includes(step)),
      first.filter((step) => steps.includes(step)),
    );
  }

  const server = await serve(t);
  const { headers } = await send(server, "GET /nothing");
  assert.match(headers.get("X-Mock-Reason"), /^find_endpoint: /);
});

test("responses have the fields in the table, in its order", async (t) => {
  const rows = tableRows(text, "Fields of a key", /^`[a-z_]+`$/);
  const fields = (...when) =>
    rows.filter((cells) => when.includes(cells[3])).map(([field]) => plain(field));
  const server = await serve(t, ["--fixtures", keysFile]);
  const limits = { limited_to_apps: ["com.demo.app"], limited_to_orgs: ["org_globex"] };
  const body = { name: "all fields", mode: "read", ...limits, expires_at: "2099-01-31" };
  const { text: created } = await send(server, "POST /apikey/", { key: "ak_123", body });
  const minimal = await createKey(server, "minimal");
  const listed = (await listKeys(server)).slice(-2);
  assert.deepEqual(
    [JSON.parse(created).apikey, minimal, ...listed].map(Object.keys),
    [
      fields("always", "if not empty", "if set"),
      fields("always"),
      fields("always", "in lists only", "if not empty", "if set"),
      fields("always", "in lists only"),
    ],
  );
});
