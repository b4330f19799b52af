/** The details of a request: why it got its response, what was sent, and what to do with it. */
import * as address from "./address.js";
import { call, urlOf } from "./control.js";
import { button, element, find, row, time } from "./dom.js";
import { dateAndTime, duration, prettify } from "./format.js";
import { copy } from "./messages.js";
import { toCurl, toScenario, toVerification } from "./request_snippets.js";
import { editScenario } from "./scenario_editor.js";

const panel = find("#details");
let opened = null;

/** Opens the details of an entry of the journal, which has this row in the table. */
export function openDetails(entry, tableRow) {
  closeDetails();
  opened = entry;
  find("button", tableRow).ariaCurrent = "true";
  panel.replaceChildren(contentsOf(entry, findCaller(entry)));
  panel.hidden = false;
  panel.scrollTop = 0;
  panel.parentElement.classList.add("has-details");
  find("h2", panel).focus();
}

/** Closes the details, if there are any. The focus returns to the row. */
export function closeDetails() {
  if (opened === null) return;
  const button = find(`#request-list tr[data-id="${opened.id}"] button`);
  if (button) button.ariaCurrent = null;
  const hadFocus = panel.contains(document.activeElement);
  opened = null;
  panel.hidden = true;
  panel.parentElement.classList.remove("has-details");
  if (hadFocus) (button ?? find("#request-list [tabindex]")).focus();
}

/** The key that sent a request, as it is now; undefined if there is none. */
async function findCaller({ key_id: keyId }) {
  const { keys } = await call("GET", "state").catch(() => ({ keys: [] }));
  return keys.find(({ id }) => id === keyId);
}

/** `caller` is a promise of the key. */
function contentsOf(entry, caller) {
  const { method, path, query, headers, response } = entry;
  const reason = response.headers["X-Mock-Reason"];
  const kind = `status-${String(entry.status)[0]}`;
  const title = element("h2", { id: "details-title", tabindex: -1 }, `${method} ${path}`);
  return element(
    "div",
    {},
    element("div", { class: "bar" }, title, button("Close", closeDetails)),
    reason && element("p", { class: `callout ${kind}` }, element("strong", {}, "Reason: "), reason),
    actionsOf(entry, caller),
    factsOf(entry, caller),
    pairs("Query", [...new URLSearchParams(query)]),
    pairs("Request headers", Object.entries(headers)),
    bodyOf("Request body", entry),
    pairs("Response headers", Object.entries(response.headers)),
    bodyOf("Response body", response),
  );
}

function actionsOf(entry, caller) {
  const copyAsCurl = async () => {
    const { text, notes } = toCurl(entry, urlOf(address.sandbox()), await caller);
    copy(text, "the curl command", notes);
  };
  return element(
    "div",
    { class: "bar" },
    button("Copy as curl", copyAsCurl),
    button("Copy as verify", () => copy(toVerification(entry), "the call of the npm package")),
    button("Create a rule from this", () => editScenario("own", toScenario(entry))),
  );
}

function factsOf(entry, caller) {
  const { at, status, microseconds, key_id: keyId, delay_milliseconds: delay } = entry;
  const key = element("span", {}, keyId === null ? "none" : `key ${keyId}`);
  caller.then((found) => {
    const now = found ? `"${found.name}", mode ${found.mode}` : "deleted since";
    if (keyId !== null) key.append(`, ${now}`);
  });
  const facts = {
    Status: status,
    "Rejected by": entry.rejected_by,
    Rule: entry.scenario,
    Key: key,
    Time: time(at, `${dateAndTime(at)} UTC`),
    Duration: duration(microseconds),
    Delay: delay && duration(delay * 1000),
    Fault: entry.fault,
  };
  const known = Object.entries(facts).filter(([, value]) => value);
  const items = known.map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  return element("dl", {}, items.flat());
}

/** A table of names and values; nothing if there are none. */
function pairs(title, entries) {
  if (entries.length === 0) return null;
  const rows = entries.map(([name, value]) => row(0, name, value));
  const caption = element("caption", {}, title);
  return element("table", { class: "pairs" }, caption, element("tbody", {}, rows));
}

function bodyOf(title, { body, body_size: fullSize }) {
  const note = fullSize ? `, the start of ${fullSize.toLocaleString("en")} bytes` : "";
  return body && [element("h3", {}, title + note), element("pre", {}, prettify(body))];
}

document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") closeDetails();
});
