/** A client for Capgo's API keys, which repeats requests that were rate limited or cut off. */

export interface ApiKey {
  id: number;
  key: string | null;
  mode: "read" | "upload" | "write" | "all";
  name: string;
  limited_to_apps?: string[];
  limited_to_orgs?: string[];
  expires_at?: string;
}

export class CapgoError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

export class Capgo {
  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly wait = sleep,
  ) {}

  async list(): Promise<ApiKey[]> {
    const { data } = (await this.#send("GET", "")) as { data: ApiKey[] };
    return data;
  }

  async create(fields: Omit<ApiKey, "id" | "key">): Promise<ApiKey> {
    const { apikey } = (await this.#send("POST", "", fields)) as { apikey: ApiKey };
    return apikey;
  }

  async delete(id: number): Promise<void> {
    try {
      await this.#send("DELETE", `${id}/`);
    } catch (error) {
      // An attempt that was cut off may have deleted the key.
      if (!(error instanceof CapgoError && error.status === 404)) throw error;
    }
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.#fetchWithRetries(`${this.url}/apikey/${path}`, {
      method,
      headers: { authorization: this.key },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as { error?: string };
    if (!response.ok) throw new CapgoError(json.error ?? response.statusText, response.status);
    return json;
  }

  /** Sends a request up to three times. */
  async #fetchWithRetries(url: string, init: RequestInit): Promise<Response> {
    for (let retries = 2; ; --retries) {
      try {
        const response = await fetch(url, init);
        if (response.status !== 429 || retries === 0) return response;
        await this.wait(1000 * Number(response.headers.get("Retry-After")));
      } catch (error) {
        // Without a response, a POST may have created a key, so it is not repeated.
        if (init.method === "POST" || retries === 0) throw error;
      }
    }
  }
}
