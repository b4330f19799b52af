/** The pages that users read, and the tables in them. */
import { readFileSync } from "node:fs";
import path from "node:path";

import { repository } from "./server.mjs";

/** The text of a page of the repository. */
export function page(name) {
  return readFileSync(path.join(repository, name), "utf8");
}

/** The cells of the rows below a heading whose first cell has the form of `first`. */
export function tableRows(text, heading, first) {
  const [, section] = text.split(new RegExp(`^#+ ${heading}\n`, "m"));
  const rows = section.split(/^## /m)[0].match(/^\|.*\|$/gm);
  return rows
    .map((row) =>
      row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
    .filter(([cell]) => first.test(cell));
}
