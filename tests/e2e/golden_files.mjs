/** Reads the golden files, whose format tests/contract/golden_test.cc describes. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

import { repository } from "./server.mjs";

const folder = path.join(repository, "tests", "contract");

/** The contracts that have golden files. */
export const contracts = readdirSync(folder).flatMap((name) => {
  return /^fixture-(.*)\.json$/.exec(name)?.slice(1) ?? [];
});

/** The fixture file for the golden files of a contract. */
export function fixtureFile(contract) {
  return path.join(folder, `fixture-${contract}.json`);
}

function readJson(...names) {
  return JSON.parse(readFileSync(path.join(folder, ...names), "utf8"));
}

function textOf(body) {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** All exchanges of a contract, without the headers of the requests. */
export function goldenExchanges(contract) {
  const common = readJson("headers.json");
  return readdirSync(path.join(folder, contract)).flatMap((name) =>
    readJson(contract, name).exchanges.map(({ send = "", body = "", ...exchange }) => {
      const [method, target] = exchange.request.split(/ (.*)/);
      const { send_hex: hex, status, reason, response_headers: others } = exchange;
      const id = { "X-Request-Id": exchange.headers?.["X-Request-Id"] ?? "case" };
      const headers = target.startsWith("/__admin")
        ? { ...common.control, ...others }
        : { ...common[contract], ...id, ...others };
      for (const each of Object.keys(headers)) if (headers[each] === null) delete headers[each];
      if (reason !== undefined) headers["X-Mock-Reason"] = reason;
      const request = { method, path: target.split("?")[0], body: textOf(send) };
      if (hex !== undefined) request.body = Buffer.from(hex, "hex").toString();
      return { name, request, response: { status, headers, text: textOf(body) }, body };
    }),
  );
}
