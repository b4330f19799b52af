/** Chromium enforces the CORS headers of the contract deployed-2026-07. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import path from "node:path";
import test, { after } from "node:test";

import { control } from "./control.mjs";
import { require } from "./npm.mjs";
import { cleanUp, maxWait, repository, serve } from "./server.mjs";

const { chromium } = require("@playwright/test");

/** A host that only this browser finds. */
const foreignHost = "app.example";
const args = [`--host-resolver-rules=MAP ${foreignHost} 127.0.0.1`];
if (process.getuid?.() === 0) args.push("--no-sandbox");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
after(() => browser.close());

function serveContract(t) {
  const fixture = path.join(repository, "fixtures", "keys-deployed.json");
  return serve(t, ["--contract", "deployed-2026-07", "--fixtures", fixture]);
}

/** Opens an empty page of this host. */
async function openPage(t, host) {
  const pages = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html").end("<!doctype html><title>App</title>");
  });
  await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
  cleanUp(t, () => new Promise((resolve) => pages.close(resolve)));
  const page = await browser.newPage();
  cleanUp(t, () => page.close());
  page.setDefaultTimeout(maxWait);
  await page.goto(`http://${host}:${pages.address().port}/`);
  return page;
}

/** Sends a request from a page. Returns what its script can read. */
function fetchIn(page, url, init) {
  const read = async ([target, options]) => {
    try {
      const response = await fetch(target, options);
      const reason = response.headers.get("X-Mock-Reason");
      const source = response.headers.get("X-Worker-Source");
      return { status: response.status, body: await response.json(), reason, source };
    } catch (error) {
      return { error: error.name };
    }
  };
  return page.evaluate(read, [url, init]);
}

/** The requests that the server has received: `["GET /apikey 401"]`. Without a query, no preflights. */
async function received(server, query = "") {
  const { requests } = await control(server, `GET /__admin/requests${query}`);
  return requests.map(({ method, path: target, status }) => `${method} ${target} ${status}`);
}

test("a page on localhost reads responses, and why a request was rejected", async (t) => {
  const server = await serveContract(t);
  const page = await openPage(t, "localhost");
  const headers = { authorization: `Bearer ${server.ready.user_token}` };
  const listed = await fetchIn(page, `${server.url}/apikey`, { headers });
  assert.equal(listed.status, 200);
  assert.equal(listed.body.length, 4);
  assert.equal(listed.source, null, "the service exposes no header of its own");
  const body = JSON.stringify({ name: "CI", mode: "read" });
  const rejected = await fetchIn(page, `${server.url}/apikey`, { method: "POST", headers, body });
  assert.equal(rejected.status, 400);
  assert.equal(rejected.body.error, "bindings_required");
  assert.match(rejected.reason, /^require_bindings: the body has no bindings/);
  const unknown = await fetchIn(page, `${server.url}/unknown`, { method: "PATCH", headers });
  assert.deepEqual([unknown.status, unknown.body.error], [404, "not_found"]);
});

test("a page of another origin cannot read responses, although they are sent", async (t) => {
  const server = await serveContract(t);
  const page = await openPage(t, foreignHost);
  const simple = await fetchIn(page, `${server.url}/apikey`);
  assert.deepEqual(simple, { error: "TypeError" });
  assert.deepEqual(await received(server), ["GET /apikey 401"]);
  await fetchIn(page, `${server.url}/apikey`, { mode: "no-cors", method: "POST", body: "{}" });
  const sent = ["GET /apikey 401", "POST /apikey 401"];
  assert.deepEqual(await received(server), sent);
  // The preflight of a request with a credential is answered, but allows nothing.
  const headers = { authorization: `Bearer ${server.ready.user_token}` };
  const withToken = await fetchIn(page, `${server.url}/apikey`, { headers });
  assert.deepEqual(withToken, { error: "TypeError" });
  assert.deepEqual(await received(server, "?method=OPTIONS"), ["OPTIONS /apikey 204"]);
  assert.deepEqual(await received(server), sent);
});
