/** Six tests, each with data that collides with that of the others. Four such files run at a time. */
import { basename } from "node:path";

import { test } from "mock-capgo/vitest";
import { beforeAll, expect } from "vitest";

const file = basename(import.meta.url);
const { BARRIER = "" } = process.env;

// It responds when four workers wait for it.
beforeAll(async () => void (await fetch(BARRIER)), 60_000);

test.for([1, 2, 3, 4, 5, 6])("%i", async (number, { mock }) => {
  const name = `${file} ${number}`;
  // The same id and secret in each sandbox, with another name, and another number of rejections.
  await mock.keys.add({ id: 2, name, mode: "all", key: "ak_same" });
  await mock.scenarios.put("limited", {
    rules: [{ on: "GET /apikey/", times: number, error: "rate_limited" }],
  });
  const headers = { authorization: "ak_same", "x-test": name };
  const list = () => fetch(`${mock.url}/apikey/`, { headers });
  for (let i = 0; i < number; ++i) expect((await list()).status).toBe(429);

  const { data } = (await (await list()).json()) as { data: { name: string }[] };
  expect(data.map((key) => key.name)).toEqual(["Admin", name]);

  const requests = await mock.requests();
  expect(requests).toHaveLength(number + 1);
  for (const request of requests) expect(request.headers["x-test"]).toBe(name);
});
