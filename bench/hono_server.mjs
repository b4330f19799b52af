/**
 * A mock of the service as a team would write it: Hono on Node.js, with the keys in two maps.
 * bench/servers.mjs runs a copy of it in the folder of the npm packages.
 *
 *     node hono_server.mjs PORT FIXTURE
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cors } from "hono/cors";

const [port, fixture] = process.argv.slice(2);
const modes = ["read", "write", "upload", "all"];
const byId = new Map();
const bySecret = new Map();
let lastId = 0;

function store(key) {
  byId.set(key.id, key);
  bySecret.set(key.key, key);
  lastId = Math.max(lastId, key.id);
}

for (const key of JSON.parse(readFileSync(fixture, "utf8")).keys) store(key);

const app = new Hono({ strict: false });
const reject = (c, status, error) => c.json({ error, status: "KO" }, status);
const isStrings = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");

app.use(cors());

app.use("/apikey/*", async (c, next) => {
  const secret =
    c.req.header("authorization") || (c.req.header("capgkey") ?? c.req.header("x-api-key"));
  const caller = bySecret.get(secret);
  if (!caller) return reject(c, 401, "Invalid API key");
  if (caller.mode !== "all" || caller.limited_to_apps?.length || caller.limited_to_orgs?.length) {
    return reject(c, 403, "Insufficient permissions to manage API keys");
  }
  c.set("caller", caller);
  await next();
});

app.get("/apikey", (c) => {
  const { user_id } = c.get("caller");
  const data = [];
  for (const key of byId.values()) if (key.user_id === user_id) data.push(key);
  return c.json({ data });
});

app.post("/apikey", async (c) => {
  const body = await c.req.json().catch(() => undefined);
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    return reject(c, 400, "Invalid JSON body");
  }
  const limits = {};
  for (const [limit, of] of [
    ["limited_to_apps", "app"],
    ["limited_to_orgs", "org"],
  ]) {
    if (body[limit] === undefined || body[limit] === null) continue;
    if (!isStrings(body[limit])) return reject(c, 400, `${limit} must be an array of ${of} ids`);
    if (body[limit].length > 0) limits[limit] = body[limit];
  }
  const { name, mode } = body;
  if (name === undefined || name === null || name === "") return reject(c, 400, "Name is required");
  if (typeof name !== "string") return reject(c, 400, "Name must be a string");
  if (!modes.includes(mode)) {
    return reject(c, 400, `Invalid mode specified. Must be one of: ${modes.join(", ")}`);
  }
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const { user_id } = c.get("caller");
  const key = {
    id: lastId + 1,
    key: `ak_${randomBytes(16).toString("hex")}`,
    mode,
    name,
    created_at: now,
    updated_at: now,
    user_id,
    ...limits,
  };
  store(key);
  return c.json({ apikey: { ...key, updated_at: undefined } });
});

app.delete("/apikey/:id", (c) => {
  const id = c.req.param("id");
  if (!/^\d+$/.test(id)) return reject(c, 400, "API key ID must be a valid UUID or number");
  const key = byId.get(Number(id));
  if (key?.user_id !== c.get("caller").user_id) return reject(c, 404, "API key not found");
  byId.delete(key.id);
  bySecret.delete(key.key);
  return c.json({ success: true });
});

app.notFound((c) => reject(c, 404, "Not found"));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) });
