/** The cost of many keys, at the start and for each create and delete. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { alternate, load } from "../load.mjs";
import { newFolder, output, start, stop } from "../processes.mjs";
import { number, table, verdict } from "../report.mjs";
import { program, serve } from "../servers.mjs";

const connections = 16;
const few = 10;

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

/** Create and delete with few keys and with many. */
export const many = {
  name: "keys",
  title: "mock-capgo: create and delete with few keys and with many",

  async run(settings) {
    const servers = {};
    for (const count of [few, settings.keys]) {
      servers[count] = await serve("mock-capgo", { fixtures: writeFixture(count) });
    }
    const kind = "create + delete";
    const figures = await alternate(Object.keys(servers), settings.rounds, (count) =>
      load(settings, servers[count], kind, connections),
    );
    for (const server of Object.values(servers)) await server.stop();
    const [atFew, atMany] = [few, settings.keys].map((count) => figures[count].rate);
    return { keys: settings.keys, atFew, atMany };
  },

  format: ({ keys, atFew, atMany }) =>
    table(
      ["keys", "requests a second", "cost"],
      [
        [number(few), number(atFew), "1.00"],
        [number(keys), number(atMany), number(atFew / atMany, 2)],
      ],
    ),

  check: ({ atFew, atMany }) => [
    verdict(
      "create + delete at 100,000 keys within 1.5 times the cost at 10",
      atFew / atMany <= 1.5,
      `${number(atFew / atMany, 2)} times`,
    ),
  ],
};

/** Seconds from the start of a server with these fixtures to its ready line. */
async function secondsToReady(file) {
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
  await stop(child);
  return seconds;
}

async function secondsToCheck(file) {
  const begin = performance.now();
  await output(program, ["check", "--fixtures", file]);
  return (performance.now() - begin) / 1000;
}

/** Loading a large fixture. */
export const fixtures = {
  name: "fixtures",
  title: "mock-capgo: loading a large fixture",

  async run(settings) {
    const file = writeFixture(settings.keys);
    const actions = { check: secondsToCheck, serve: secondsToReady };
    const { check, serve: ready } = await alternate(
      Object.keys(actions),
      settings.rounds,
      async (each) => ({ seconds: await actions[each](file) }),
    );
    return { keys: settings.keys, check: check.seconds, ready: ready.seconds };
  },

  format: ({ keys, check, ready }) =>
    table(
      ["keys", "seconds of mock-capgo check", "seconds to the ready line"],
      [[number(keys), number(check, 2), number(ready, 2)]],
    ),

  check: ({ check, ready }) => {
    const seconds = Math.max(check, ready);
    return [
      verdict("100,000 fixture keys loaded in under 2 s", seconds < 2, `${number(seconds, 2)} s`),
    ];
  },
};
