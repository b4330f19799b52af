/** Resident memory after the first answer and after very many. */
import { load } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

export const name = "memory";
export const title = "Resident memory in MB, workers included";

const connections = 64;
/** json-server is too slow for as many requests as the others get. */
const share = { "json-server": 1 / 50 };

/** What a full journal and a log may need is needed in the first half; the second adds only leaks. */
async function weigh(settings, each) {
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
  for (const each of names) figures[each] = await weigh(settings, each);
  return figures;
}

export function show(figures) {
  return table(
    ["server", "after the first answer", "halfway", "at the end", "requests until then"],
    names.map((each) => {
      const { rest, half, end, requests } = figures[each];
      return [each, number(rest, 1), number(half, 1), number(end, 1), number(requests)];
    }),
  );
}

export function judge({ "mock-capgo": { rest, half, end } }) {
  return [
    verdict("at most 12 MB resident at rest", rest <= 12, `${number(rest, 1)} MB`),
    verdict(
      "the second half of a million requests adds at most 1 MB",
      end - half <= 1,
      `${number(end - half, 1)} MB`,
    ),
  ];
}
