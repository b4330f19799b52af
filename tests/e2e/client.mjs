/** Clients of the service, as users have them: fetch and curl. */
import assert from "node:assert/strict";

import { patience, run } from "./server.mjs";

/**
 * Asks a server with fetch: `ask(server, "POST /apikey/", { key: "ak_123", body: { ... } })`.
 * A body that is no string is sent as JSON. Gives status, headers and the body's text.
 */
export async function ask(server, line, { key, body, headers = {} } = {}) {
  const [method, path] = line.split(" ");
  try {
    const response = await fetch(server.url + path, {
      method,
      headers: key === undefined ? headers : { authorization: key, ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (failure) {
    const why = failure.cause?.message ?? failure.message;
    throw new Error(`no answer to ${line}: ${why}; the server says: ${server.stderr}`);
  }
}

/** What the service answers when it refuses. */
export function refusal(error) {
  return JSON.stringify({ error, status: "KO" });
}

/** The keys that a caller is shown. */
export async function listKeys(server, key = "ak_123") {
  const { status, text } = await ask(server, "GET /apikey/", { key });
  assert.equal(status, 200, text);
  return JSON.parse(text).data;
}

/** Makes a key as a caller. */
export async function createKey(server, name, { mode = "read", key = "ak_123" } = {}) {
  const { status, text } = await ask(server, "POST /apikey/", { key, body: { name, mode } });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

/** Asks with curl. Gives status, headers (names in lower case) and the body's text. */
export async function curl(...args) {
  const limit = ["--max-time", String(patience / 1000)];
  const { code, stdout, stderr } = await run("curl", ["-sS", "-i", ...limit, ...args]);
  assert.equal(code, 0, `curl ${args.join(" ")}: ${stderr}`);
  const end = stdout.indexOf("\r\n\r\n");
  const [first, ...lines] = stdout.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2)));
  return { status: Number(first.split(" ")[1]), headers, text: stdout.slice(end + 4) };
}
