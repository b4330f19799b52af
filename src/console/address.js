/**
 * The URL's fragment, such as `#requests?sandbox=worker-1&status=4`: the view, the sandbox, and the
 * filters. A reload or a shared link shows the same.
 */

const views = ["requests", "keys", "scenarios", "clock", "sandboxes"];

function parse() {
  const [view, query = ""] = location.hash.slice(1).split("?");
  return { view: views.includes(view) ? view : views[0], fields: new URLSearchParams(query) };
}

/** The selected view. */
export function view() {
  return parse().view;
}

/** The name of the selected sandbox; empty for the default sandbox. */
export function sandbox() {
  return field("sandbox");
}

/** A field of the view, such as the filter `status`; empty if it is not set. */
export function field(name) {
  return parse().fields.get(name) ?? "";
}

/** The fragment of a view in a sandbox. Fields without a value are left out. */
export function link(view, { sandbox: name = sandbox(), ...fields } = {}) {
  const all = Object.entries({ sandbox: name, ...fields }).filter(([, value]) => value);
  return `#${view}${all.length > 0 ? `?${new URLSearchParams(all)}` : ""}`;
}

/** Changes fields of the current view. Adds no entry to the browser's history. */
export function setFields(changes) {
  const { view, fields } = parse();
  history.replaceState(null, "", link(view, { ...Object.fromEntries(fields), ...changes }));
}

/** Goes to a view, as a link does. */
export function go(view, options) {
  location.hash = link(view, options);
}

// The page is also below /sandbox/NAME, and then shows this sandbox at first.
const name = /\/sandbox\/([^/]+)\//.exec(location.pathname)?.[1];
if (name && !location.hash) go("requests", { sandbox: decodeURIComponent(name) });
