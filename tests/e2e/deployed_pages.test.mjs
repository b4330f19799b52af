/**
 * The pages about the deployed contract agree with the program: both contracts show the ten
 * differences of docs/contracts.md, and docs/deployed-2026-02.md has exactly the rejections of the
 * golden files.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask } from "./client.mjs";
import { goldenExchanges } from "./golden_files.mjs";
import { page, tableRows } from "./pages.mjs";
import { folderFor, serve } from "./server.mjs";

/** The keys of the callers that the table of differences names. */
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
  const file = path.join(folderFor(t), "keys.json");
  const keys = Object.entries(callers).map(([name, fields]) => {
    return { key: secretOf(name), name, created_at: "2024-01-01", ...fields };
  });
  writeFileSync(file, JSON.stringify(keys));
  const now = "2024-03-02T00:00:00Z";
  return serve(t, ["--fixtures", file, "--contract", contract, "--now", now, "--freeze"]);
}

/** Whether an answer is what a cell shows, where `…` stands for anything. */
function isShown(answer, cell) {
  const [, shown] = /^`(.*?)`/.exec(cell);
  const parts = shown.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(answer);
}

test("both contracts answer as the table of ten differences shows", async (t) => {
  const names = ["documented", "deployed-2026-02"];
  const rows = tableRows(page("docs/contracts.md"), "Ten differences that break clients", /^`[A-Z]+ \//);
  assert.equal(rows.length, 10);
  for (const [asked, ...cells] of rows) {
    const [line, ...others] = asked.match(/(?<=`)[^`]+(?=`(?:[ ,]|$))/g).filter((x) => /\w/.test(x));
    const body = others.find((each) => each.startsWith("{"));
    const caller = others.find((each) => !each.startsWith("{")) ?? "all";
    const key = caller in callers ? secretOf(caller) : caller;
    for (const [i, name] of names.entries()) {
      const server = await serveContract(t, name);
      const { status, text } = await ask(server, line, { key, body });
      assert.ok(isShown(`${status} ${text}`, cells[i]), `${asked}, ${name}: ${status} ${text}`);
      assert.equal(isShown(`${status} ${text}`, cells[1 - i]), false, `${asked} is no difference`);
      await server.stop();
    }
  }
});

/** Every rejection that the golden files of a contract show: status, code and text. */
function goldenRejections(contract) {
  const rejections = new Set();
  for (const { answered, body } of goldenExchanges(contract)) {
    const { error, message } = body;
    if (message && message !== "KO") rejections.add(`${answered.status} ${error}: ${message}`);
  }
  return rejections;
}

test("docs/deployed-2026-02.md has exactly the rejections of the golden files", () => {
  const rows = tableRows(page("docs/deployed-2026-02.md"), "Rejections", /^[A-Za-z, ]+$/);
  const listed = new Set();
  for (const [, , status, error, message] of rows.filter(([, , status]) => /^\d/.test(status))) {
    listed.add(`${status} ${error.replaceAll("`", "")}: ${message.replaceAll("`", "")}`);
  }
  const golden = goldenRejections("deployed-2026-02");
  // The page says 90 days for any number, and a store that fails is not in golden files.
  const normalized = (texts) =>
    [...texts].map((text) => text.replace(/exceed \d+ days/, "exceed N days")).sort();
  golden.add("500 failed_to_update_apikey: Failed to regenerate API key");
  assert.deepEqual(normalized(listed), [...new Set(normalized(golden))]);
});
