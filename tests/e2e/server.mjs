/**
 * What every end-to-end test needs: the program under test, a server of its own on a port of its
 * own, and an end to everything that was started. Every wait has an end and says what it was for.
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

/** How long anything may take, in milliseconds: sanitizers are slow, and machines are shared. */
export const patience = 60_000;

/** A process: what it wrote so far, and how it ended. */
export class Running {
  stdout = "";
  stderr = "";

  constructor(command, args, options = {}) {
    this.title = [path.basename(command), ...args].join(" ");
    this.child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdin.on("error", () => {}); // It may end without reading what it was sent.
    for (const stream of ["stdout", "stderr"]) {
      this.child[stream].setEncoding("utf8").on("data", (text) => (this[stream] += text));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject).once("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.ended.catch(() => {}); // Told to whoever waits for the end.
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until the process and its output have ended. */
  end() {
    return this.within(this.ended, "its end");
  }

  /** Sends a signal and waits for the end. */
  stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.end();
  }

  /** Waits until what came from `stdout` or `stderr` matches, and gives the match. */
  async sees(stream, pattern) {
    const seen = new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (match) resolve(match);
      };
      this.child[stream].on("data", look);
      this.ended.then(() => reject(this.failure(`ended without ${pattern}`)), reject);
      look();
    });
    return this.within(seen, `${pattern} on ${stream}`);
  }

  failure(what) {
    return new Error(`${this.title}: ${what}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
  }

  async within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
      const giveUp = () => reject(this.failure(`waited ${patience / 1000} s for ${what}`));
      timer = setTimeout(giveUp, patience);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }
}

const endings = new WeakMap();

/** Does something after the test, the last such thing first, and all whatever fails. */
export function afterwards(t, action) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      const failures = [];
      for (const each of endings.get(t).reverse()) {
        await Promise.resolve()
          .then(each)
          .catch((failure) => failures.push(failure));
      }
      if (failures.length > 0) throw failures[0];
    });
  }
  endings.get(t).push(action);
}

/** A new folder that is removed after the test. */
export function folderFor(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "mock-capgo-"));
  afterwards(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a command that is still running when the test goes on. Stopped after the test. */
export function start(t, command, args, options) {
  const running = new Running(command, args, options);
  afterwards(t, async () => {
    if (!running.isRunning) return;
    await running.stop().catch((failure) => {
      running.child.kill("SIGKILL");
      throw failure;
    });
  });
  return running;
}

/**
 * Starts a server on a free port and waits until it is ready: its `url` and the whole `ready` line.
 * If the test leaves it running, it must stop cleanly at the end.
 */
export async function serve(t, args = [], options = {}) {
  // Should this process be killed, the server sees its standard input end, and stops.
  const server = start(t, program, ["--port", "0", "--exit-on-stdin-close", ...args], options);
  afterwards(t, async () => {
    if (!server.isRunning) return;
    const { code, stderr } = await server.stop();
    assert.equal(code, 0, `the server did not stop cleanly: ${stderr}`);
  });
  const [line] = await server.sees("stdout", /^.*\n/);
  server.ready = JSON.parse(line);
  server.url = server.ready.url;
  return server;
}

/** Writes a scenario of these rules, named `own`, and gives its file. */
export function scenarioFile(t, rules) {
  const file = path.join(folderFor(t), "own.json");
  writeFileSync(file, JSON.stringify({ rules }));
  return file;
}

/** A server with the usual keys and a scenario of these rules. */
export function serveRules(t, rules, ...options) {
  return serve(t, ["--fixtures", keysFile, "--scenario", scenarioFile(t, rules), ...options]);
}

/** Runs a command to its end. Gives its exit code, signal, stdout and stderr. */
export async function run(command, args, { input = "", ...options } = {}) {
  const running = new Running(command, args, options);
  running.child.stdin.end(input);
  return running.end().catch((failure) => {
    running.child.kill("SIGKILL");
    throw failure;
  });
}

/** Runs mock-capgo to its end. */
export function mockCapgo(args, options) {
  return run(program, args, options);
}
