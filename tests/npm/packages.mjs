/** The npm packages, which npm/build.mjs puts into build/npm/tarballs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";

import { newFolder, repository } from "../e2e/server.mjs";

const tarballs = path.join(repository, "build", "npm", "tarballs");

/** The paths of the packed packages, that of the platform first. */
export const packed = readdirSync(tarballs)
  .filter((name) => name.endsWith(".tgz"))
  .sort((a, b) => b.length - a.length)
  .map((name) => path.join(tarballs, name));

/** Puts both packages into node_modules of a folder, without a package manager. */
export function install(folder) {
  const platform = `@mock-capgo/${process.platform}-${process.arch}`;
  for (const [index, name] of [platform, "mock-capgo"].entries()) {
    const target = path.join(folder, "node_modules", name);
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", packed[index], "--strip-components=1", "-C", target]);
  }
}

/** A new folder with both packages in node_modules. */
export function installedFolder(t) {
  const folder = newFolder(t);
  install(folder);
  return folder;
}
