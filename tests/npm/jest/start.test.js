/** A test file of Jest that starts its own server. */
const { startMockCapgo, VerificationError } = require("mock-capgo");

let mock;
beforeAll(async () => {
  mock = await startMockCapgo({ scenarios: "rate-limited" });
});
afterAll(() => mock.stop());

test("the server has the options", async () => {
  const response = await fetch(`${mock.url}/apikey/`, { headers: { authorization: mock.key } });
  expect(response.status).toBe(429);
  const verified = mock.verify({ on: "GET /apikey/", status: 200, count: 1 });
  await expect(verified).rejects.toThrow(VerificationError);
});
