/** The table of the public API calls that a key may make. */
import { call, scenarioPath } from "./control.js";
import { addTable, find, onSubmit, row, tag } from "./dom.js";
import { perform } from "./messages.js";

const panel = find("#key-calls");
const form = find("form", panel);
const rows = addTable(find("#key-call-list"), "Public API calls", ["Call", "Allowed", "Reason"]);
let selected = null;

/** Hides the table. */
export function hideCalls() {
  selected = null;
  panel.hidden = true;
}

/** Shows the calls of a key. */
export async function showCalls(key) {
  selected = key;
  await check();
  panel.hidden = false;
  find("h3", panel).textContent = `Calls that key ${key.id}, "${key.name}", may make`;
  find("h3", panel).focus();
}

async function check() {
  const key = selected;
  const app = form.elements.app.value.trim() || undefined;
  await perform(async () => {
    const decide = async (on) => {
      const action = { key_id: key.id, call: on, app_id: app };
      return { on, ...(await call("POST", "authorize", action)) };
    };
    const decisions = await Promise.all((await guardedCalls()).map(decide));
    if (key !== selected) return;
    const none = row(0, "No active rule checks the caller.", "", "");
    rows.replaceChildren(...(decisions.length > 0 ? decisions.map(createRow) : [none]));
  });
}

function createRow({ on, allowed, reason }) {
  return row(0, on, allowed ? tag("allowed", "yes") : tag("denied", "no"), reason);
}

/** The `on` of the rules that check the caller: those of the public API and of active scenarios. */
async function guardedCalls() {
  const { scenarios, built_in: builtIn } = await call("GET", "scenarios");
  const names = new Set(scenarios.map(({ name }) => name));
  if (builtIn.includes("public-api")) names.add("public-api");
  const files = await Promise.all([...names].map((name) => call("GET", scenarioPath(name))));
  const guarded = files.flatMap(({ rules }) => rules).filter(({ requires }) => requires);
  return [...new Set(guarded.map(({ on }) => on))];
}

onSubmit(form, check);
