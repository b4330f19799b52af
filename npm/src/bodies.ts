/** The bodies of control calls, which the build generates from the server's OpenAPI description. */
import type { components } from "./openapi.js";

type Schemas = components["schemas"];

/** Keys, orgs, apps and channels, in the form of a fixture file. (An array would be a list of such data.) */
export type Fixtures = Exclude<Schemas["Fixtures"], readonly unknown[]>;
/** The same with all optional fields, as `state` returns it. */
export type State = Schemas["State"];
/** A key of a fixture file, for `keys.add`. */
export type KeyFields = Schemas["FixtureKeyFields"];
/** A key with all its fields. */
export type Key = Schemas["StateKey"];
/** A scenario: its rules, and how many scenarios and requests they apply to. */
export type ScenarioFile = Schemas["ScenarioFile"];
/** An active scenario, and how often each of its rules fired. */
export type Scenario = Schemas["Scenario"];
/** A request in the journal, and its response. */
export type RecordedRequest = Schemas["JournalEntry"];
/** Which requests `verify` counts, and how many it expects. */
export type Expectation = Schemas["Expectation"];
/** What a failed `verify` found. */
export type Unverified = Schemas["NotVerified"];
/** The time in a sandbox, and whether it is frozen. */
export type Clock = Schemas["Clock"];
/** What a key may be allowed to do. */
export type Action = Schemas["Action"];
/** Whether a key is allowed to do something, and why. */
export type Decision = Schemas["Decision"];
