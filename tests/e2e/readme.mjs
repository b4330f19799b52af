/** The README's snippets, and a place to run them. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

import { require } from "./npm.mjs";
import { page } from "./pages.mjs";
import { folderFor, keysFile, program } from "./server.mjs";

export const readme = page("README.md");

/** Fenced blocks: their language, the `title` or `norun` of their info string, and their text. */
export const blocks = [...readme.matchAll(/^```(\w+)(?: (\w+)="(.*)")?\n([^]*?)^```$/gm)].map(
  ([, language, mark, value, text]) => ({ language, [mark]: value, text }),
);

/** The text of the block with this title. */
export function block(title) {
  return (
    blocks.find((each) => each.title === title)?.text ?? assert.fail(`no block titled ${title}`)
  );
}

/** A folder as a reader of the README has it, and the environment to run a snippet there. */
export function readersPlace(t) {
  const cwd = folderFor(t);
  mkdirSync(path.join(cwd, "fixtures"));
  cpSync(keysFile, path.join(cwd, "fixtures", "keys.json"));
  mkdirSync(path.join(cwd, "bin"));
  symlinkSync(program, path.join(cwd, "bin", "mock-capgo"));
  const env = { ...process.env, PATH: `${path.join(cwd, "bin")}:${process.env.PATH}` };
  delete env.NODE_TEST_CONTEXT; // Else a `node --test` inside this one runs nothing.
  return { cwd, env };
}

/** Compiles a file and what it imports, as strictly as TypeScript can; gives its complaints. */
export function compile(file) {
  const ts = require("typescript");
  const { ES2022 } = ts.ScriptTarget;
  const { NodeNext } = ts.ModuleKind;
  const lib = ["lib.es2022.d.ts", "lib.dom.d.ts"];
  const options = { strict: true, target: ES2022, module: NodeNext, lib, skipLibCheck: true };
  const strictest = { noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const program = ts.createProgram([file], { ...options, ...strictest });
  program.emit();
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
