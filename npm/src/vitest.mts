/**
 * For vitest: `globalSetup: "mock-capgo/vitest"` starts one server for a run, and `test` gives each
 * test a sandbox of its own.
 */
import type { TestAPI } from "vitest";

import { openServer, useSandbox } from "./runner.js";
import type { Sandbox } from "./sandbox.js";
import { connectMockCapgo, MockCapgo, type StartOptions } from "./server.js";

/** What the global setup provides; read it with `inject("mockCapgo")`. */
export interface ProvidedServer {
  url: string;
  adminUrl: string;
  key: string;
  /** Signs in the owner of the key; may be empty under contracts without roles. */
  userToken: string;
  /** The admin token, if the server has one. */
  token?: string | undefined;
}

declare module "vitest" {
  export interface ProvidedContext {
    mockCapgo: ProvidedServer;
  }
}

/** The part of vitest's project that a global setup needs, in every release. */
interface Project {
  provide(key: "mockCapgo", value: ProvidedServer): void;
}

/** Creates a global setup that starts a server with these options. */
export function createGlobalSetup(options: StartOptions = {}) {
  return async (project: Project): Promise<() => Promise<void>> => {
    const mock = await openServer(options);
    const { url, adminUrl, key, env } = mock;
    const userToken = env.CAPGO_USER_TOKEN;
    project.provide("mockCapgo", { url, adminUrl, key, userToken, token: options.adminToken });
    return () => mock.stop();
  };
}

/** The global setup without options. */
export default createGlobalSetup();

/** The server of the global setup, or else of `mock-capgo exec`. */
async function findServer(provided: ProvidedServer | undefined): Promise<MockCapgo> {
  if (provided) return new MockCapgo(provided.url, provided, provided.token);
  if (process.env.MOCK_CAPGO_ADMIN_URL) return connectMockCapgo();
  throw new Error('there is no server; add globalSetup: "mock-capgo/vitest" to vitest.config.ts');
}

async function extendTest() {
  const { inject, test } = await import("vitest");
  return test.extend<{ mock: Sandbox }>({
    mock: async ({ task }, use) => {
      await useSandbox(await findServer(inject("mockCapgo")), task.name, use);
    },
  });
}

/**
 * vitest's `test`, with a fixture `mock`: a new sandbox for each test that uses it. There is none where a
 * global setup runs: there, vitest cannot be imported, or, since vitest 4, its `test` not extended.
 */
export const test = (await extendTest().catch(() => undefined)) as TestAPI<{ mock: Sandbox }>;
