/** The view of the sandbox's clock. */
import { call } from "./control.js";
import { find, onClick, onSubmit } from "./dom.js";
import { dateAndTime } from "./format.js";
import { perform } from "./messages.js";

const input = find("#set-clock").elements.now;
const output = find("#now");

/** The last answer: the sandbox's time, in milliseconds, and when it was that. */
let time = null;

/** Called when the view opens. */
export function show() {
  input.value = "";
}

/** Shows the time as it is now. */
export async function poll() {
  display(await call("GET", "clock"));
}

function display({ now, frozen }) {
  time = { now: Date.parse(now), frozen, at: performance.now() };
  find("#frozen").textContent = frozen ? "frozen" : "running";
  find("#freeze").textContent = frozen ? "Unfreeze" : "Freeze";
  input.value ||= now.replace(/\.\d+/, "");
  tick();
}

/** Shows the time between two polls. */
function tick() {
  if (time === null) return;
  const passed = time.frozen ? 0 : performance.now() - time.at;
  const now = new Date(time.now + passed).toISOString();
  output.textContent = `${dateAndTime(now)} UTC`;
  output.dateTime = now;
}

function change(method, path, body) {
  return perform(async () => display(await call(method, path, body)));
}

for (const control of document.querySelectorAll("[data-advance]")) {
  const by = control.dataset.advance;
  control.addEventListener("click", () => change("POST", "clock/advance", { by }));
}
onClick("#freeze", () => change("PUT", "clock", { frozen: !time?.frozen }));
onClick("#reset-clock", () => {
  change("PUT", "clock", { now: new Date().toISOString(), frozen: false });
});
onSubmit(find("#set-clock"), ({ now }) => change("PUT", "clock", { now }));
setInterval(tick, 200);
