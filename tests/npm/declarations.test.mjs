/** The types of the npm package, and its package.json. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";

import { require } from "../e2e/npm.mjs";
import { repository, run } from "../e2e/server.mjs";
import { installedFolder, packed } from "./packages.mjs";

const typescript = require("typescript");
const folder = installedFolder({ after });
const tools = path.join(repository, "build", "npm", "node_modules", ".bin");

/** Compiles files of these names, which have one content, as a user does. Returns the problems. */
function compile(names, content, options) {
  const files = names.map((name) => path.join(folder, name));
  for (const file of files) writeFileSync(file, content);
  const program = typescript.createProgram(files, {
    lib: ["lib.es2022.d.ts"],
    types: [],
    target: typescript.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  });
  return typescript.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line : -1;
    const source = file?.text.split("\n")[line].trim();
    const text = typescript.flattenDiagnosticMessageText(messageText, " ");
    return `${file?.fileName}: ${source}: ${text}`;
  });
}

const { ModuleKind, ModuleResolutionKind } = typescript;
const resolutions = [
  [["every_call.mts", "every_call.cts"], { module: ModuleKind.NodeNext }],
  [
    ["every_call.ts"],
    { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
  ],
];

const everyCall = `
import {
  connectMockCapgo, startMockCapgo, ControlError, MockCapgoError, StartError, VerificationError,
  type Action, type ActionQuery, type Clock, type ConnectOptions, type Decision, type Environment,
  type Expectation, type Fixtures, type Key, type KeyFields, type MockCapgo, type NamedSandbox,
  type RecordedRequest, type RequestFilter, type Sandbox, type Scenario, type ScenarioFile,
  type StartOptions, type State, type Unverified, type UserTokenOptions,
} from "mock-capgo";

export const fixtures: Fixtures = {
  keys: [{ mode: "all", name: "CI", key: "ak_ci" }],
  orgs: [{ id: "org", members: ["user_123"] }],
  apps: [{ id: "1", app_id: "com.demo.app", owner_org: "org" }],
};
export const scenario: ScenarioFile = {
  rules: [
    { on: "GET /apikey/", times: 2, error: "rate_limited", headers: { "Retry-After": "1" } },
    { on: "POST /apikey/", match: { mode: "read", body: {} }, delay: { milliseconds: 5 } },
    { on: "* *", every: 3, fault: "CONNECTION_RESET_BY_PEER" },
    { on: "GET /bundle/", respond: { status: 200, body: { data: [] } } },
  ],
};
export const everyOption: StartOptions = {
  fixtures: ["keys.json", fixtures], scenarios: ["flaky-create", scenario], contract: "documented",
  now: new Date(), freeze: true, seed: 1, rateLimit: "standard", log: "errors", logFormat: "json",
  logFile: "log", host: "127.0.0.1", port: 0, basePath: "/functions/v1", storage: "sqlite:keys.db",
  journal: 10, journalOnExit: "journal.json", exportOnExit: "keys.json", maxSandboxes: 5,
  allowHost: ["mock"], adminToken: "secret", jwtSecret: "secret",
};
export const july: StartOptions = { contract: "deployed-2026-07" };
export async function callAll(): Promise<void> {
  await using mock: MockCapgo = await startMockCapgo(everyOption);
  const options: ConnectOptions = { token: "secret" };
  await using connected: MockCapgo = await connectMockCapgo(mock.url, options);
  await using worker: NamedSandbox = mock.sandbox("worker-1");
  for (const sandbox of [mock, connected, worker, mock.sandbox()] satisfies Sandbox[]) {
    const env: Environment = sandbox.env;
    const urls: string[] = [sandbox.url, sandbox.adminUrl, sandbox.key, env.CAPGO_API_URL];
    const lifetime: UserTokenOptions = { expiresIn: "1h" };
    const tokens: string[] = [
      env.CAPGO_USER_TOKEN,
      await sandbox.userToken(),
      await sandbox.userToken("user_123"),
      await sandbox.userToken(undefined, lifetime),
    ];
    await sandbox.reset();
    const state: State = await sandbox.state();
    await sandbox.setState(state);
    await sandbox.setState(fixtures);
    const fields: KeyFields = { mode: "read", name: "New", limited_to_apps: urls };
    const { id, key, expires_at }: Key = await sandbox.keys.add(fields);
    await sandbox.keys.remove(id);
    const filter: RequestFilter = { method: "GET", path: "/a*", status: 200, limit: 1 };
    const requests: RecordedRequest[] = await sandbox.requests(filter);
    await sandbox.requests({ since: new Date() });
    await sandbox.requests({ since: 5 });
    const reasons: (string | null)[] = requests.map((request) => request.rejected_by);
    await sandbox.clearRequests();
    const expectation: Expectation = { on: "GET /apikey/", status: 429, count: { at_least: 2 } };
    await sandbox.verify(expectation);
    await sandbox.verify({ count: 2 });
    const scenarios: Scenario[] = [
      await sandbox.scenarios.put("own", scenario),
      await sandbox.scenarios.put("hang"),
      ...(await sandbox.scenarios.list()),
    ];
    const counts: number[] = scenarios.flatMap(({ rules }) => rules.map(({ fired }) => fired));
    await sandbox.scenarios.remove("own");
    await sandbox.scenarios.remove();
    const unused: string[] = await sandbox.scenarios.unusedRules();
    const now: Date = await sandbox.clock.now();
    const clocks: Clock[] = [
      await sandbox.clock.set(now),
      await sandbox.clock.set("2024-01-01"),
      await sandbox.clock.set(5),
      await sandbox.clock.freeze(),
      await sandbox.clock.freeze(false),
      await sandbox.clock.advance("31d"),
    ];
    const action: Action["action"] = "upload";
    const query: ActionQuery = { key: key ?? "", action, appId: "com.demo.app", orgId: "org" };
    const { allowed, reason }: Decision = await sandbox.authorize(query);
    await sandbox.authorize({ keyId: 1, permission: "app.read", appId: "com.a", channelId: 41 });
    console.log(tokens, reasons, counts, unused, clocks, allowed, reason, expires_at);
  }
  await worker.delete();
  await mock.stop();
  const pid: number | null = mock.pid;
  try {
    await mock.state();
  } catch (error) {
    if (error instanceof VerificationError) {
      const cause: Unverified = error.cause;
      const fields: string[] | undefined = cause.nearest[0]?.differences.map(({ field }) => field);
      console.log(fields);
    } else if (error instanceof ControlError || error instanceof StartError) {
      const base: MockCapgoError & Error = error;
      const details: readonly string[] = base.details;
      console.log(base.status?.toFixed(), details, pid);
    }
  }
}
declare const console: { log(...values: unknown[]): void };
`;

const wrongUses = [
  'keys.add({ mode: "reed", name: "A" })',
  'keys.add({ mode: "read" })',
  'keys.remove("1")',
  'scenarios.put("a", { rules: [{ on: "GET /", fault: "RESET" }] })',
  'scenarios.put("a", { rules: [{ on: "GET /", error: "rate_limitd" }] })',
  'scenarios.put("a", { rules: [{ on: "GET /", eror: "not_found" }] })',
  'scenarios.put("a", { rules: [{ error: "not_found" }] })',
  "scenarios.put()",
  "setState({ kys: [] })",
  "clock.advance(31)",
  'requests({ methd: "GET" })',
  'verify({ on: "GET /", times: 2 })',
  'authorize({ key: "a", action: "delete" })',
  "pid++",
  "userToken(7)",
  'userToken("user_123", { expires_in: "1h" })',
];
const wrongOptions = [
  "sed: 1",
  'seed: "1"',
  'contract: "deployed"',
  "rateLimit: true",
  'log: "all"',
  'storage: "sqlite"',
  "seed: undefined",
  "jwtSecret: 7",
  'fixtures: { keys: [{ mode: "reed", name: "A" }] }',
  'fixtures: [{ mode: "read", name: "A", key: "ak_a" }]',
  'scenarios: { rules: [{ on: "GET /", fault: "RESET" }] }',
];

for (const [names, options] of resolutions) {
  test(`every call compiles: ${names.join(", ")}`, () => {
    assert.deepEqual(compile(names, everyCall, options), []);
  });
}

test("wrong uses do not compile", () => {
  const lines = [
    'import { startMockCapgo, type MockCapgo } from "mock-capgo";',
    "declare const mock: MockCapgo;",
    ...wrongUses.map((use) => `// @ts-expect-error\nmock.${use};`),
    ...wrongOptions.map((option) => `// @ts-expect-error\nstartMockCapgo({ ${option} });`),
  ];
  assert.deepEqual(compile(["wrong.mts"], lines.join("\n"), resolutions[0][1]), []);
});

test("publint and @arethetypeswrong/cli report nothing", async () => {
  const [platform, main] = packed;
  const cases = [
    ["publint", ["run", main, "--strict"], /All good!\n$/],
    ["publint", ["run", platform, "--strict"], /All good!\n$/],
    ["attw", [main, "--no-definitely-typed"], /No problems found/],
  ];
  const env = { ...process.env, NO_COLOR: "1" };
  for (const [tool, args, expected] of cases) {
    const { code, stdout, stderr } = await run(path.join(tools, tool), args, { env });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, expected);
  }
});
