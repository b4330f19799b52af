/** A whole server: starts one, or connects to one that runs. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { createInterface } from "node:readline";

import { ControlClient } from "./control.js";
import { ControlError, StartError } from "./errors.js";
import { findExecutable } from "./executable.js";
import { type Credentials, NamedSandbox, Sandbox } from "./sandbox.js";
import type { Fixtures, ScenarioFile, State } from "./bodies.js";

/** Options of `startMockCapgo`. Those without a comment are described in docs/command-line.md. */
export interface StartOptions {
  /** Data to start with: paths of fixture files, or the data itself. Without it, the demo data. */
  fixtures?: OneOrMore<string | Fixtures>;
  /** Scenarios to activate: names of built-in ones, paths, or the scenarios themselves. */
  scenarios?: OneOrMore<string | ScenarioFile>;
  contract?: "documented" | "deployed-2026-02" | "deployed-2026-07";
  /** The time at which the clock starts. */
  now?: string | Date;
  /** Stops the clock. */
  freeze?: boolean;
  /** The same number gives the same keys and ids in each run. */
  seed?: number;
  /** Requests a minute for each key. */
  rateLimit?: "standard" | "enterprise" | number;
  /** The log goes to stderr of this process. Default: none. */
  log?: "none" | "errors" | "requests" | "debug";
  logFormat?: "text" | "json";
  logFile?: string;
  host?: string;
  /** Default: a free port. */
  port?: number;
  basePath?: string;
  storage?: "memory" | `sqlite:${string}`;
  journal?: number;
  journalOnExit?: string;
  exportOnExit?: string;
  maxSandboxes?: number;
  allowHost?: OneOrMore<string>;
  adminToken?: string;
  /** Signs the tokens of users. Default: the secret of local Supabase stacks. */
  jwtSecret?: string;
}

type OneOrMore<Value> = Value | readonly Value[];

/** Options of `connectMockCapgo`. */
export interface ConnectOptions {
  /** The --admin-token of the server. Default: MOCK_CAPGO_ADMIN_TOKEN. */
  token?: string;
}

/** What the server prints once it listens. */
interface ReadyLine {
  url: string;
  key: string | null;
  /** Only under contracts whose keys have roles. */
  user_token?: string;
}

/** How long a server may take to stop before it is killed, in milliseconds. */
const maxStopTime = 5000;

/** A running server. Its methods apply to the default sandbox. */
export class MockCapgo extends Sandbox implements AsyncDisposable {
  /** The process id; null if this process did not start the server. */
  readonly pid: number | null;
  readonly #process: ChildProcess | null;
  #stopped?: Promise<void>;

  /** @internal Use `startMockCapgo` or `connectMockCapgo`. */
  constructor(url: string, initial: Credentials, token?: string, child: ChildProcess | null = null) {
    super(url, initial, token);
    this.pid = child?.pid ?? null;
    this.#process = child;
  }

  /**
   * Returns the sandbox of this name, or a new one. It has its own keys, scenarios, clock and
   * requests, and is created on first use.
   */
  sandbox(name = `sandbox-${randomUUID().slice(0, 13)}`): NamedSandbox {
    const server = this.url.replace(/\/sandbox\/[^/]+$/, ""); // This may be a sandbox.
    return new NamedSandbox(server, name, this.initial, this.control.token);
  }

