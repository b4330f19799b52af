/** The console as a web page: its files, its guards, hostile data, a busy or stopped server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";

import { requestBytes, send } from "../e2e/client.mjs";
import { control, sandboxOf } from "../e2e/control.mjs";
import { cleanUp, keysFile, repository, serve } from "../e2e/server.mjs";
import {
  browser,
  expect,
  expectRows,
  openConsole,
  openRequest,
  openView,
  requestTable,
  table,
} from "./browser.mjs";

const options = ["--fixtures", keysFile];
const viewNames = ["Requests", "Keys", "Scenarios", "Clock", "Sandboxes"];

test("the page has at most 60 kB, and a strict policy", async (t) => {
  const server = await serve(t, options);
  const folder = path.join(repository, "src", "console");
  const urls = readdirSync(folder).map((name) => [
    name === "index.html" ? "/__admin/" : `/__admin/console/${name}`,
    readFileSync(path.join(folder, name), "utf8"),
  ]);
  let size = 0;
  for (const [url, content] of urls) {
    const { status, headers, text } = await send(server, `GET ${url}`);
    assert.deepEqual([url, status, text], [url, 200, content]);
    assert.match(headers.get("content-security-policy"), /^default-src 'self'(;|$)/);
    assert.doesNotMatch(headers.get("content-security-policy"), /unsafe|data:|https?:/);
    assert.equal(headers.get("x-frame-options"), "DENY");
    size += Buffer.byteLength(text);
  }
  assert.ok(size <= 60_000, `${size} bytes`);
  const start = await send(server, "GET /", { headers: { accept: "text/html" } });
  assert.match(start.text, /href="?[^"]*\/__admin\/?"/);

  // The browser enforces the policy.
  const page = await openConsole(t, server, "", { expected: /Content Security Policy/ });
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.head.append(script);
    return globalThis.ran ?? false;
  });
  assert.equal(ran, false);
});

test("the admin token is asked for, and stays in the tab", async (t) => {
  const server = await serve(t, [...options, "--admin-token", "s3cret"]);
  const expected = /status of 403/;
  const page = await openConsole(t, server, "#keys", { expected });
  const dialog = page.getByRole("dialog", { name: "Admin token" });
  const enter = async (token) => {
    await dialog.getByLabel("Token").fill(token);
    await dialog.getByRole("button").click();
  };
  await expect(dialog).toContainText("missing");
  await enter("wrong");
  await expect(dialog).toContainText("wrong");
  await enter("s3cret");
  await expect(dialog).toBeHidden();
  await expect(table(page, "Keys").getByRole("row")).toHaveCount(6);
  assert.deepEqual(
    await page.evaluate(() => [
      Object.values(sessionStorage),
      localStorage.length,
      document.cookie,
    ]),
    [["s3cret"], 0, ""],
  );
  assert.doesNotMatch(page.url(), /s3cret/);
  await page.reload();
  await expect(table(page, "Keys").getByRole("row")).toHaveCount(6);
  await expect(dialog).toBeHidden();
  // Another tab of the same browser does not have it.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByRole("dialog", { name: "Admin token" })).toBeVisible();
});

/** Sets whether a page is hidden, as if the user had switched to another tab. */
function setHidden(page, isHidden) {
  return page.evaluate((isHidden) => {
    const state = isHidden ? "hidden" : "visible";
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

test("a hidden page does not poll, and a visible one does so immediately", async (t) => {
  const server = await serve(t, options);
  // With options, the page is not used by other tests.
  const page = await openConsole(t, server, "", { colorScheme: "light" });
  await page.clock.install();
  await page.reload();
  const rows = table(page, requestTable).getByRole("row");
  await send(server, "GET /apikey/", { key: "ak_123" });
  await page.clock.runFor(2000);
  await expect(rows).toHaveCount(2);
  await setHidden(page, true);
  await page.waitForLoadState("networkidle");
  let requests = 0;
  page.on("request", () => ++requests);
  await send(server, "GET /apikey/", { key: "ak_123" });
  await page.clock.runFor(30_000);
  assert.equal(requests, 0);
  await setHidden(page, false);
  await expect(rows).toHaveCount(3);
  assert.ok(requests > 0);
});

test("the page says that the server was stopped, and recovers", async (t) => {
  const server = await serve(t, options);
  await send(server, "GET /apikey/", { key: "ak_123" });
  const page = await openConsole(t, server, "", { expected: /ERR_/ });
  await expectRows(page, requestTable, ["Method"], [["GET"]]);
  await server.stop();
  await expect(page.getByRole("status")).toContainText("No answer from the server");
  const { port } = new URL(server.url);
  const again = await serve(t, options, { port });
  await send(again, "POST /apikey/", { key: "ak_123" });
  await expect(page.getByRole("status")).not.toContainText("No answer from the server");
  // The requests of the old server are gone.
  await expectRows(page, requestTable, ["Method"], [["POST"]]);
});

const markup =
  '<x-evil onclick="alert(1)"></x-evil><img src="x" onerror="alert(2)"><script>alert(3)</script>';
const hostileTexts = [
  markup,
  `" onmouseover="alert(4)" x="`,
  "' autofocus onfocus='alert(5)",
  "javascript:alert(6)",
  "\u202Eevitsoh\u2066 \u{1F600} \u0000\u0007\u2028",
  "</textarea></script><!--]]>${alert(7)}{{8}}&lt;b&gt;",
  "W".repeat(4000),
  "__proto__",
];

/** Fills a sandbox with hostile keys, rules and requests. */
async function fillWithHostileData(sandbox) {
  const state = await control(sandbox, "GET /__admin/state");
  const keys = hostileTexts.map((name, index) => {
    const secret = `ak_${index}${name}`.replaceAll(/[^!-~]/g, "");
    return { key: secret, name, mode: "all", limited_to_apps: [name] };
  });
  await control(sandbox, "PUT /__admin/state", { ...state, keys: [...state.keys, ...keys] });
  await control(sandbox, "PUT /__admin/scenarios/hostile", {
    description: markup,
    rules: [
      {
        on: `GET /${encodeURIComponent(markup)}*`,
        respond: {
          status: 404,
          headers: { "X-Own": markup, "Content-Type": "text/html" },
          body: markup,
        },
      },
      {
        on: "PUT /javascript:alert(9)",
        match: { header: { [markup.length]: markup } },
        error: "not_found",
      },
    ],
  });
  for (const text of hostileTexts) {
    const encoded = encodeURIComponent(text);
    const headers = { "x-own": encoded, "user-agent": text.replaceAll(/[^ -~]/g, "") };
    await send(sandbox, `GET /${encoded}?${encoded}=${encoded}`, { headers });
  }
  // The reason of the rejection has the mode.
  const create = { name: markup, mode: markup, [markup]: markup };
  await send(sandbox, "POST /apikey/", { key: "ak_123", body: create });
  await send(sandbox, "POST /apikey/", { key: "ak_123", body: markup });
}

/** Checks that data became no elements or handlers, and that the page does not scroll sideways. */
async function expectPlainText(page, what) {
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll("x-evil, img, script:not([src]), [src=x], body script")
      .length,
    handlers: [...document.querySelectorAll("*")].filter((each) =>
      [...each.attributes].some(
        ({ name, value }) => /^on/.test(name) || /^javascript:/.test(value),
      ),
    ).length,
    overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
  }));
  assert.deepEqual(found, { elements: 0, handlers: 0, overflow: 0 }, what);
}

