/** Reports results and errors, and copies to the clipboard. */
import { button, element, find } from "./dom.js";

const region = find("#status");
let current = "";

/** Shows a result or an error in the status region; an empty text clears it. */
export function showMessage(text, details = [], kind = "result") {
  const content = JSON.stringify([text, details, kind]);
  if (content === current) return; // Screen readers would repeat it.
  current = content;
  region.replaceChildren();
  if (!text) return;
  const items = details.map((detail) => element("li", {}, detail));
  const dismiss = button("Dismiss", () => showMessage(""));
  const message = element("div", {}, text, items.length > 0 && element("ul", {}, items));
  region.append(element("div", { class: `message ${kind}` }, message, dismiss));
}

/** Shows why a control call failed. */
export function showError(error) {
  showMessage(error.message, error.details, "error");
}

/** Does something, and shows `result`, or the error. Returns whether it succeeded. */
export async function perform(action, result = "") {
  try {
    await action();
    showMessage(result);
    return true;
  } catch (error) {
    showError(error);
    return false;
  }
}

/** Copies a text. `notes` are what the user should know about it. */
export async function copy(text, what, notes = []) {
  try {
    await navigator.clipboard.writeText(text);
    showMessage(`Copied ${what}.`, notes);
  } catch {
    // Browsers have no clipboard outside HTTPS and loopback addresses.
    showMessage(`The browser cannot copy ${what}. Here it is:`, [text, ...notes], "error");
  }
}
