/** The time from the start of a server to its first response. */
import { alternate } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

export const name = "start";
export const title = "First response after start";

export function run({ starts }) {
  return alternate(names, starts, async (each) => {
    const server = await serve(each);
    await server.stop();
    return { ms: server.startMs };
  });
}

export function format(figures) {
  const ours = figures["mock-capgo"].ms;
  return table(
    ["server", "milliseconds", "times mock-capgo's"],
    names.map((each) => [each, number(figures[each].ms, 1), number(figures[each].ms / ours, 1)]),
  );
}

export function check(figures) {
  const times = figures.Hono.ms / figures["mock-capgo"].ms;
  const goal = "the first response at least 12 times faster than Hono's";
  return [verdict(goal, times >= 12, `${number(times, 1)} times`)];
}
