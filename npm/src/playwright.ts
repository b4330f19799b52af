/**
 * For Playwright: `test` with a fixture `mock`, a new sandbox for each test, and `webServer` for a
 * server at a fixed URL.
 */
import { test as baseTest } from "@playwright/test";

import { findExecutable } from "./executable.js";
import type { MockCapgo, Sandbox, StartOptions } from "./index.js";
import { openServer, useSandbox } from "./runner.js";

/** Fixtures of a worker. */
export interface WorkerFixtures {
  /** Options for the server that each worker starts. Set them with `use` in the configuration. */
  mockCapgoOptions: StartOptions;
  /** The server: that of `webServer` or `mock-capgo exec`, or else one for each worker. */
  mockCapgo: MockCapgo;
}

/** Playwright's `test` with these fixtures. */
export const test = baseTest.extend<{ mock: Sandbox }, WorkerFixtures>({
  mockCapgoOptions: [{}, { option: true, scope: "worker" }],
  mockCapgo: [
    async ({ mockCapgoOptions }, use) => {
      const server = await openServer(mockCapgoOptions);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  mock: ({ mockCapgo }, use, { title }) => useSandbox(mockCapgo, title, use),
});

export { expect } from "@playwright/test";

/**
 * An entry of `webServer` in the configuration: one server for all workers, at a URL that is known
 * before it starts. The fixtures use this server.
 * @param args options of the command line, such as `["--fixtures", "keys.json"]`
 */
export function webServer({ port = 12113, args = [] }: { port?: number; args?: readonly string[] } = {}) {
  const url = `http://127.0.0.1:${port}`;
  process.env.MOCK_CAPGO_ADMIN_URL ??= `${url}/__admin`;
  const command = [findExecutable(), "--port", String(port), "--log", "none", ...args];
  return {
    command: command.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(" "),
    url,
    reuseExistingServer: !process.env.CI,
  };
}
