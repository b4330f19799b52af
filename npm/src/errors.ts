/** The errors that calls reject with. */
import type { Unverified } from "./bodies.js";

/** Any error of mock-capgo. */
export class MockCapgoError extends Error {
  override readonly name: string = "MockCapgoError";

  constructor(
    message: string,
    /** The HTTP status of a control call, or the exit code of a server; null if there is none. */
    readonly status: number | null,
    /** More about the cause, such as each problem in a file. The message has them too. */
    readonly details: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super([message, ...details].join("\n"), options);
  }
}

/** The server did not start: no executable, bad options, or a bad file. */
export class StartError extends MockCapgoError {
  override readonly name: string = "StartError";
}

/** The server rejected a control call, or no server answered. */
export class ControlError extends MockCapgoError {
  override readonly name: string = "ControlError";
}

/** `verify` found another number of requests than expected. */
export class VerificationError extends ControlError {
  override readonly name: string = "VerificationError";
  /** How many requests matched, and those that differ least. */
  declare readonly cause: Unverified;
}
