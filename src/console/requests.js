/** The view of the requests: a table that grows while requests arrive, and its filters. */
import * as address from "./address.js";
import { call, urlOf } from "./control.js";
import { addTable, button, element, find, onClick, row, tag, time } from "./dom.js";
import { count, dateAndTime, duration } from "./format.js";
import { copy } from "./messages.js";
import { closeDetails, openDetails } from "./request_details.js";
import { quote } from "./request_snippets.js";

/** How many requests the page keeps, and how many of them the table shows. */
const maxEntries = 1000;
const maxRows = 200;
/** In milliseconds. */
const announceEvery = 2000;

const columns = ["Time", "Method", "Path", "Status", "Decided by", "Duration"];
const rows = addTable(find("#request-list"), "Requests, newest first", columns);
const filters = find("#filters");
const pause = find("#pause");

/** The newest requests of the journal, newest last. */
let entries = [];
/** Where they are from: the sandbox, and whether they are OPTIONS requests. */
let source = null;
let isLoaded = false;
let unannounced = 0;
let announcedAt = -Infinity;

/** Shows what the address selects: a sandbox and filters. */
export function select() {
  for (const input of filters.elements) {
    if (input.type === "checkbox") input.checked = address.field(input.name) !== "";
    else input.value = address.field(input.name);
  }
  const selected = `${address.sandbox()} ${wantsOptions()}`;
  if (selected === source) return renderAll();
  source = selected;
  closeDetails();
  restart();
}

/** Gets the requests since the last poll, and adds them to the table. */
export async function poll() {
  if (pause.ariaPressed === "true") return;
  const from = source;
  // Asks for the last known request again. Without it, the journal was cleared or starts over, or
  // more requests arrived than it keeps.
  const last = entries.at(-1);
  let added = await fetchSince(last ? last.id - 1 : 0);
  if (last && JSON.stringify(added.shift()) !== JSON.stringify(last)) {
    added = await fetchSince(0);
    if (from === source) restart();
  }
  // Another sandbox may have been selected meanwhile.
  if (from === source) add(added);
}

/** Whether the journal's OPTIONS requests are shown, which it otherwise leaves out. */
function wantsOptions() {
  return address.field("method") === "OPTIONS";
}

async function fetchSince(id) {
  const method = wantsOptions() ? "&method=OPTIONS" : "";
  const path = `requests?since=${id}&limit=${maxEntries}${method}`;
  return (await call("GET", path)).requests;
}

function restart() {
  entries = [];
  isLoaded = false;
  unannounced = 0;
  pause.ariaPressed = "false";
  renderAll();
}

function add(added) {
  const matching = added.filter(matches);
  if (isLoaded) announce(matching.length);
  if (isLoaded && added.length === 0) return;
  isLoaded = true;
  entries.push(...added);
  entries.splice(0, entries.length - maxEntries);
  prependRows(matching);
  renderNotes();
}

function matches({ status, method, path, rejected_by: rejectedBy }) {
  const wanted = filters.elements;
  return (
    String(status).startsWith(wanted.status.value) &&
    (!wanted.method.value || method === wanted.method.value) &&
    path.includes(wanted.path.value) &&
    (!wanted.rejected.checked || rejectedBy !== null || status >= 400)
  );
}

function renderAll() {
  rows.replaceChildren();
  prependRows(entries.filter(matches));
  renderNotes();
}

/** Adds rows at the top, the last entry first, and removes rows at the bottom. */
function prependRows(added) {
  rows.prepend(...added.slice(-maxRows).reverse().map(createRow));
  while (rows.rows.length > maxRows) {
    const hadFocus = rows.lastElementChild.contains(document.activeElement);
    rows.lastElementChild.remove();
    if (hadFocus) find("button", rows.lastElementChild).focus();
  }
}

function createRow(entry) {
  const { id, at, method, path, query, status, rejected_by: rejectedBy, scenario, fault } = entry;
  const { microseconds, delay_milliseconds: delay = 0 } = entry;
  const [date, clock] = dateAndTime(at).split(" ");
  const milliseconds = /\.\d{3}/.exec(at)?.[0] ?? ".000";
  const target = query ? `${path}?${query}` : path;
  const created = row(
    2,
    time(at, element("span", { class: "date" }, `${date} `), clock + milliseconds),
    method,
    button(target, () => openDetails(entry, created)),
    tag(`status-${String(status)[0]}`, fault ?? status),
    scenario ?? rejectedBy ?? "",
    duration(microseconds + delay * 1000),
  );
  created.dataset.id = id;
  return created;
}

function renderNotes() {
  const matching = entries.filter(matches).length;
  find("#no-requests").hidden = entries.length > 0 || !isLoaded;
  find("#no-matches").hidden = entries.length === 0 || matching > 0;
  find("#request-list").hidden = matching === 0;
  const notes = [];
  if (matching > maxRows) notes.push(`${count(matching - maxRows, "older request")} not shown.`);
  if (entries.length === maxEntries) notes.push(`The newest ${maxEntries} were loaded.`);
  find("#more-requests").textContent = notes.join(" ");
  if (entries.length === 0 && isLoaded) renderExample();
}

function announce(added) {
  unannounced += added;
  if (unannounced === 0 || performance.now() - announcedAt < announceEvery) return;
  find("#announcement").textContent = count(unannounced, "new request");
  announcedAt = performance.now();
  unannounced = 0;
}

/** A request to try, with a key of the sandbox. */
async function renderExample() {
  const { keys } = await call("GET", "state").catch(() => ({ keys: [] }));
  const usable = keys.filter(({ key }) => key);
  const { key } = usable.find(({ mode }) => mode === "all") ?? usable[0] ?? { key: "KEY" };
  const url = `${urlOf(address.sandbox())}/apikey/`;
  find("#example").textContent = `curl -H ${quote(`authorization: ${key}`)} ${quote(url)}`;
}

filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("input", () => {
  address.setFields({ rejected: "", ...Object.fromEntries(new FormData(filters)) });
  select();
});
// The arrow keys move the focus between rows.
rows.addEventListener("keydown", (event) => {
  const to = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = to && event.target.closest("tr")[to];
  if (!next) return;
  event.preventDefault();
  find("button", next).focus();
});
onClick("#pause", () => {
  pause.ariaPressed = pause.ariaPressed !== "true";
});
onClick("#copy-example", () => {
  copy(find("#example").textContent, "the command");
});