test("hostile names, paths, headers and bodies are shown as text", async (t) => {
  const server = await serve(t, options);
  const sandbox = sandboxOf(server, "__proto__");
  await control(sandbox, "POST /__admin/reset");
  await fillWithHostileData(sandbox);
  const page = await openConsole(t, server, "#requests?sandbox=__proto__", {
    viewport: { width: 320, height: 800 },
    expected: /status of 4\d\d/,
  });
  const buttons = table(page, requestTable).getByRole("button");
  const { length: count } = (await control(sandbox, "GET /__admin/requests")).requests;
  await expect(buttons).toHaveCount(count);
  for (let index = 0; index < count; ++index) {
    await buttons.nth(index).click();
    await expect(page.getByRole("button", { name: "Copy as curl" })).toBeVisible();
    await expectPlainText(page, `details ${index}`);
    await page.getByRole("button", { name: "Close" }).click();
  }
  const details = await openRequest(page, new RegExp(`x-evil`), "GET");
  await expect(details).toContainText(markup);
  await details.getByRole("button", { name: "Create a rule from this" }).click();
  await page.getByRole("button", { name: "Edit hostile" }).click();
  await expect(page.getByLabel("Scenario file")).toHaveValue(/x-evil/);
  for (const name of viewNames) {
    await openView(page, name);
    const shown = page.getByText(markup).filter({ visible: true });
    if (name === "Keys" || name === "Scenarios") await expect(shown.first()).toBeVisible();
    await expectPlainText(page, name);
  }
  await openView(page, "Keys");
  await page.getByRole("button", { name: "Delete key 6" }).click();
  await expect(page.getByRole("status")).toContainText("Deleted key 6.");

  // The address is data too.
  for (const text of hostileTexts.slice(0, 6)) {
    const encoded = encodeURIComponent(text);
    await page.goto(
      `${server.url}/__admin/?${encoded.length}#requests?sandbox=${encoded}&path=${encoded}`,
    );
    await expect(page.getByRole("heading", { name: "There is no sandbox" })).toBeVisible();
    await expectPlainText(page, `sandbox ${text}`);
  }
  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  assert.deepEqual(
    sandboxes.map(({ name }) => name),
    ["__proto__"],
  );
});

