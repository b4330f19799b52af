import { type ApiKey, Capgo, CapgoError } from "./capgo.js";

/**
 * Replaces the key with this name by a new one of the same mode and limits, and deletes the old one as
 * soon as the new one works. Returns the new key.
 */
export async function rotateKey(url: string, admin: Capgo, name: string): Promise<ApiKey> {
  const old = (await admin.list()).find((key) => key.name === name);
  if (!old) throw new Error(`there is no key with the name ${name}`);
  const { id, mode, limited_to_apps, limited_to_orgs, expires_at } = old;
  const created = await admin.create({ name, mode, limited_to_apps, limited_to_orgs, expires_at });
  if (!(await works(url, created))) throw new Error(`the new key ${created.id} does not work`);
  await admin.delete(id);
  return created;
}

/** Whether the service knows a key. Only a key with mode `all` may list keys; others get a 403. */
export async function works(url: string, { key }: ApiKey): Promise<boolean> {
  try {
    await new Capgo(url, key ?? "").list();
    return true;
  } catch (error) {
    if (error instanceof CapgoError) return error.status !== 401;
    throw error;
  }
}
