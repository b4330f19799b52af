/** PAGE_URL is the page under test. With MOCK_PORT, one server listens there for all workers. */
import { defineConfig } from "@playwright/test";
import { webServer } from "mock-capgo/playwright";

const { PAGE_URL, MOCK_PORT } = process.env;
const root = process.getuid?.() === 0;

export default defineConfig({
  workers: 2,
  reporter: "list",
  use: {
    baseURL: PAGE_URL,
    launchOptions: { executablePath: "/usr/bin/chromium", args: root ? ["--no-sandbox"] : [] },
  },
  ...(MOCK_PORT && { webServer: webServer({ port: Number(MOCK_PORT) }) }),
});
