/** The view of the keys: what they may do; adding and deleting them. */
import { call } from "./control.js";
import { addTable, button, element, find, onSubmit, row, time, updateList } from "./dom.js";
import { dateAndTime, relative } from "./format.js";
import { hideCalls, showCalls } from "./key_calls.js";
import { copy, perform } from "./messages.js";

const columns = ["Id", "Name", "Mode", "Limits", "Created", "Expires", "Secret", "Actions"];
const rows = addTable(find("#key-list"), "Keys", columns);

/** Called when the view opens. */
export function show() {
  hideCalls();
  find("#new-secret").hidden = true;
  // Elsewhere than on HTTPS and loopback addresses, browsers cannot hash.
  find("#add-key .check").hidden = !isSecureContext;
}

/** Shows the keys as they are now. */
export async function poll() {
  const [{ keys }, { now }] = await Promise.all([call("GET", "state"), call("GET", "clock")]);
  // With that text, so that a row changes when the text does.
  const items = keys.map((key) => ({ ...key, expires: expirationOf(key, new Date(now)) }));
  updateList(rows, items, ({ id }) => id, createRow);
}

function expirationOf({ expires_at: expiresAt }, now) {
  if (!expiresAt) return "never";
  const date = new Date(expiresAt);
  return date < now ? `expired ${relative(date, now)}` : relative(date, now);
}

function createRow(key) {
  const { id, name, mode, created_at: createdAt, expires_at: expiresAt, expires } = key;
  return row(
    1,
    id,
    name,
    mode,
    limitsOf(key),
    time(createdAt, dateAndTime(createdAt)),
    expiresAt ? time(expiresAt, expires) : expires,
    secretOf(key),
    [
      button("Calls", () => showCalls(key), `Calls of key ${id}`),
      button("Delete", () => deleteKey(key), `Delete key ${id}`),
    ],
  );
}

function limitsOf({ limited_to_apps: apps, limited_to_orgs: orgs }) {
  const limits = [apps && `apps ${apps.join(", ")}`, orgs && `organizations ${orgs.join(", ")}`];
  return limits.filter(Boolean).join("; ") || "none";
}

function secretOf({ id, key, key_hash: hash }) {
  if (!key) return hash ? "hashed" : "unknown";
  const what = `the secret of key ${id}`;
  return [element("code", {}, key), button("Copy", () => copy(key, what), `Copy ${what}`)];
}

async function deleteKey({ id, name }) {
  if (!confirm(`Delete key ${id}, "${name}"?`)) return;
  await perform(async () => {
    await call("DELETE", `keys/${id}`);
    hideCalls();
    await poll();
  }, `Deleted key ${id}.`);
}

/** `com.demo.app, com.other` as a list; undefined if it is empty. */
function listOf(text) {
  const items = text.split(",").map((item) => item.trim()).filter(Boolean);
  return items.length > 0 ? items : undefined;
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hex(new Uint8Array(digest));
}

onSubmit(find("#add-key"), async ({ name, mode, apps, orgs, expires, hashed }, form) => {
  const key = {
    name,
    mode,
    limited_to_apps: listOf(apps),
    limited_to_orgs: listOf(orgs),
    expires_at: expires || undefined,
  };
  // A secret that the server makes is stored.
  const secret = `ak_${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
  await perform(async () => {
    if (hashed) key.key_hash = await sha256(secret);
    const { id } = await call("POST", "keys", key);
    form.reset();
    const output = find("#new-secret");
    output.hidden = !hashed;
    find("code", output).textContent = secret;
    find("button", output).onclick = () => copy(secret, `the secret of key ${id}`);
    await poll();
  }, "Added the key.");
});
