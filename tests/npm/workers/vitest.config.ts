import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { globalSetup: "./global-setup.ts", maxWorkers: 4, minWorkers: 4, testTimeout: 60_000 },
});
