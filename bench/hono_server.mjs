/**
 * The same as node_server.mjs with Hono, without middleware. bench/servers.mjs runs a copy of it in
 * the folder of the npm packages.
 *
 *     node hono_server.mjs PORT FIXTURE
 */
import { serve } from "@hono/node-server";
import { Hono } from "hono";

import * as keys from "./key_service.mjs";

const [port, fixture] = process.argv.slice(2);
keys.load(fixture);

const app = new Hono();
const send = (c, [status, body]) => c.json(body, status);
const secretOf = (c) => keys.secretOf((name) => c.req.header(name));

app.get("/apikey/", (c) => send(c, keys.list(secretOf(c))));

app.post("/apikey/", async (c) => {
  const body = await c.req.json().catch(() => undefined);
  return send(c, keys.create(secretOf(c), body));
});

app.delete("/apikey/:id/", (c) => send(c, keys.remove(secretOf(c), c.req.param("id"))));

app.notFound((c) => send(c, keys.notFound()));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) });
