/// <reference lib="esnext.disposable" preserve="true" />
/** A sandbox: a set of keys, scenarios, a clock and recorded requests. */
import { ControlClient } from "./control.js";
import { type ControlError, MockCapgoError } from "./errors.js";
import type {
  Action,
  Clock,
  Decision,
  Expectation,
  Fixtures,
  Key,
  KeyFields,
  RecordedRequest,
  Scenario,
  ScenarioFile,
  State,
} from "./bodies.js";

/** Which recorded requests to return; all if it has no members. */
export interface RequestFilter {
  method?: string;
  /** A path such as `/apikey/`, `/apikey/:id/` or `/apikey*`. */
  path?: string;
  /** The status of the response. */
  status?: number;
  /** Only requests after the one with this id, or at this time or later. */
  since?: number | Date;
  /** Only this many of the newest. */
  limit?: number;
}

/** A question for `authorize`: may the key do the action, make the call, or use the permission? */
export type ActionQuery = ({ key: string } | { keyId: number }) &
  (
    | { action: NonNullable<Action["action"]> }
    /** The method and path of a guarded rule, such as `POST /bundle/`. */
    | { call: string }
    /** A permission of a role, such as `app.upload_bundle`, for contracts with roles. */
    | { permission: string }
  ) & { appId?: string; orgId?: string; channelId?: number | string };

/** Options of `userToken`. */
export interface UserTokenOptions {
  /** A duration of the sandbox's clock, such as `31d` or `90s`. Default: `1h`. */
  expiresIn?: string;
}

/** The environment variables that `mock-capgo exec` sets. */
export interface Environment {
  CAPGO_API_URL: string;
  CAPGO_TOKEN: string;
  /** Signs in the owner of `CAPGO_TOKEN`; may be empty under contracts without roles. */
  CAPGO_USER_TOKEN: string;
  MOCK_CAPGO_ADMIN_URL: string;
}

/** The credentials that a server starts with. */
export interface Credentials {
  key: string | null;
  userToken: string;
}

/** The keys of a sandbox. */
export class Keys {
  constructor(private readonly control: ControlClient) {}

  /** Adds a key, which gets a secret if it has none. It can be any key, even an expired one. */
  add(key: KeyFields): Promise<Key> {
    return this.control.call("POST", "keys", key);
  }

  /** Removes the key with this id. */
  async remove(id: number): Promise<void> {
    await this.control.call("DELETE", `keys/${id}`);
  }
}

/** The active scenarios of a sandbox. */
export class Scenarios {
  constructor(private readonly control: ControlClient) {}

  /**
   * Activates a scenario, and replaces one of the same name.
   * @param file its rules; without them, the built-in scenario of this name
   */
  put(name: string, file?: ScenarioFile): Promise<Scenario> {
    return this.control.call("PUT", `scenarios/${encodeURIComponent(name)}`, file);
  }

  /** Returns the file of an active scenario, or else of the built-in one of this name. */
  get(name: string): Promise<ScenarioFile> {
    return this.control.call("GET", `scenarios/${encodeURIComponent(name)}`);
  }

  /** Deactivates the scenario of this name, or all. */
  async remove(name?: string): Promise<void> {
    const path = name === undefined ? "scenarios" : `scenarios/${encodeURIComponent(name)}`;
    await this.control.call("DELETE", path);
  }

  /** Returns the active scenarios, and how often each of their rules fired. */
  async list(): Promise<Scenario[]> {
    return (await this.#get()).scenarios;
  }

  /** Describes the rules that have never fired. Such a rule is usually a mistake. */
  async unusedRules(): Promise<string[]> {
    return (await this.#get()).unused_rules;
  }

  #get(): Promise<{ scenarios: Scenario[]; unused_rules: string[] }> {
    return this.control.call("GET", "scenarios");
  }
}

/** The clock of a sandbox. */
export class SandboxClock {
  constructor(private readonly control: ControlClient) {}

  /** Returns the time in the sandbox. */
  async now(): Promise<Date> {
    const { now } = await this.control.call<Clock>("GET", "clock");
    return new Date(now);
  }

  /** Sets the time: a date, ISO 8601, or seconds since 1970. The clock runs on unless frozen. */
  set(time: Date | string | number): Promise<Clock> {
    const now = time instanceof Date ? time.toISOString() : time;
    return this.control.call("PUT", "clock", { now });
  }

  /** Stops the clock, or starts it again with `false`. */
  freeze(frozen = true): Promise<Clock> {
    return this.control.call("PUT", "clock", { frozen });
  }

