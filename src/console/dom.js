/** Builds and updates elements. Data becomes text or attributes, never markup. */

/** Finds the first element that matches a selector. */
export function find(selector, parent = document) {
  return parent.querySelector(selector);
}

/** Sets what a click on the first element that matches a selector does. */
export function onClick(selector, action) {
  find(selector).addEventListener("click", action);
}

/** Sets what a form does. The action gets its fields, `{ name: value }`, and the form. */
export function onSubmit(form, action) {
  form.onsubmit = (event) => {
    event.preventDefault();
    action(Object.fromEntries(new FormData(form)), form);
  };
}

/**
 * Creates an element: `element("button", { type: "button", onclick }, "Copy")`. Functions become
 * properties, other values attributes; `true` is an attribute without a value, `false` is none.
 * Children are nodes, text, numbers, and lists of these; null, undefined and `false` are left out.
 */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") created[attribute] = value;
    else if (value !== false) created.setAttribute(attribute, value === true ? "" : value);
  }
  created.append(...children.flat().filter((child) => (child ?? false) !== false));
  return created;
}

/** A button. `label` is what screen readers say, if the text is not enough. */
export function button(text, onclick, label = text) {
  return element("button", { type: "button", onclick, "aria-label": label }, text);
}

/** A time; its title has the full value. */
export function time(iso, ...text) {
  return element("time", { datetime: iso, title: iso }, ...text);
}

/** A label with a color. */
export function tag(kind, text) {
  return element("span", { class: `tag ${kind}` }, text);
}

/** A row of a table. `header` is the index of the cell that names the row. */
export function row(header, ...cells) {
  const create = (cell, index) =>
    index === header ? element("th", { scope: "row" }, cell) : element("td", {}, cell);
  return element("tr", {}, cells.map(create));
}

/** Puts a table into `parent`, which scrolls if it is too narrow. Returns the table's body. */
export function addTable(parent, caption, columns) {
  const heads = columns.map((column) => element("th", { scope: "col" }, column));
  const body = element("tbody");
  const region = { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 };
  const table = element(
    "table",
    {},
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", {}, element("tr", {}, heads)),
    body,
  );
  parent.append(element("div", region, table));
  return body;
}

/**
 * Makes the children of `parent` show `items`. Replaces only those whose item has changed, and
 * keeps the focus. `keyOf` identifies an item, and `create` makes its element.
 */
export function updateList(parent, items, keyOf, create) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const children = items.map((item) => {
    const key = String(keyOf(item));
    const json = JSON.stringify(item);
    const old = before.get(key);
    if (old?.dataset.json === json) return old;
    const created = create(item);
    Object.assign(created.dataset, { key, json });
    if (old) replaceKeepingFocus(old, created);
    return created;
  });
  const isOther = (child, index) => child !== parent.children[index];
  if (children.length === parent.children.length && !children.some(isOther)) return;
  const focused = document.activeElement;
  parent.replaceChildren(...children);
  if (parent.contains(focused)) focused.focus();
}

function replaceKeepingFocus(old, created) {
  const controls = (parent) => [...parent.querySelectorAll("a, button, input, [tabindex]")];
  const focused = controls(old).indexOf(document.activeElement);
  old.replaceWith(created);
  controls(created)[focused]?.focus();
}
