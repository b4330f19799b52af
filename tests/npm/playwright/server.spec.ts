import { expect, test } from "mock-capgo/playwright";

const { MOCK_PORT } = process.env;

test("the server is that of the configuration, or one that the worker started", ({ mockCapgo }) => {
  if (MOCK_PORT) expect(mockCapgo.url).toBe(`http://127.0.0.1:${MOCK_PORT}`);
  expect(mockCapgo.pid !== null).toBe(!MOCK_PORT);
});
