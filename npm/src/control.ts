/** The HTTP client for control calls. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

import { ControlError, VerificationError } from "./errors.js";
import type { Unverified } from "./bodies.js";

/** The control API of a server or a sandbox. */
export class ControlClient {
  /**
   * @param url without a slash at the end, such as `http://127.0.0.1:12113/__admin`
   * @param token the admin token; servers take it from the same variable
   */
  constructor(
    readonly url: string,
    readonly token = process.env.MOCK_CAPGO_ADMIN_TOKEN,
  ) {}

  /** Sends a call, and returns the body of its response. Throws a ControlError otherwise. */
  async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const { status, content } = await this.#send(method, path, body);
    if (status >= 200 && status < 300) return JSON.parse(content) as Body;
    throw toError(`${method} ${this.url}/${path}`, status, content);
  }

  /** Does not use fetch: tests replace it, and that of happy-dom has the limits of a web page. */
  async #send(method: string, path: string, body: unknown) {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.token !== undefined) headers["authorization"] = `Bearer ${this.token}`;
    try {
      const sent = request(`${this.url}/${path}`, { method, headers, agent: false });
      sent.on("error", () => {}); // `once` and `text` report it.
      sent.end(JSON.stringify(body));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      return { status: response.statusCode as number, content: await text(response) };
    } catch (cause) {
      const { message, code } = cause as NodeJS.ErrnoException;
      const reason = `no answer from mock-capgo at ${this.url}: ${message || code}`;
      throw new ControlError(reason, null, ["is the server still running?"], { cause });
    }
  }
}

function toError(call: string, status: number, text: string): ControlError {
  let body: Partial<Unverified>;
  try {
    body = JSON.parse(text) as Unverified;
  } catch {
    return new ControlError(`${call}: ${status}, and the body is not JSON`, status, [text]);
  }
  const { error = text, details = [] } = body;
  return body.verified === false
    ? new VerificationError(error, status, details, { cause: body })
    : new ControlError(`${call}: ${error}`, status, details);
}
