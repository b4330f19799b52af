/** Finds the executable for this platform. */
import { StartError } from "./errors.js";

/** The path of the executable: MOCK_CAPGO_BINARY, or that of the package for this platform. */
export function findExecutable(): string {
  if (process.env.MOCK_CAPGO_BINARY) return process.env.MOCK_CAPGO_BINARY;
  const platform = `${process.platform}-${process.arch}`;
  const name = `@mock-capgo/${platform}`;
  try {
    return require.resolve(`${name}/bin/mock-capgo`);
  } catch (cause) {
    throw new StartError(
      `mock-capgo has no executable for ${platform}: the package ${name} is missing`,
      null,
      [
        "on Linux (x64 or arm64), install it with optional dependencies (not with --omit=optional)",
        "or build mock-capgo from source and set MOCK_CAPGO_BINARY=/path/to/mock-capgo",
        "or run it in a container and call connectMockCapgo(url)",
      ],
      { cause },
    );
  }
}
