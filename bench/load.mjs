/** Makes load with wrk, in alternating rounds. */
import path from "node:path";

import { openCrowd } from "./crowd.mjs";
import { output, repository } from "./processes.mjs";

/** The kinds of requests: the script of bench/requests.lua, and whether they must be rejected. */
const kinds = {
  list: { script: "get", secret: "ak_123" },
  "create + delete": { script: "create_delete", secret: "ak_123" },
  rejections: { script: "get", secret: "ak_456", isRejected: true },
  create: { script: "create", secret: "ak_123" },
};

/**
 * Loads a server for this many seconds. Returns requests, requests a second (`rate`), `p50` and
 * `p99` in microseconds. Adds errors to those of the settings.
 */
export async function load(settings, server, kind, connections, seconds = settings.seconds) {
  const { script, secret, isRejected } = kinds[kind];
  const stdout = await output(
    "wrk",
    [
      ...["-t", Math.min(2, connections), "-c", connections, "-d", `${Math.ceil(seconds)}s`],
      ...["-s", path.join(repository, "bench", "requests.lua"), server.url, "--"],
      ...[script, server.pathFor(kind), secret],
    ].map(String),
    { interruptAfter: Number.isInteger(seconds) ? undefined : seconds, maxWait: seconds + 30 },
  );
  const { requests, duration, p50, p99, rejected, ...errors } = JSON.parse(
    /^figures (.*)$/m.exec(stdout)[1],
  );
  errors["unexpected status"] = isRejected ? requests - rejected : rejected;
  errors["no response"] = requests === 0 ? 1 : 0;
  for (const [error, count] of Object.entries(errors).filter(([, count]) => count > 0)) {
    settings.errors.push({
      server: server.name,
      text: `${kind} at ${connections} connections: ${error}, ${count}`,
    });
  }
  return { requests, rate: (requests / duration) * 1e6, p50, p99 };
}

/** The same with many connections without traffic, which mock-capgo must not close. */
export async function loadBesideCrowd(settings, server, kind, connections) {
  const crowd = await openCrowd(server.port, settings.idle, settings.halfSent);
  const figures = await load(settings, server, kind, connections);
  const closed = crowd.close();
  if (closed > 0 && server.name === "mock-capgo") {
    settings.errors.push({ server: server.name, text: `closed ${closed} connections without traffic` });
  }
  return figures;
}

/** The median of at least one number. */
export function median(numbers) {
  if (numbers.length === 0) throw new Error("there is nothing to take the median of");
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs an action for each name in turn, several times, so that a disturbance affects all of them.
 * The action returns numbers by name; the result is their medians, for each name.
 */
export async function alternate(names, rounds, action) {
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const name of names) runs[name].push(await action(name));
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, figures]) => [
      name,
      Object.fromEntries(
        Object.keys(figures[0]).map((each) => [each, median(figures.map((run) => run[each]))]),
      ),
    ]),
  );
}
