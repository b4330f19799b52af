/** The view of the scenarios: which are active, and how often their rules fired. */
import { call, scenarioPath } from "./control.js";
import { addTable, button, element, find, row, tag, updateList } from "./dom.js";
import { perform } from "./messages.js";
import { editScenario } from "./scenario_editor.js";

/** Shows the scenarios as they are now. */
export async function poll() {
  const { scenarios, built_in: builtIn } = await call("GET", "scenarios");
  find("#no-scenarios").hidden = scenarios.length > 0;
  // The same scenario may be active twice.
  const active = scenarios.map((scenario, index) => ({ ...scenario, index }));
  updateList(find("#active-scenarios"), active, ({ index }) => index, createScenario);
  const isActive = (name) => scenarios.some((scenario) => scenario.name === name);
  const toggles = builtIn.map((name) => ({ name, checked: isActive(name) }));
  updateList(find("#built-in"), toggles, ({ name }) => name, createToggle);
}

function createScenario({ name, description, rules }) {
  const panel = element(
    "div",
    { class: "panel" },
    element(
      "div",
      { class: "bar" },
      element("h3", {}, name),
      button("Edit", () => edit(name), `Edit ${name}`),
      button("Deactivate", () => setActive(name, false), `Deactivate ${name}`),
    ),
    element("p", {}, description),
  );
  const columns = ["Rule", "On", "Effect", "Matched", "Fired"];
  addTable(panel, `Rules of ${name}`, columns).append(...rules.map(createRule));
  return panel;
}

function createRule({ rule, on, effect, matched, fired }) {
  const uses = [fired, " ", fired === 0 && tag("unused", "unused")];
  return row(0, rule, element("code", {}, on), effect, matched, uses);
}

function createToggle({ name, checked }) {
  const onchange = () => setActive(name, toggle.checked);
  const toggle = element("input", { type: "checkbox", role: "switch", checked, onchange });
  const label = element("label", { class: "check" }, toggle, name);
  return element("li", {}, label, button("Edit", () => edit(name), `Edit ${name}`));
}

async function setActive(name, isActive) {
  await perform(
    () => call(isActive ? "PUT" : "DELETE", scenarioPath(name)).finally(poll),
    `${isActive ? "Activated" : "Deactivated"} ${name}.`,
  );
}

async function edit(name) {
  await perform(async () => {
    const { description, rules } = await call("GET", scenarioPath(name));
    editScenario(name, { description, rules });
  });
}
