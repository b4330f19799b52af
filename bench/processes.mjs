/** Processes and folders of the benchmark, which are removed when it ends. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const repository = fileURLToPath(new URL("../", import.meta.url));

const folder = mkdtempSync(path.join(tmpdir(), "mock-capgo-bench-"));
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.on(signal, () => process.exit(128 + number));
}

/** Creates a folder that is removed at the end. */
export function newFolder() {
  return mkdtempSync(path.join(folder, "place-"));
}

/** Starts a command. `child.ended` is a promise of its exit code, or of the signal that ended it. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.ended = new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve(code ?? signal));
  }).finally(() => running.delete(child));
  child.ended.catch(() => {}); // Reported when `ended` is awaited.
  return child;
}

/** Stops a process, by force after 10 seconds. */
export async function stop(child) {
  child.kill();
  const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await child.ended;
  clearTimeout(force);
}

/**
 * Runs a command that must succeed, and returns its stdout. It is killed after `maxWait` seconds,
 * and gets a SIGINT after `interruptAfter` seconds.
 */
export async function output(command, args, { maxWait = 60, interruptAfter } = {}) {
  const child = start(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const written = { stdout: "", stderr: "" };
  for (const stream of Object.keys(written)) {
    child[stream].setEncoding("utf8").on("data", (text) => (written[stream] += text));
  }
  const timers = [setTimeout(() => child.kill("SIGKILL"), maxWait * 1000)];
  if (interruptAfter) timers.push(setTimeout(() => child.kill("SIGINT"), interruptAfter * 1000));
  const end = await child.ended;
  timers.forEach(clearTimeout);
  if (end !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${end}: ${written.stderr}`);
  return written.stdout || written.stderr; // nginx prints its version to stderr.
}

/** The resident memory of a process and its children, in MB of 1,000,000 bytes. */
export async function residentMemory({ pid: process }) {
  const processes = (await output("ps", ["-A", "-o", "pid=,ppid=,rss="]))
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const own = processes.filter(([pid, parent]) => [pid, parent].includes(process));
  return own.reduce((sum, [, , kilobytes]) => sum + kilobytes * 1024, 0) / 1e6;
}
