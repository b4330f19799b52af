/** Starts the console: shows what the address selects, and polls the server while it is visible. */
import * as address from "./address.js";
import * as clock from "./clock.js";
import { find } from "./dom.js";
import * as keys from "./keys.js";
import { showError, showMessage } from "./messages.js";
import * as requests from "./requests.js";
import * as sandboxes from "./sandboxes.js";
import * as scenarios from "./scenarios.js";

/** Views may have `show`, for when they open, and `poll`, which gets what is new. */
const views = { requests, keys, scenarios, clock, sandboxes };
const interval = 500;
const maxInterval = 8000;

let current = null;
let failures = 0;
let timer = null;
let isPolling = false;
let polls = 0;

function showAddress() {
  const view = address.view();
  const selected = `${address.sandbox()}\n${view}`;
  for (const name of Object.keys(views)) {
    const link = find(`nav [href^="#${name}"]`);
    link.href = address.link(name);
    link.ariaCurrent = name === view ? "page" : null;
    find(`#view-${name}`).hidden = name !== view;
  }
  if (current !== null && current !== selected) showMessage("");
  current = selected;
  polls = 0;
  requests.select();
  views[view].show?.();
  pollNow();
}

async function poll() {
  if (!(await sandboxes.refresh())) return;
  const view = views[address.view()];
  await requests.poll();
  // The other views are polled half as often.
  if (view !== requests && polls++ % 2 === 0) await view.poll?.();
}

/** Polls, and again later. One poll runs at a time. */
async function pollNow() {
  clearTimeout(timer);
  if (isPolling || document.visibilityState !== "visible") return;
  isPolling = true;
  try {
    await poll();
    if (failures > 0) showMessage("The server answers again.");
    failures = 0;
  } catch (error) {
    if (error.status === 0) {
      ++failures;
      showMessage("No answer from the server; trying again.", [], "error");
    } else {
      showError(error);
    }
  }
  isPolling = false;
  timer = setTimeout(pollNow, Math.min(interval * 2 ** failures, maxInterval));
}

window.addEventListener("hashchange", showAddress);
document.addEventListener("visibilitychange", pollNow);
showAddress();
