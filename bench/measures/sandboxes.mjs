/** The cost of a sandbox for each test worker, compared with a server for each. */
import { alternate, median } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { serve } from "../servers.mjs";
import { writeFixture } from "./keys.mjs";

export const name = "sandboxes";
export const title = "mock-capgo: a sandbox of 10,000 fixture keys, and a separate server";

const keys = 10_000;

/** Creates sandboxes, creates a key in each, and resets each. */
async function useSandboxes(count, fixtures) {
  // At this level, control calls are logged too.
  const log = ["--log", "debug", "--log-format", "json"];
  const options = [...log, "--max-sandboxes", String(count)];
  const server = await serve("mock-capgo", { fixtures, options });
  const post = async (path, body) => {
    const headers = { authorization: "ak_123" };
    const response = await fetch(server.url + path, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  await post("/__admin/reset"); // The first call includes the start of the client.
  const before = await server.memory();
  const names = [];
  for (let i = 0; i < count; ++i) names.push((await post("/__admin/sandboxes")).name);
  const kilobytes = ((await server.memory()) - before) * (1000 / count);
  for (const each of names) {
    await post(`/sandbox/${each}/apikey/`, '{"name":"Nightly","mode":"upload"}');
    await post(`/sandbox/${each}/__admin/reset`);
  }
  const lines = (await server.stop()).trim().split("\n").map((line) => JSON.parse(line));
  // The time in the server's log does not include the client.
  const microseconds = (method, path) =>
    median(
      lines
        .filter((line) => line.method === method && line.path === path)
        .map((line) => line.microseconds),
    );
  return {
    make: microseconds("POST", "/__admin/sandboxes"),
    create: microseconds("POST", "/apikey/"),
    reset: microseconds("POST", "/__admin/reset"),
    kilobytes,
  };
}

/** Starts a server with the same fixtures. */
async function useServer(fixtures) {
  const server = await serve("mock-capgo", { fixtures });
  const kilobytes = (await server.memory()) * 1000;
  await server.stop();
  return { make: server.startMs * 1000, kilobytes };
}

export function run({ sandboxes, rounds }) {
  const fixtures = writeFixture(keys);
  return alternate(["sandbox", "server"], rounds, (which) =>
    which === "sandbox" ? useSandboxes(sandboxes, fixtures) : useServer(fixtures),
  );
}

export function format({ sandbox, server }) {
  const row = (what, unit, inSandbox, alone) => [what, unit, number(inSandbox), alone];
  return table(
    ["", "unit", "a sandbox", "a server"],
    [
      row("create it", "µs", sandbox.make, number(server.make)),
      row("memory", "kB", sandbox.kilobytes, number(server.kilobytes)),
      row("create the first key", "µs", sandbox.create, ""),
      row("reset it", "µs", sandbox.reset, ""),
    ],
  );
}

export function check({ sandbox: { make, kilobytes, reset } }) {
  return [
    verdict(
      "a sandbox of 10,000 keys created in under 100 µs",
      make < 100,
      `${number(make)} µs`,
    ),
    verdict("and of at most 16 kB", kilobytes <= 16, `${number(kilobytes, 1)} kB`),
    verdict("reset in under 1 ms", reset < 1000, `${number(reset)} µs`),
  ];
}
