/** JWTs of users, signed without the program under test. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

/** The secret of every local Supabase stack. */
export const localSecret = "super-secret-jwt-token-with-at-least-32-characters-long";

/** The owner of the first keys of fixtures/keys-deployed.json. */
export const user = "00000000-0000-4000-8000-000000000123";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signatureOf = (head, secret) =>
  createHmac("sha256", secret).update(head).digest("base64url");

/** Signs a token that expires in 2100. */
export function signToken(secret = localSecret, claims = {}, header = { alg: "HS256" }) {
  const head = `${encode(header)}.${encode({ sub: user, exp: 4102444800, ...claims })}`;
  return `${head}.${signatureOf(head, secret)}`;
}

/** Checks the signature of a token, and returns its header and its claims. */
export function readToken(token, secret = localSecret) {
  const [header, claims, signature] = token.split(".");
  assert.equal(signature, signatureOf(`${header}.${claims}`, secret));
  return [header, claims].map((part) => JSON.parse(Buffer.from(part, "base64url")));
}
