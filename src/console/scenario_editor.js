/** The editor of scenarios, which shows the server's messages next to the faulty lines. */
import * as address from "./address.js";
import { call, scenarioPath } from "./control.js";
import { button, element, find, onSubmit } from "./dom.js";
import { perform } from "./messages.js";

const form = find("#editor");
const input = find("#editor-text");
const lines = find("#editor-lines");
const notes = find("#editor-notes");
const list = find("#editor-problems");
const example = { rules: [{ on: "POST /apikey/", times: 1, error: "permission_denied" }] };

/** Opens the editor with a scenario. */
export function editScenario(name, scenario) {
  fill(name, scenario);
  address.go("scenarios");
  // The view opens first.
  setTimeout(() => find("#editor-title").focus());
}

function fill(name, scenario) {
  form.elements.name.value = name;
  input.value = JSON.stringify(scenario, null, 2);
  showProblems([]);
}

/** Shows problems such as `body:3:29: /rules/0/on: what is wrong`; some have no line. */
function showProblems(problems) {
  const parsed = problems.map((problem) => {
    const [, line, column, message] = /^body:(\d+):(\d+): (.*)$/s.exec(problem) ?? [];
    return line ? { line: Number(line), column: Number(column), message } : { message: problem };
  });
  input.setAttribute("aria-invalid", parsed.length > 0);
  list.replaceChildren(...parsed.map(createProblem));
  renderLines(parsed);
}

function createProblem({ line, column, message }) {
  if (!line) return element("li", {}, message);
  const go = button(`Line ${line}, column ${column}`, () => moveCursor(line, column));
  return element("li", {}, go, ` ${message}`);
}

/** The numbers beside the text, and the messages behind the faulty lines. */
function renderLines(problems = []) {
  const all = input.value.split("\n");
  input.rows = Math.max(all.length, 10);
  const messagesOf = (index) =>
    problems.filter(({ line }) => line === index + 1).map(({ message }) => message);
  const number = (_, index) =>
    element("div", { class: messagesOf(index).length > 0 ? "faulty" : "" }, index + 1);
  // The text of the line takes up its room, invisibly.
  const note = (text, index) =>
    element("div", {}, element("span", {}, text), messagesOf(index).join("; "));
  lines.replaceChildren(...all.map(number));
  notes.replaceChildren(...all.map(note));
}

function moveCursor(line, column) {
  const before = input.value.split("\n").slice(0, line - 1);
  const offset = before.reduce((sum, { length }) => sum + length + 1, column - 1);
  input.focus();
  input.setSelectionRange(offset, offset);
  lines.children[line - 1]?.scrollIntoView({ block: "nearest" });
}

input.addEventListener("input", () => renderLines());
input.addEventListener("scroll", () => {
  notes.style.transform = `translateX(${-input.scrollLeft}px)`;
});
onSubmit(form, async ({ name, text }) => {
  const activate = async () => {
    await call("PUT", scenarioPath(name), text).catch((error) => {
      showProblems(error.details.splice(0)); // The status region needs no second list.
      throw error;
    });
    showProblems([]);
  };
  if (!(await perform(activate, `Activated ${name}.`))) find("button", list)?.focus();
});
fill("own", example);
