/** Resident memory after the first response, and after many; and the size of the executable. */
import { statSync } from "node:fs";

import { load } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { isStatic, names, program, serve } from "../servers.mjs";

export const name = "memory";
export const title = "Resident memory in MB, workers included";

const connections = 64;
/** json-server is too slow for as many requests. */
const share = { "json-server": 1 / 50 };

/** The journal and the log are full after the first half; the second half adds only leaks. */
async function measureMemory(settings, each) {
  const server = await serve(each);
  const goal = settings.requests * (share[each] ?? 1);
  let requests = 0;
  const memoryAfter = async (count) => {
    while (requests < count) {
      const seconds = Math.min(1, settings.seconds);
      requests += (await load(settings, server, "list", connections, seconds)).requests;
    }
    return server.memory();
  };
  const rest = await memoryAfter(0);
  const half = await memoryAfter(goal / 2);
  const end = await memoryAfter(goal);
  await server.stop();
  return { rest, half, end, requests };
}

export async function run(settings) {
  const figures = {};
  for (const each of names) figures[each] = await measureMemory(settings, each);
  return figures;
}

export function format(figures) {
  return table(
    ["server", "after the first response", "halfway", "at the end", "requests until then"],
    names.map((each) => {
      const { rest, half, end, requests } = figures[each];
      return [each, number(rest, 1), number(half, 1), number(end, 1), number(requests)];
    }),
  );
}

export function check({ "mock-capgo": { rest, half, end } }) {
  const maxRest = isStatic ? 6 : 12;
  const size = statSync(program).size / 1e6;
  return [
    verdict(`at most ${maxRest} MB resident at rest`, rest <= maxRest, `${number(rest, 1)} MB`),
    ...(isStatic ? [verdict("at most 6 MB on disk", size <= 6, `${number(size, 1)} MB`)] : []),
    verdict(
      "the second half of a million requests adds at most 1 MB",
      end - half <= 1,
      `${number(end - half, 1)} MB`,
    ),
  ];
}
