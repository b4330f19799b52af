/** The picker and the view of the sandboxes. */
import * as address from "./address.js";
import { call, pending, urlOf } from "./control.js";
import { addTable, button, element, find, onClick, onSubmit, row, updateList } from "./dom.js";
import { perform } from "./messages.js";

const picker = find("#sandbox");
const missing = find("#missing");
const rows = addTable(find("#sandbox-list"), "Sandboxes", ["Name", "URL", "Requests", "Actions"]);

/** Updates the sandboxes. Returns whether the selected one exists; other calls would create it. */
export async function refresh() {
  const { sandboxes } = await call("GET", "sandboxes", undefined, "");
  const all = [{ name: "" }, ...sandboxes];
  const selected = address.sandbox();
  const exists = all.some(({ name }) => name === selected);
  updateList(picker, all.map(({ name }) => name), String, createOption);
  if (document.activeElement !== picker) picker.value = selected;
  updateList(rows, all, ({ name }) => name, createRow);
  missing.hidden = exists;
  find("h2", missing).textContent = `There is no sandbox "${selected}"`;
  find("main").classList.toggle("is-missing", !exists);
  return exists;
}

function createOption(name) {
  return element("option", { value: name }, name || "default");
}

function createRow({ name, requests = "" }) {
  const title = name || "default";
  const link = element("a", { href: address.link("requests", { sandbox: name }) }, title);
  return row(0, link, element("code", {}, urlOf(name)), requests, [
    button("Reset", () => reset(name), `Reset ${title}`),
    name !== "" && button("Delete", () => remove(name), `Delete ${title}`),
  ]);
}

async function reset(name) {
  const title = name ? `sandbox "${name}"` : "the default sandbox";
  if (!confirm(`Reset ${title}? It becomes as it was at the start, without requests.`)) return;
  await perform(() => call("POST", "reset", undefined, name), `Reset ${title}.`);
}

async function remove(name) {
  if (!confirm(`Delete sandbox "${name}", with its keys and requests?`)) return;
  await perform(async () => {
    if (address.sandbox() === name) address.go("sandboxes", { sandbox: "" });
    await pending; // A call in progress would create it again.
    await call("DELETE", `sandboxes/${encodeURIComponent(name)}`, undefined, "");
    await refresh();
  }, `Deleted sandbox ${name}.`);
}

async function create(name) {
  return perform(async () => {
    const created = await call("POST", "sandboxes", name ? { name } : undefined, "");
    address.go(address.view(), { sandbox: created.name });
    await refresh();
  }, "Created the sandbox.");
}

async function download() {
  await perform(async () => {
    const state = JSON.stringify(await call("GET", "state"), null, 2);
    const url = URL.createObjectURL(new Blob([state], { type: "application/json" }));
    element("a", { href: url, download: `${address.sandbox() || "mock-capgo"}.json` }).click();
    URL.revokeObjectURL(url);
  });
}

picker.addEventListener("change", () => address.go(address.view(), { sandbox: picker.value }));
onClick("#missing button", () => create(address.sandbox()));
onClick("#download-state", download);
find("#upload-state").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  await perform(async () => call("PUT", "state", await file.text()), `Replaced the state.`);
  target.value = "";
});
onSubmit(find("#create-sandbox"), async ({ name }, form) => {
  if (await create(name.trim())) form.reset();
});
