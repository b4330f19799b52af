/** scripts/run.sh builds and runs the program. Stubs replace the packages, the build and the program. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { newFolder, repository, run } from "./server.mjs";

const announcement = "building mock-capgo once, in about a minute ...";

/** Creates a folder with run.sh, in which a build runs `script`. Returns run.sh and its environment. */
function stubs(t, script) {
  const root = newFolder(t);
  const bin = path.join(root, "bin");
  for (const folder of ["scripts", "bin"]) mkdirSync(path.join(root, folder));
  const runScript = path.join(root, "scripts", "run.sh");
  copyFileSync(path.join(repository, "scripts", "run.sh"), runScript);
  const write = (file, text) => writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  write(path.join(root, "scripts", "install_packages.sh"), "");
  write(path.join(bin, "cmake"), `[ "$1" = --build ] || exit 0\n${script}`);
  write(path.join(bin, "mock-capgo"), 'echo "ready $*"');
  return { runScript, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } };
}

const buildsInTwoSteps = `
  echo '[1/2] Building CXX object a.o'
  echo 'a.cc: warning'
  echo '[2/2] Linking CXX executable mock-capgo'
  cp bin/mock-capgo build/release/mock-capgo`;

test("run.sh shows the progress of the build on a terminal", async (t) => {
  const { runScript, env } = stubs(t, buildsInTwoSteps);
  const command = `'${runScript}' --port 0`;
  const { code, stdout } = await run("script", ["-qec", command, "/dev/null"], { env });
  assert.equal(stdout, `${announcement}\r\n\r[1/2]\r[2/2]\r\nready --port 0\r\n`);
  assert.equal(code, 0);
});

test("run.sh reports a build to a file or pipe in one line, and leaves stdout to the server", async (t) => {
  const { runScript, env } = stubs(t, buildsInTwoSteps);
  const { code, stdout, stderr } = await run(runScript, ["--port", "0"], { env });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "ready --port 0\n", stderr: `${announcement}\n` });
});

test("run.sh shows the end of the log of a failed build", async (t) => {
  const { runScript, env } = stubs(t, "seq 50\nexit 1");
  const { code, stdout, stderr } = await run(runScript, ["--port", "0"], { env });
  const lines = stderr.trimEnd().split("\n");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.deepEqual([lines[0], lines[1], lines[40]], [announcement, "11", "50"]);
  assert.match(lines[41], /^run\.sh: the build failed; see .*\/build\/release\/build\.log$/);
});
