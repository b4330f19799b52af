/** The cost of a create or delete with many keys. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { alternate, load } from "../load.mjs";
import { newFolder } from "../processes.mjs";
import { number, table, verdict } from "../report.mjs";
import { serve } from "../servers.mjs";

const kind = "create + delete";
const connections = 16;

/** Writes a fixture of this many keys of one user. The first one, `ak_123`, has mode all. */
export function writeFixture(count) {
  const keys = Array.from({ length: count - 1 }, (_, i) => ({
    key: `ak_${String(i).padStart(32, "0")}`,
    mode: "read",
    name: `Key ${i}`,
  }));
  keys.unshift({ key: "ak_123", mode: "all", name: "CI" });
  const file = path.join(newFolder(), "fixture.json");
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}

/** The servers with all keys in memory. json-server writes all of them to its file each time. */
const compared = ["mock-capgo", "node:http", "Hono"];

/** Create and delete with few keys and with many. */
export const many = {
  name: "keys",
  title: "Microseconds for a create or delete, by the number of keys",

  /** One row for each number of keys: the cost by server. */
  async run(settings) {
    const servers = {};
    for (const keys of settings.keyCounts) {
      const fixtures = writeFixture(keys);
      for (const each of compared) {
        const server = await serve(each, { fixtures });
        await load(settings, server, kind, connections, settings.warmUpSeconds);
        servers[`${each} ${keys}`] = server;
      }
    }
    const figures = await alternate(Object.keys(servers), settings.rounds, (each) =>
      load(settings, servers[each], kind, connections),
    );
    for (const server of Object.values(servers)) await server.stop();
    const cost = (each, keys) => 1e6 / figures[`${each} ${keys}`].rate;
    return settings.keyCounts.map((keys) => ({
      keys,
      costs: Object.fromEntries(compared.map((each) => [each, cost(each, keys)])),
    }));
  },

  format: (rows) =>
    table(
      ["keys", ...compared],
      rows.map(({ keys, costs }) => [
        number(keys),
        ...compared.map((each) => number(costs[each], 1)),
      ]),
    ),

  check(rows) {
    const [few, most] = [rows.at(0), rows.at(-1)].map(({ costs }) => costs["mock-capgo"]);
    return [
      verdict(
        "create + delete at 100,000 keys within 1.5 times the cost at 10",
        most / few <= 1.5,
        `${number(most / few, 2)} times`,
      ),
    ];
  },
};
