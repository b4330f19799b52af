/** Creates with an SQLite file, compared with the same inserts by the sqlite3 command. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { alternate, load } from "../load.mjs";
import { newFolder, output, repository } from "../processes.mjs";
import { number, table, verdict } from "../report.mjs";
import { serve } from "../servers.mjs";

export const name = "sqlite";
export const title = "Creates a second with --storage sqlite:FILE";

const connections = 16;

/** The PRAGMAs that mock-capgo sets, from its source, because the file does not have all of them. */
function pragmas() {
  const source = path.join("src", "store", "sqlite_file.cc");
  const found = readFileSync(path.join(repository, source), "utf8").match(/PRAGMA \w+ = \w+(?=")/g);
  if (!found?.some((each) => each.includes("journal_mode"))) {
    throw new Error(`${source} has no PRAGMAs`);
  }
  return found;
}

/** The statements that create the tables of a database, and that insert its keys. */
async function statementsOf(database) {
  const schema = await output("sqlite3", [database, ".schema --nosys"]);
  const inserts = await output("sqlite3", [database, ".mode insert keys", "SELECT * FROM keys"]);
  return { schema, inserts };
}

async function creates(settings, storage) {
  const server = await serve("mock-capgo", { storage });
  const { rate } = await load(settings, server, "create", connections);
  await server.stop();
  return { rate };
}

/** The same inserts by sqlite3, each in its own transaction. */
async function bareInserts(folder, { schema, inserts }) {
  const database = path.join(folder, "bare.db");
  const script = path.join(folder, "inserts.sql");
  const setUp = [...pragmas(), ""].join(";\n");
  await output("sqlite3", [database, schema]);
  writeFileSync(script, setUp + inserts);
  const begin = performance.now();
  await output("sqlite3", ["-bail", database, `.read ${script}`]);
  const seconds = (performance.now() - begin) / 1000;
  for (const end of ["", "-wal", "-shm"]) rmSync(database + end, { force: true });
  return { rate: (inserts.split("\n").length - 1) / seconds };
}

export async function run(settings) {
  const folder = newFolder();
  let statements;
  return alternate(["mock-capgo", "sqlite3"], settings.rounds, async (each) => {
    if (each === "sqlite3") return bareInserts(folder, statements);
    const storage = path.join(newFolder(), "keys.db");
    const figures = await creates(settings, storage);
    statements ??= await statementsOf(storage);
    return figures;
  });
}

const share = (figures) => figures["mock-capgo"].rate / figures.sqlite3.rate;

export function format(figures) {
  const { "mock-capgo": ours, sqlite3 } = figures;
  return table(
    ["mock-capgo", "bare sqlite3", "share"],
    [[number(ours.rate), number(sqlite3.rate), number(share(figures), 2)]],
  );
}

export function check(figures) {
  const goal = "SQLite creates at least half the bare limit";
  return [verdict(goal, share(figures) >= 0.5, `${number(share(figures), 2)} of it`)];
}
