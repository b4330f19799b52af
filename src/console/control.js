/** The client of the control API. Asks for the admin token. */
import { sandbox } from "./address.js";
import { find, onSubmit } from "./dom.js";

const timeout = 10_000;
const tokenKey = "mock-capgo admin token";

/** Fulfilled when all calls have responses. */
export let pending = null;

/** A call that failed. `status` is 0 if there was no answer. */
export class ControlError extends Error {
  constructor(message, status = 0, details = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** The base URL of a sandbox: that of the server, if the name is empty. */
export function urlOf(name) {
  return location.origin + (name ? `/sandbox/${encodeURIComponent(name)}` : "");
}

/** The path of a scenario, for `call`. */
export function scenarioPath(name) {
  return `scenarios/${encodeURIComponent(name)}`;
}

/**
 * Sends a call, and returns the body of its response.
 * @param path without `/__admin/`, such as `clock`
 * @param body a value that is sent as JSON, or a string that is sent unchanged
 * @param name the sandbox; empty for the default sandbox and for calls about the server
 * @throws ControlError
 */
export function call(method, path, body, name = sandbox()) {
  const result = send(method, `${urlOf(name)}/__admin/${path}`, body);
  pending = Promise.allSettled([pending, result]).then(() => {});
  return result;
}

async function send(method, url, body) {
  const token = sessionStorage.getItem(tokenKey);
  const { status, ok, content } = await request(method, url, body, token);
  if (ok) return content;
  const { error = `the server answered with status ${status}`, details = [] } = content;
  if (status === 403 && /admin token is (missing|wrong)/.test(error)) {
    await askForToken(error, token);
    return send(method, url, body);
  }
  throw new ControlError(error, status, details);
}

async function request(method, url, body, token) {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  try {
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(url, { method, headers, body: text, signal, cache: "no-store" });
    return { status: response.status, ok: response.ok, content: await response.json() };
  } catch {
    throw new ControlError("no answer from the server");
  }
}

let answer = null;

/** Asks for the token, once for all calls that wait for it. `rejected` is the one they sent. */
function askForToken(error, rejected) {
  if (sessionStorage.getItem(tokenKey) !== rejected) return; // Another call has asked.
  find("#token-error").textContent = error;
  answer ??= new Promise((resolve) => {
    const dialog = find("#token");
    onSubmit(find("form", dialog), ({ token }, form) => {
      sessionStorage.setItem(tokenKey, token.trim());
      form.reset();
      dialog.close();
    });
    dialog.oncancel = (event) => event.preventDefault(); // Nothing works without the token.
    dialog.onclose = () => resolve((answer = null));
    dialog.showModal();
  });
  return answer;
}
