/** The time from the start of a server to its first response. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

import { alternate } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { newFolder, repository } from "../processes.mjs";
import { dynamicProgram, isStatic, names, program, serve } from "../servers.mjs";

export const name = "start";
export const title = "First response after start";

/** The build with shared libraries, to compare the static executable with. */
const dynamic = "mock-capgo, shared libraries";
const npm = "mock-capgo, started by npm's command";

/** The command of the npm package, in a folder as npm makes it. */
function npmCommand() {
  const modules = path.join(newFolder(), "node_modules");
  const platform = path.join(modules, "@mock-capgo", `${process.platform}-${process.arch}`, "bin");
  mkdirSync(platform, { recursive: true });
  symlinkSync(program, path.join(platform, "mock-capgo"));
  mkdirSync(path.join(modules, ".bin"));
  cpSync(path.join(repository, "npm", "bin"), path.join(modules, "mock-capgo", "bin"), {
    recursive: true,
  });
  const command = path.join(modules, ".bin", "mock-capgo");
  symlinkSync("../mock-capgo/bin/mock-capgo", command);
  return command;
}

export function run({ starts }) {
  const [ours, ...peers] = names;
  const executables = { [npm]: npmCommand() };
  if (isStatic && existsSync(dynamicProgram)) executables[dynamic] = dynamicProgram;
  const measured = [ours, ...Object.keys(executables), ...peers];
  return alternate(measured, starts, async (each) => {
    const executable = executables[each];
    const server = await (executable ? serve(ours, { executable }) : serve(each));
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
  const added = figures[npm].ms - ours;
  verdicts.push(verdict("npm's command adds at most 40 ms", added <= 40, `${number(added, 1)} ms`));
  return verdicts;
}
