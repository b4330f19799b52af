/** The log on stderr: its lines of text and of JSON, read as strictly as they are meant. */
import assert from "node:assert/strict";

const textLine =
  /^\d\d:\d\d:\d\d\.\d{3} {2}(\S+) +(\S+) +(\S+) +(\d{3}) {2}(.+?) {2,}(\d+)us(?: {2}(\S.*))?$/;

/**
 * A line of text in its columns but for the time: sandbox, method, path, status, what decided,
 * microseconds, and the reason (undefined if there is none).
 */
export function columnsOf(line) {
  const match = textLine.exec(line);
  assert.ok(match, `this is no line of the log: ${line}`);
  const [, sandbox, method, path, status, decided, microseconds, reason] = match;
  const numbers = { status: Number(status), microseconds: Number(microseconds) };
  return { sandbox, method, path, decided, reason, ...numbers };
}

/**
 * The lines of a server's log without its times and with single blanks:
 * `- DELETE /apikey/3 403 require_mode_all key 2 has mode "read"`. Notices are as they are.
 */
export function toldLines({ stderr }) {
  assert.ok(stderr === "" || stderr.endsWith("\n"), `the last line is not whole: ${stderr}`);
  const lines = stderr.split("\n").slice(0, -1);
  return lines.map((line) => {
    if (line.startsWith("mock-capgo: ")) return line;
    const { sandbox, method, path, status, decided, reason } = columnsOf(line);
    return [sandbox, method, path, status, decided, ...(reason ? [reason] : [])].join(" ");
  });
}

/** The whole lines of JSON in a server's log: objects. */
export function toldObjects({ stderr }) {
  const whole = stderr.slice(0, stderr.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Waits until a server's log has so many lines. */
export function seesLines(server, count) {
  return server.sees("stderr", new RegExp(`^(.*\\n){${count}}`));
}
