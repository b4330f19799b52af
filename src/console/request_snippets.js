/** Turns a recorded request into a curl command, a scenario, and a verification. */
import { parseJson } from "./format.js";

/** Headers that curl sets itself. */
const headersOfCurl = ["host", "content-length", "connection", "transfer-encoding"];

/** A word of a POSIX shell. In single quotes, every character stands for itself. */
export function quote(word) {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The curl command that repeats a request.
 * @param url that of the sandbox
 * @param key the caller's key, if it still exists
 * @returns the `text`, and `notes` on what it leaves out
 */
export function toCurl(entry, url, key) {
  const { method, path, query, headers, body, body_size: fullSize } = entry;
  const notes = [];
  const words = ["curl"];
  const target = url + encodePath(path) + (query ? `?${query}` : "");
  if (/\/\.\.?(\/|$)/.test(path)) words.push("--path-as-is");
  if (/[[\]{}]/.test(target)) words.push("--globoff");
  if (method === "HEAD") words.push("--head");
  else if (method !== (body ? "POST" : "GET")) words.push("-X", method);
  words.push(target);
  for (const [name, value] of Object.entries(headers)) {
    if (headersOfCurl.includes(name.toLowerCase())) continue;
    const restored = restoreSecret(value, key);
    if (restored.endsWith("...")) notes.push(`Complete ${name}; the journal has its start only.`);
    words.push("-H", restored ? `${name}: ${restored}` : `${name};`);
  }
  // Without this, curl adds a type.
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  if (body && !hasType) words.push("-H", "content-type:");
  if (fullSize) notes.push(`The journal has only the start of the body of ${fullSize} bytes.`);
  const command = words.map(quote).join(" ");
  if (!body) return { text: command, notes };
  if (!body.includes("\0")) return { text: `${command} --data-raw ${quote(body)}`, notes };
  // An argument cannot have a NUL.
  const escaped = body.replaceAll("\\", "\\\\").replaceAll("\0", "\\0000");
  return { text: `printf %b ${quote(escaped)} | ${command} --data-binary @-`, notes };
}

/** Encodes a path of the journal, where only these escapes are not decoded. */
function encodePath(path) {
  const encoded = encodeURI(path).replaceAll(/%25(?=2F|25|2A|3A)/g, "%");
  return encoded.replaceAll("?", "%3F").replaceAll("#", "%23");
}

/** A header's value. If it was redacted, and is that of the key, the key's secret. */
function restoreSecret(value, key) {
  if (!value.endsWith("...") || !key?.key) return value;
  const start = value.slice(0, -3);
  return [key.key, `Bearer ${key.key}`].find((full) => full.startsWith(start)) ?? value;
}

/** The `on` and `match` of requests like this one. */
function toPattern({ method, path, query, body, body_size: fullSize }) {
  const id = /^\/apikey\/([^/]+)\/?$/.exec(path)?.[1];
  const match = {};
  if (id) match.id = /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id;
  if (query) match.query = Object.fromEntries(new URLSearchParams(query));
  if (!fullSize) match.body = parseJson(body);
  const on = `${method} ${id ? "/apikey/:id/" : encodePath(path)}`;
  return Object.values(match).some((value) => value !== undefined) ? { on, match } : { on };
}

/** A scenario that answers requests like this one as it was answered. */
export function toScenario(entry) {
  return { rules: [{ ...toPattern(entry), ...effectOf(entry) }] };
}

function effectOf({ status, response, fault }) {
  if (fault) return { fault };
  const reason = response.headers["X-Mock-Reason"];
  const error = /^(?:scenario .*|X-Mock-Scenario): error (\w+)$/.exec(reason)?.[1];
  if (error) return { error };
  const body = parseJson(response.body) ?? (response.body || undefined);
  return { respond: { status, body } };
}

/** A call of the npm package: it checks that there was one such request. */
export function toVerification(entry) {
  const expectation = { ...toPattern(entry), status: entry.status, count: { exactly: 1 } };
  return `await mock.verify(${JSON.stringify(expectation, null, 2)});`;
}
