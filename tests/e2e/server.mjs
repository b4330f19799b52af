/**
 * Runs the program under test. Each server has its own port and is stopped after the test. Every
 * wait has a time limit, and its error says what was expected.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

if (!process.env.MOCK_CAPGO) {
  throw new Error("MOCK_CAPGO is not set; give it the path of the mock-capgo to test");
}

/** The executable under test. */
export const program = path.resolve(process.env.MOCK_CAPGO);

/** The repository's root. */
export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The repository's fixture file with the keys `ak_123` (all), `ak_456` (read) and more. */
export const keysFile = path.join(repository, "fixtures", "keys.json");

/** The time limit of every wait, in milliseconds. Sanitizers are slow, and machines are shared. */
export const maxWait = 60_000;

/** A process and its output so far. */
class Running {
  stdout = "";
  stderr = "";

  constructor(command, args, options = {}) {
    this.title = [path.basename(command), ...args].join(" ");
    this.child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdin.on("error", () => {}); // It may end without reading its input.
    for (const stream of ["stdout", "stderr"]) {
      this.child[stream].setEncoding("utf8").on("data", (text) => (this[stream] += text));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject).once("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.ended.catch(() => {}); // `end` reports it.
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until the process and its output have ended. */
  end() {
    return this.withTimeout(this.ended, "its end");
  }

  /** Sends a signal and waits for the end. */
  stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.end();
  }

  /** Waits until the output on `stdout` or `stderr` matches, and returns the match. */
  async waitForOutput(stream, pattern) {
    const found = new Promise((resolve, reject) => {
      const listener = () => {
        const match = pattern.exec(this[stream]);
        if (match) resolve(match);
      };
      this.child[stream].on("data", listener);
      this.ended.then(() => reject(this.failure(`ended without ${pattern}`)), reject);
      listener();
    });
    return this.withTimeout(found, `${pattern} on ${stream}`);
  }

  failure(what) {
    return new Error(`${this.title}: ${what}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
  }

  async withTimeout(promise, what) {
    let timer;
    const timeout = new Promise((_, reject) => {
      const onTimeout = () => reject(this.failure(`waited ${maxWait / 1000} s for ${what}`));
      timer = setTimeout(onTimeout, maxWait);
    });
    return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
  }
}

const cleanUps = new WeakMap();

/** Runs an action after the test. The last one runs first, and all run even if some fail. */
export function cleanUp(t, action) {
  if (!cleanUps.has(t)) {
    cleanUps.set(t, []);
    t.after(async () => {
      const failures = [];
      for (const each of cleanUps.get(t).reverse()) {
        await Promise.resolve()
          .then(each)
          .catch((failure) => failures.push(failure));
      }
      if (failures.length > 0) throw failures[0];
    });
  }
  cleanUps.get(t).push(action);
}

/** Creates a folder that is removed after the test. */
export function newFolder(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "mock-capgo-"));
  cleanUp(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a command without waiting for its end. It is stopped after the test. */
export function start(t, command, args, options) {
  const running = new Running(command, args, options);
  cleanUp(t, async () => {
    if (!running.isRunning) return;
    await running.stop().catch((failure) => {
      running.child.kill("SIGKILL");
      throw failure;
    });
  });
  return running;
}

/**
 * Starts a server on a free port, or that of `options`, and waits until it is ready. Returns it with
 * its `url` and its `ready` line. If it still runs after the test, it must stop cleanly.
 */
export async function serve(t, args = [], { port = "0", ...options } = {}) {
  // If this process is killed, the server stops too.
  const server = start(t, program, ["--port", port, "--exit-on-stdin-close", ...args], options);
  cleanUp(t, async () => {
    if (!server.isRunning) return;
    const { code, stderr } = await server.stop();
    assert.equal(code, 0, `the server did not stop cleanly: ${stderr}`);
  });
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.ready = JSON.parse(line);
  server.url = server.ready.url;
  return server;
}

/** Starts a server with `keysFile` and a scenario `own` of these rules. */
export function serveRules(t, rules, ...options) {
  const file = path.join(newFolder(t), "own.json");
  writeFileSync(file, JSON.stringify({ rules }));
  return serve(t, ["--fixtures", keysFile, "--scenario", file, ...options]);
}

/** Runs a command and waits for its end. Returns its exit code, signal, stdout and stderr. */
export async function run(command, args, { input = "", ...options } = {}) {
  const running = new Running(command, args, options);
  running.child.stdin.end(input);
  return running.end().catch((failure) => {
    running.child.kill("SIGKILL");
    throw failure;
  });
}

export function mockCapgo(args, options) {
  return run(program, args, options);
}
