/** The time from the start of a server to its first response. */
import { existsSync } from "node:fs";

import { alternate } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { dynamicProgram, isStatic, names, serve } from "../servers.mjs";

export const name = "start";
export const title = "First response after start";

/** The build with shared libraries, to compare the static executable with. */
const dynamic = "mock-capgo, shared libraries";

export function run({ starts }) {
  const isCompared = isStatic && existsSync(dynamicProgram);
  const [ours, ...peers] = names;
  return alternate([ours, ...(isCompared ? [dynamic] : []), ...peers], starts, async (each) => {
    const server = await (each === dynamic
      ? serve(ours, { executable: dynamicProgram })
      : serve(each));
    await server.stop();
    return { ms: server.startMs };
  });
}

export function format(figures) {
  const ours = figures["mock-capgo"].ms;
  return table(
    ["server", "milliseconds", "times mock-capgo's"],
    Object.entries(figures).map(([each, { ms }]) => [each, number(ms, 1), number(ms / ours, 1)]),
  );
}

export function check(figures) {
  const ours = figures["mock-capgo"].ms;
  const times = figures.Hono.ms / ours;
  const min = isStatic ? 30 : 12;
  const goal = `the first response at least ${min} times sooner than Hono's`;
  const verdicts = [verdict(goal, times >= min, `${number(times, 1)} times`)];
  if (figures[dynamic]) {
    const share = ours / figures[dynamic].ms;
    verdicts.push(
      verdict("at most 0.4 of the time with shared libraries", share <= 0.4, number(share, 2)),
    );
  }
  return verdicts;
}
