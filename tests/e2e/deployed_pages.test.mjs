/**
 * The pages about the deployed contract agree with the program: both contracts have the ten
 * differences in docs/contracts.md, and docs/deployed-2026-02.md lists the rejections of the golden
 * files.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { goldenExchanges } from "./golden_files.mjs";
import { page, tableRows } from "./pages.mjs";
import { newFolder, serve } from "./server.mjs";

/** The callers in the table of differences. */
const callers = {
  all: { mode: "all" },
  read: { mode: "read" },
  expired: { mode: "all", expires_at: "2024-03-01T00:00:00Z" },
  org: { mode: "all", limited_to_orgs: ["0a000000-0000-4000-8000-00000000000a"] },
  app: { mode: "all", limited_to_apps: ["com.demo.app"] },
};
const secretOf = (caller) =>
  `${Object.keys(callers).indexOf(caller)}0000000-0000-4000-8000-000000000000`;

async function serveContract(t, contract) {
  const file = path.join(newFolder(t), "keys.json");
  const keys = Object.entries(callers).map(([name, fields]) => {
    return { key: secretOf(name), name, created_at: "2024-01-01", ...fields };
  });
  writeFileSync(file, JSON.stringify(keys));
  const now = "2024-03-02T00:00:00Z";
  return serve(t, ["--fixtures", file, "--contract", contract, "--now", now, "--freeze"]);
}

/** Whether a response matches a cell of the table, where `…` is anything. */
function matchesCell(response, cell) {
  const [, expected] = /^`(.*?)`/.exec(cell);
  const parts = expected.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(response);
}

test("both contracts respond as in the table of ten differences", async (t) => {
  const names = ["documented", "deployed-2026-02"];
  const rows = tableRows(page("docs/contracts.md"), "Ten differences between the contracts with modes", /^`[A-Z]+ \//);
  assert.equal(rows.length, 10);
  for (const [request, ...cells] of rows) {
    const [line, ...others] = request.match(/(?<=`)[^`]+(?=`(?:[ ,]|$))/g).filter((x) => /\w/.test(x));
    const body = others.find((each) => each.startsWith("{"));
    const caller = others.find((each) => !each.startsWith("{")) ?? "all";
    const key = caller in callers ? secretOf(caller) : caller;
    for (const [i, name] of names.entries()) {
      const server = await serveContract(t, name);
      const { status, text } = await send(server, line, { key, body });
      assert.ok(matchesCell(`${status} ${text}`, cells[i]), `${request}, ${name}: ${status} ${text}`);
      assert.equal(matchesCell(`${status} ${text}`, cells[1 - i]), false, `${request}: no difference`);
      await server.stop();
    }
  }
});

/** All rejections in the golden files of a contract: status, code and text. */
function goldenRejections(contract) {
  const rejections = new Set();
  for (const { response, body } of goldenExchanges(contract)) {
    const { error, message } = body;
    if (message && message !== "KO") rejections.add(`${response.status} ${error}: ${message}`);
  }
  return rejections;
}

test("docs/deployed-2026-02.md lists exactly the rejections of the golden files", () => {
  const rows = tableRows(page("docs/deployed-2026-02.md"), "Rejections", /^[A-Za-z, ]+$/);
  const listed = new Set();
  for (const [, , status, error, message] of rows.filter(([, , status]) => /^\d/.test(status))) {
    listed.add(`${status} ${error.replaceAll("`", "")}: ${message.replaceAll("`", "")}`);
  }
  const golden = goldenRejections("deployed-2026-02");
  // The 90 days of the page are an example. Golden files have no failing store.
  const normalized = (texts) =>
    [...texts].map((text) => text.replace(/exceed \d+ days/, "exceed N days")).sort();
  golden.add("500 failed_to_update_apikey: Failed to regenerate API key");
  assert.deepEqual(normalized(listed), [...new Set(normalized(golden))]);
});
