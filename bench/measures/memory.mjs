/** Resident memory after the first response, and after many. */
import { load } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

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
  return [
    verdict("at most 12 MB resident at rest", rest <= 12, `${number(rest, 1)} MB`),
    verdict(
      "the second half of a million requests adds at most 1 MB",
      end - half <= 1,
      `${number(end - half, 1)} MB`,
    ),
  ];
}
