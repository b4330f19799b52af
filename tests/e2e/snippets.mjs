/** The fenced blocks of README.md and docs/, and folders to run them in. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { require } from "./npm.mjs";
import { page, userPages } from "./pages.mjs";
import { newFolder, keysFile, program } from "./server.mjs";

/** Fenced blocks: page, info string, its language and `title` or `norun`, and text. */
export const blocks = userPages.flatMap((name) =>
  [...page(name).matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, text]) => {
    const [, language, mark, value] = /^(\w*)(?: (title|norun)="(.*)")?$/.exec(info) ?? [];
    return { page: name, info, language, [mark]: value, text };
  }),
);

export function block(title) {
  return (
    blocks.find((each) => each.title === title)?.text ?? assert.fail(`no block titled ${title}`)
  );
}

/**
 * A folder with these blocks in files named by their titles, and an environment with mock-capgo on
 * PATH.
 */
export function snippetFolder(t, ...titles) {
  const cwd = newFolder(t);
  mkdirSync(path.join(cwd, "fixtures"));
  cpSync(keysFile, path.join(cwd, "fixtures", "keys.json"));
  mkdirSync(path.join(cwd, "bin"));
  symlinkSync(program, path.join(cwd, "bin", "mock-capgo"));
  for (const title of titles) writeFileSync(path.join(cwd, title), block(title));
  const env = { ...process.env, PATH: `${path.join(cwd, "bin")}:${process.env.PATH}` };
  delete env.NODE_TEST_CONTEXT; // Otherwise a `node --test` inside this one runs nothing.
  return { cwd, env };
}

/**
 * Compiles a file and its imports with all strict options, and the types in node_modules beside it.
 * Returns TypeScript's errors.
 */
export function compile(file) {
  const ts = require("typescript");
  const { ES2022 } = ts.ScriptTarget;
  const { NodeNext } = ts.ModuleKind;
  const lib = ["lib.es2022.d.ts", "lib.dom.d.ts"];
  const options = { strict: true, target: ES2022, module: NodeNext, lib, skipLibCheck: true };
  const more = { noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const typeRoots = [path.join(path.dirname(file), "node_modules", "@types")];
  const program = ts.createProgram([file], { ...options, ...more, typeRoots });
  program.emit();
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
