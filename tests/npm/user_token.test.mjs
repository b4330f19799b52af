/** User tokens from the npm package, against real servers. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";

import { send } from "../e2e/client.mjs";
import { cleanUp } from "../e2e/server.mjs";
import { installedFolder } from "./packages.mjs";

const folder = installedFolder({ after });
writeFileSync(path.join(folder, "load.mjs"), 'export * from "mock-capgo";');
const { connectMockCapgo, startMockCapgo } = await import(path.join(folder, "load.mjs"));

const startTime = "2024-02-12T00:00:00Z";

test("a user token signs in a user, for a time of the sandbox's clock", async (t) => {
  const contract = "deployed-2026-07";
  const mock = await startMockCapgo({ contract, now: startTime, freeze: true });
  cleanUp(t, () => mock.stop());
  const getClaims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const expectClaims = (token, user, start, seconds) => {
    const { sub, iat, exp } = getClaims(token);
    assert.deepEqual([sub, iat, exp], [user, start, start + seconds]);
  };
  const start = Date.parse(startTime) / 1000;
  const [{ user_id: owner }] = (await mock.state()).keys;
  expectClaims(await mock.userToken(), owner, start, 3600);
  expectClaims(await mock.userToken("someone"), "someone", start, 3600);
  const worker = mock.sandbox("worker");
  await worker.clock.advance("1d");
  expectClaims(await worker.userToken("someone", { expiresIn: "90s" }), "someone", start + 86400, 90);

  for (const sandbox of [mock, worker, await connectMockCapgo(mock.url)]) {
    const list = async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await send(sandbox, "GET /apikey", { headers })).status;
    };
    assert.equal(await list(sandbox.env.CAPGO_USER_TOKEN), 200);
    assert.equal(await list(await sandbox.userToken()), 200);
    assert.equal(await list(await sandbox.userToken(owner, { expiresIn: "0s" })), 401);
  }
  const invalid = { name: "ControlError", status: 400, message: /"soon" is not a valid duration/ };
  await assert.rejects(mock.userToken(owner, { expiresIn: "soon" }), invalid);
});
