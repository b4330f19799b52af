/** Parses the log on stderr, as text and as JSON. */
import assert from "node:assert/strict";

const textLine =
  /^\d\d:\d\d:\d\d\.\d{3} {2}(\S+) +(\S+) +(\S+) +(\d{3}) {2}(.+?) {2,}(\d+)us(?: {2}(\S.*))?$/;

/** The columns of a text line, except the time. `decided` is the step or rule. */
export function parseTextLine(line) {
  const match = textLine.exec(line);
  assert.ok(match, `not a log line: ${line}`);
  const [, sandbox, method, path, status, decided, microseconds, reason] = match;
  const numbers = { status: Number(status), microseconds: Number(microseconds) };
  return { sandbox, method, path, decided, reason, ...numbers };
}

/**
 * The lines of a server's log without times and with single spaces, such as
 * `- DELETE /apikey/3 403 require_mode_all key 2 has mode "read"`. Notices are unchanged.
 */
export function logLines({ stderr }) {
  assert.ok(stderr === "" || stderr.endsWith("\n"), `the last line is incomplete: ${stderr}`);
  const lines = stderr.split("\n").slice(0, -1);
  return lines.map((line) => {
    if (line.startsWith("mock-capgo: ")) return line;
    const { sandbox, method, path, status, decided, reason } = parseTextLine(line);
    return [sandbox, method, path, status, decided, ...(reason ? [reason] : [])].join(" ");
  });
}

/** The objects of a server's JSON log. An incomplete last line is ignored. */
export function logObjects({ stderr }) {
  const lines = stderr.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Waits until a server's log has this many lines. */
export function waitForLines(server, count) {
  return server.waitForOutput("stderr", new RegExp(`^(.*\\n){${count}}`));
}
