/** The golden files, read; tests/contract/golden_test.cc says what stands in them. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

import { repository } from "./server.mjs";

const folder = path.join(repository, "tests", "contract");

/** The contracts that have golden files. */
export const contracts = readdirSync(folder).flatMap((name) => {
  return /^fixture-(.*)\.json$/.exec(name)?.slice(1) ?? [];
});

/** The fixture file of the world that a contract's golden files ask in. */
export function worldFile(contract) {
  return path.join(folder, `fixture-${contract}.json`);
}

function readJson(...names) {
  return JSON.parse(readFileSync(path.join(folder, ...names), "utf8"));
}

function textOf(body) {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** All exchanges of a contract as they are on the wire; the request's headers are left out. */
export function goldenExchanges(contract) {
  const usual = readJson("headers.json");
  return readdirSync(path.join(folder, contract)).flatMap((name) =>
    readJson(contract, name).exchanges.map(({ send = "", body = "", ...exchange }) => {
      const [method, target] = exchange.request.split(/ (.*)/);
      const { send_hex: hex, status, reason, response_headers: others } = exchange;
      const ofAll = target.startsWith("/__admin")
        ? usual.control
        : { ...usual[contract], "X-Request-Id": exchange.headers?.["X-Request-Id"] ?? "case" };
      const headers = { ...ofAll, ...others };
      for (const each of Object.keys(headers)) if (headers[each] === null) delete headers[each];
      if (reason !== undefined) headers["X-Mock-Reason"] = reason;
      const asked = { method, path: target.split("?")[0], body: textOf(send) };
      if (hex !== undefined) asked.body = Buffer.from(hex, "hex").toString();
      return { name, asked, answered: { status, headers, text: textOf(body) }, body };
    }),
  );
}
