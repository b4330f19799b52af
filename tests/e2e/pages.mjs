/** Reads the Markdown pages: their text, tables and links. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

import { repository } from "./server.mjs";

export function page(name) {
  return readFileSync(path.join(repository, name), "utf8");
}

/** The pages whose snippets are run: README.md and all of docs/. */
export const userPages = [
  "README.md",
  ...readdirSync(path.join(repository, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** All pages of the repository. */
export const allPages = [
  ...readdirSync(repository).filter((name) => name.endsWith(".md") && name !== "README.md"),
  ...userPages,
];

/** The cells of the table rows below a heading whose first cell matches `first`. */
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

/** A page without its fenced blocks. */
function proseOf(name) {
  return page(name).replaceAll(/^```[^]*?^```$/gm, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(name) {
  const headings = [...proseOf(name).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The links of a page to files or headings of the repository that do not exist. */
export function brokenLinks(name) {
  const targets = [...proseOf(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [file, anchor] = target.split("#");
    const linked = file ? path.join(path.dirname(name), file) : name;
    if (!existsSync(path.join(repository, linked))) return true;
    return anchor !== undefined && !anchorsOf(linked).includes(anchor);
  });
}
