/** What the integrations with test runners share. */
import type { Sandbox } from "./sandbox.js";
import { connectMockCapgo, type MockCapgo, startMockCapgo, type StartOptions } from "./server.js";

/** Connects to the server of `mock-capgo exec` if there is one, and else starts one. */
export function openServer(options: StartOptions = {}): Promise<MockCapgo> {
  return process.env.MOCK_CAPGO_ADMIN_URL ? connectMockCapgo() : startMockCapgo(options);
}

/** Runs a test with a new sandbox, and then reports rules that never fired. */
export async function useSandbox(
  server: MockCapgo,
  title: string,
  use: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = server.sandbox();
  await use(sandbox);
  for (const rule of await sandbox.scenarios.unusedRules()) {
    console.warn(`mock-capgo: a rule never fired in "${title}": ${rule}`);
  }
  await sandbox.delete();
}
