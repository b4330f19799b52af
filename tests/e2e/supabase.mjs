/** Calls the function `apikey` of a server with supabase-js. */
import { require } from "./npm.mjs";

const { createClient } = require("@supabase/supabase-js");

/** A client without a session. `options` are those of `createClient`. */
export function clientOf(server, options) {
  const auth = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };
  return createClient(server.url, "any-anon-key", { auth, ...options });
}

/** Returns the function's result, or throws its error with status and body. */
export async function call(client, name, options) {
  const { data, error } = await client.functions.invoke(name, options);
  if (!error) return data;
  throw Object.assign(new Error(error.name), {
    status: error.context.status,
    body: await error.context.json(),
  });
}