  /** Advances the clock by a duration such as `31d`, `12h`, `1d12h`, `90s` or `P1M`. */
  advance(by: string): Promise<Clock> {
    return this.control.call("POST", "clock/advance", { by });
  }
}

/** One sandbox of a server: its keys, scenarios, clock and recorded requests. */
export class Sandbox {
  /** The URL for the code under test. */
  readonly url: string;
  /** The URL of the control API. */
  readonly adminUrl: string;
  readonly keys: Keys;
  readonly scenarios: Scenarios;
  readonly clock: SandboxClock;
  protected readonly control: ControlClient;
  protected readonly initial: Credentials;

  /** @internal Use `startMockCapgo`, `connectMockCapgo` or `MockCapgo.sandbox`. */
  constructor(url: string, initial: Credentials, token?: string) {
    this.url = url;
    this.adminUrl = `${url}/__admin`;
    this.control = new ControlClient(this.adminUrl, token);
    this.keys = new Keys(this.control);
    this.scenarios = new Scenarios(this.control);
    this.clock = new SandboxClock(this.control);
    this.initial = initial;
  }

  /**
   * The secret of the first key in the fixtures that may manage keys: with mode `all`, or a role
   * that allows it. Throws if they have none.
   */
  get key(): string {
    if (this.initial.key !== null) return this.initial.key;
    const advice = ["add one to the fixtures, or use the key that keys.add returns"];
    throw new MockCapgoError("the fixtures have no key that may manage keys", null, advice);
  }

  /** The environment variables with which a command finds this sandbox. */
  get env(): Environment {
    return {
      CAPGO_API_URL: this.url,
      CAPGO_TOKEN: this.key,
      CAPGO_USER_TOKEN: this.initial.userToken,
      MOCK_CAPGO_ADMIN_URL: this.adminUrl,
    };
  }

  /**
   * Returns a token that signs in a user, to be sent as `Authorization: Bearer TOKEN`.
   * @param userId default: the owner of `key`
   */
  async userToken(userId?: string, { expiresIn }: UserTokenOptions = {}): Promise<string> {
    const body = { user_id: userId, expires_in: expiresIn };
    return (await this.control.call<{ token: string }>("POST", "tokens", body)).token;
  }

  /** Restores the initial keys, ids, clock, scenarios and counts, and forgets all requests. */
  async reset(): Promise<void> {
    await this.control.call("POST", "reset");
  }

  /** Returns all keys, orgs and apps. */
  state(): Promise<State> {
    return this.control.call("GET", "state");
  }

  /** Replaces all keys, orgs and apps. */
  async setState(data: Fixtures | State): Promise<void> {
    await this.control.call("PUT", "state", data);
  }

  /** Returns the requests to this sandbox, oldest first. */
  async requests(filter: RequestFilter = {}): Promise<RecordedRequest[]> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) {
      if (value === undefined) continue;
      query.set(name, value instanceof Date ? value.toISOString() : String(value));
    }
    const path = query.size === 0 ? "requests" : `requests?${query}`;
    return (await this.control.call<{ requests: RecordedRequest[] }>("GET", path)).requests;
  }

  /** Forgets all requests. */
  async clearRequests(): Promise<void> {
    await this.control.call("DELETE", "requests");
  }

  /**
   * Checks how many requests matched; at least one must, if `count` is missing. Otherwise throws a
   * VerificationError that shows the nearest request and how it differs.
   */
  async verify(expectation: Expectation): Promise<void> {
    await this.control.call("POST", "verify", expectation);
  }

  /** Checks whether a key is allowed to do something, by its mode and limits, or its roles. */
  authorize(query: ActionQuery): Promise<Decision> {
    const { keyId, appId, orgId, channelId, ...rest } = { keyId: undefined, ...query };
    const ids = { key_id: keyId, app_id: appId, org_id: orgId, channel_id: channelId };
    return this.control.call("POST", "authorize", { ...rest, ...ids });
  }
}

/** A sandbox with a name, which can be deleted. */
export class NamedSandbox extends Sandbox implements AsyncDisposable {
  readonly #server: ControlClient;

  /** @internal Use `MockCapgo.sandbox`. */
  constructor(
    server: string,
    readonly name: string,
    initial: Credentials,
    token?: string,
  ) {
    super(`${server}/sandbox/${encodeURIComponent(name)}`, initial, token);
    this.#server = new ControlClient(`${server}/__admin`, token);
  }

  /** Deletes the sandbox, if it was used. The next request to it creates it anew. */
  async delete(): Promise<void> {
    const path = `sandboxes/${encodeURIComponent(this.name)}`;
    await this.#server.call("DELETE", path).catch((error) => {
      if ((error as ControlError).status !== 404) throw error;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.delete();
  }
}