/** Sends `count` requests in this time, over one connection. Returns after the last response. */
async function sendMany(t, server, count, milliseconds) {
  const lines = ["GET /apikey/", "DELETE /apikey/77/", "POST /apikey/"].map((line) =>
    requestBytes(line),
  );
  const { hostname, port } = new URL(server.url);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  cleanUp(t, () => socket.destroy());
  await once(socket, "connect");
  let sent = 0;
  let received = 0;
  const startedAt = performance.now();
  const answered = new Promise((resolve, reject) => {
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1").split("HTTP/1.1 ").length - 1;
      if (received === count) resolve();
    });
    socket.on("close", () => reject(new Error(`closed after ${received} responses`)));
  });
  const timer = setInterval(() => {
    const due = Math.min(
      count,
      Math.ceil((count * (performance.now() - startedAt)) / milliseconds),
    );
    socket.write(
      Array.from({ length: due - sent }, (_, index) => lines[(sent + index) % 3]).join(""),
    );
    sent = due;
    if (sent === count) clearInterval(timer);
  }, 10);
  cleanUp(t, () => clearInterval(timer));
  await server.withTimeout(answered, `${count} responses`);
}

/** Its tasks include the microtasks after them, such as the code after an `await`. */
const traceCategory = "disabled-by-default-devtools.timeline";

/** The CPU time of each task of the page's main thread, in milliseconds, longest first. */
function mainThreadTasks(trace) {
  const { traceEvents } = JSON.parse(trace.toString());
  const mainThreads = traceEvents
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(({ pid, tid }) => `${pid}/${tid}`);
  return traceEvents
    .filter(({ name, pid, tid }) => name === "RunTask" && mainThreads.includes(`${pid}/${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a);
}

/** Starts to measure the time between frames; `longestFrame` is the longest, in milliseconds. */
function watchFrames(page) {
  return page.evaluate(() => {
    let last = performance.now();
    globalThis.longestFrame = 0;
    const onFrame = (now) => {
      globalThis.longestFrame = Math.max(globalThis.longestFrame, now - last);
      last = now;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
  });
}

// On a busy machine, frames measure the machine. So this measures CPU time, and sends the requests
// of a minute in 10 s. MOCK_CAPGO_MEASURE_FRAMES=1 takes a minute, and measures frames.
test("5,000 requests do not hold up the page for 100 ms", async (t) => {
  const measuresFrames = Boolean(process.env.MOCK_CAPGO_MEASURE_FRAMES);
  const server = await serve(t, [...options, "--log", "none"]);
  const page = await openConsole(t, server);
  await send(server, "GET /apikey/", { key: "ak_123" });
  await expect(table(page, requestTable).getByRole("row")).toHaveCount(2);
  if (measuresFrames) await watchFrames(page);
  else await (await browser()).startTracing(page, { categories: [traceCategory] });
  await sendMany(t, server, 5000, measuresFrames ? 60_000 : 10_000);
  await send(server, "PUT /last", { key: "ak_123" });
  await expect(table(page, requestTable).getByRole("row").nth(1)).toContainText("/last");
  if (measuresFrames) {
    const longest = await page.evaluate(() => globalThis.longestFrame);
    t.diagnostic(`the longest frame took ${Math.round(longest)} ms`);
    assert.ok(longest < 100, `a frame took ${longest} ms`);
  } else {
    const tasks = mainThreadTasks(await (await browser()).stopTracing());
    t.diagnostic(`the longest of ${tasks.length} tasks took ${tasks[0]} ms`);
    assert.ok(tasks.length > 100, `the trace has ${tasks.length} tasks`);
    assert.ok(tasks[0] < 100, `a task took ${tasks[0]} ms`);
  }
});
