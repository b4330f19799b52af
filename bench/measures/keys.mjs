/** The cost of many keys, at the start and for each create and delete. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { alternate, load } from "../load.mjs";
import { newFolder, output, residentMemory, start, stop } from "../processes.mjs";
import { number, table, verdict } from "../report.mjs";
import { program, serve } from "../servers.mjs";

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

/**
 * Starts a server with these fixtures: seconds to its ready line, bytes of memory then, and
 * characters of all values of its keys.
 */
async function startWith(file) {
  const begin = performance.now();
  const child = start(program, ["--port", "0", "--fixtures", file], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    child.ended,
  ]);
  if (!String(line).includes('"ready"')) throw new Error(`mock-capgo with many keys: ${line}`);
  const seconds = (performance.now() - begin) / 1000;
  const memory = (await residentMemory(child)) * 1e6;
  const { url, key } = JSON.parse(line);
  const list = await fetch(`${url}/apikey/`, { headers: { authorization: key } });
  const values = (await list.json()).data.flatMap(Object.values).join("").length;
  await stop(child);
  return { seconds, memory, values };
}

async function check(file) {
  const begin = performance.now();
  await output(program, ["check", "--fixtures", file]);
  return { seconds: (performance.now() - begin) / 1000 };
}

/** Loading a large fixture. */
export const fixtures = {
  name: "fixtures",
  title: "mock-capgo: loading a large fixture",

  async run({ keyCounts, rounds }) {
    const counts = [keyCounts[0], keyCounts.at(-1)];
    const [fewFile, file] = counts.map(writeFixture);
    const actions = {
      few: () => startWith(fewFile),
      many: () => startWith(file),
      check: () => check(file),
    };
    const { few, many, check: checked } = await alternate(
      Object.keys(actions),
      rounds,
      (each) => actions[each](),
    );
    const perKey = (figure) => (many[figure] - few[figure]) / (counts[1] - counts[0]);
    return {
      keys: counts[1],
      ready: many.seconds,
      check: checked.seconds,
      memory: perKey("memory"),
      values: perKey("values"),
    };
  },

  format: ({ keys, ready, check, memory, values }) =>
    table(
      ["keys", "seconds to the ready line", "of mock-capgo check", "bytes a key", "of its values"],
      [[number(keys), number(ready, 2), number(check, 2), number(memory), number(values)]],
    ),

  check: ({ ready, memory, values }) => [
    verdict("100,000 fixture keys loaded within 0.35 s", ready <= 0.35, `${number(ready, 2)} s`),
    verdict(
      "with at most 200 bytes a key beyond its values",
      memory - values <= 200,
      number(memory - values),
    ),
  ],
};