  /** Stops the server, if this process started it. Later calls have no effect. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#process ? stopProcess(this.#process) : Promise.resolve());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Starts a server, and waits until it listens. Throws a StartError with its messages otherwise. */
export async function startMockCapgo(options: StartOptions = {}): Promise<MockCapgo> {
  const executable = findExecutable();
  const folder = await mkdtemp(join(tmpdir(), "mock-capgo-"));
  try {
    const args = await toArguments(options, folder);
    const child = spawn(executable, args, { stdio: "pipe" });
    const { url, key, user_token } = await waitUntilReady(child, executable, folder);
    return new MockCapgo(url, { key, userToken: user_token ?? "" }, options.adminToken, child);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Connects to a running server.
 * @param url the URL of the server or of its control API; default: MOCK_CAPGO_ADMIN_URL, which
 *   `mock-capgo exec` sets
 */
export async function connectMockCapgo(
  url = process.env.MOCK_CAPGO_ADMIN_URL,
  { token }: ConnectOptions = {},
): Promise<MockCapgo> {
  if (!url) {
    const advice = ["pass its URL, or run this command with mock-capgo exec"];
    throw new ControlError("there is no server: MOCK_CAPGO_ADMIN_URL is not set", null, advice);
  }
  const server = url.replace(/\/+$/, "").replace(/\/__admin$/, "");
  const control = new ControlClient(`${server}/__admin`, token);
  const state = await control.call<State>("GET", "state");
  const first = state.keys.find((key) => key.mode === "all" && key.key !== null);
  const made = await control.call<{ token: string }>("POST", "tokens", { expires_in: "P10Y" });
  return new MockCapgo(server, { key: first?.key ?? null, userToken: made.token }, token);
}

function listOf<Value>(values: OneOrMore<Value> = []): readonly Value[] {
  return Array.isArray(values) ? values : [values as Value];
}

/** The command line for these options. Data is written to files in `folder`. */
async function toArguments(options: StartOptions, folder: string): Promise<string[]> {
  const { fixtures, scenarios, freeze, now, port = 0, log = "none", ...others } = options;
  const args = ["--exit-on-stdin-close", "--port", String(port), "--log", log];
  const addFiles = async (option: string, values: readonly unknown[], name: string) => {
    for (const [index, value] of values.entries()) {
      const path = join(folder, `${name}-${index + 1}.json`);
      if (typeof value !== "string") await writeFile(path, JSON.stringify(value, null, 2));
      args.push(option, typeof value === "string" ? value : path);
    }
  };
  await addFiles("--fixtures", listOf(fixtures), "fixtures");
  await addFiles("--scenario", listOf(scenarios), "scenario");
  if (freeze) args.push("--freeze");
  if (now !== undefined) args.push("--now", now instanceof Date ? now.toISOString() : now);
  for (const [name, value] of Object.entries(others)) {
    const option = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    for (const each of listOf<unknown>(value)) args.push(`--${option}`, String(each));
  }
  return args;
}

/** Waits for the ready line. After it, neither the server nor its output keeps Node.js running. */
async function waitUntilReady(
  child: ChildProcess,
  executable: string,
  folder: string,
): Promise<ReadyLine> {
  const { stdin, stdout, stderr } = child as ChildProcessWithoutNullStreams;
  let messages = "";
  const collect = (text: string) => void (messages += text);
  stderr.setEncoding("utf8").on("data", collect);
  const failed = once(child, "close").then(([code]) => {
    const text = messages.replaceAll(folder + sep, "").trim() || "it printed nothing";
    throw new StartError(`mock-capgo did not start: ${text}`, code as number | null);
  });
  const ready = once(createInterface(stdout), "line");
  const [line] = await Promise.race([ready, failed]).catch((cause) => {
    if (cause instanceof StartError) throw cause;
    const message = `cannot run ${executable}: ${(cause as Error).message}`;
    throw new StartError(message, null, [], { cause });
  });
  failed.catch(() => {});
  stderr.off("data", collect).on("data", (text: string) => process.stderr.write(text));
  child.unref();
  for (const stream of [stdin, stdout, stderr] as unknown as Socket[]) stream.unref();
  return JSON.parse(line as string) as ReadyLine;
}

/** Closes the stdin of a server, which stops it, and waits for its end and its last messages. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.ref();
  for (const stream of [child.stdout, child.stderr] as unknown as Socket[]) stream.ref();
  const timer = setTimeout(() => child.kill("SIGKILL"), maxStopTime);
  child.stdin?.end();
  await closed;
  clearTimeout(timer);
}
