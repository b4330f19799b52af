export { ControlError, MockCapgoError, StartError, VerificationError } from "./errors.js";
export {
  type ActionQuery,
  type Environment,
  type Keys,
  type NamedSandbox,
  type RequestFilter,
  type Sandbox,
  type SandboxClock,
  type Scenarios,
  type UserTokenOptions,
} from "./sandbox.js";
export {
  connectMockCapgo,
  type ConnectOptions,
  type MockCapgo,
  startMockCapgo,
  type StartOptions,
} from "./server.js";
export type * from "./bodies.js";
