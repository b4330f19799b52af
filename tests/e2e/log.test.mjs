/** The log on stderr never holds up an answer or the end, whoever reads it or not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";

import { assertWithin, connect, listKeys, request, seesList } from "./client.mjs";
import { keysFile, program, serve, start } from "./server.mjs";

const total = 400;
/** A query that makes each line of the log this long: all of them are thrice what is kept. */
const padding = "x".repeat(8000);

/** A server whose log nobody reads, after many answers with long lines in the log. */
async function serveUnread(t) {
  const server = await serve(t, ["--fixtures", keysFile]);
  server.child.stderr.pause();
  const wire = await connect(t, server);
  for (let number = 0; number < total; ++number) {
    wire.send(request(`GET /apikey/?n=${number}&${padding}`));
    await seesList(wire);
  }
  return server;
}

test("a burst of lines is told whole at once, though no request follows it", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const wire = await connect(t, server);
  wire.send(request("GET /apikey/").repeat(2000));
  for (let i = 0; i < 2000; ++i) await seesList(wire);
  await server.sees("stderr", /^(GET \/apikey\/ 200\n){2000}$/);
});

test("a log that nobody reads holds up no answer, and tells later what it lost", async (t) => {
  const server = await serveUnread(t);
  server.child.stderr.resume();
  await server.sees("stderr", /lines of this log were dropped/);
  await listKeys(server);
  await server.sees("stderr", /^GET \/apikey\/ 200\n/m);

  const lines = server.stderr.trimEnd().split("\n");
  const told = lines.map((line) => {
    const [, number] = /^GET \/apikey\/\?n=(\d+)&x{8000} 200$/.exec(line) ?? [];
    return number === undefined ? line : Number(number);
  });
  const kept = told.filter((each) => typeof each === "number");
  const [note, last, ...others] = told.filter((each) => typeof each === "string");
  const missing = total - kept.length;
  const dropped = `mock-capgo: ${missing} lines of this log were dropped, because nothing read it`;
  assert.deepEqual([note, last, others], [dropped, "GET /apikey/ 200", []]);
  assert.deepEqual(
    kept,
    [...kept].sort((a, b) => a - b),
    "the lines are out of order",
  );
  // What is kept in memory, and what the pipe and its reader held.
  assertWithin((kept.length * padding.length) / 1024, 1000, 2048, "KiB of log kept");
});

test("a log that nobody reads does not hold up the end", async (t) => {
  const server = await serveUnread(t);
  const begin = performance.now();
  server.child.kill("SIGTERM");
  const [code] = await server.within(once(server.child, "exit"), "the exit");
  assertWithin(performance.now() - begin, 0, 2500, "ms until the end");
  assert.equal(code, 0);
  server.child.stderr.resume();
  await server.end();
});

test("a log whose reader has gone holds up nothing", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  server.child.stderr.destroy();
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});

test("a log that cannot be written holds up nothing", async (t) => {
  const shell = ["-c", 'exec "$0" "$@" 2>/dev/full', program];
  const options = ["--port", "0", "--exit-on-stdin-close", "--fixtures", keysFile];
  const server = start(t, "sh", [...shell, ...options]);
  const [line] = await server.sees("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  for (let i = 0; i < 3; ++i) assert.equal((await listKeys(server)).length, 4);
  assert.equal((await server.stop()).code, 0);
});
