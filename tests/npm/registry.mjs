/** A local registry with the packed packages, and folders that install from it as a user does. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { newFolder, repository, run, start } from "../e2e/server.mjs";
import { packed } from "./packages.mjs";

const modules = path.join(repository, "build", "npm", "node_modules");

/** Serves the registry on a free port until stdin ends, and prints the port. */
const serveRegistry = `
  const { runServer } = require("verdaccio");
  process.stdin.on("end", () => process.exit()).resume();
  runServer(process.argv[1]).then((app) => {
    const server = app.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
  });`;

/** Anybody may publish mock-capgo; all other packages come from the registry at this URL. */
function configuration(folder, url) {
  const own = { access: "$all", publish: "$all" };
  const other = { access: "$all", proxy: "other" };
  return {
    storage: path.join(folder, "storage"),
    auth: { htpasswd: { file: path.join(folder, "htpasswd") } },
    uplinks: { other: { url, maxage: "1h" } },
    packages: { "mock-capgo": own, "@mock-capgo/*": own, "**": other },
    web: { enable: false },
    max_body_size: "1gb", // With sanitizers, an executable is large.
    log: { type: "stdout", format: "pretty", colors: false, level: "http" },
  };
}

/** Each name's first entry in scripts/packages.txt, as NAME@VERSION. A name may begin a version. */
export function pinned(...names) {
  const list = readFileSync(path.join(repository, "scripts", "packages.txt"), "utf8");
  return names.map((name) => {
    const start = name.includes("@", 1) ? name : `${name}@`;
    const [, found] = new RegExp(`^npm:(${start}\\S*)`, "m").exec(list) ?? [];
    return found ?? assert.fail(`scripts/packages.txt does not list npm:${name}`);
  });
}

/** The environment of a user with this home, without the settings of this process. */
function environment(home) {
  const others = /^(npm|pnpm|xdg|mock_capgo)(_|$)|^NODE_TEST_CONTEXT$/i;
  const kept = Object.entries(process.env).filter(([name]) => !others.test(name));
  const own = { HOME: home, TMPDIR: home, NO_COLOR: "1", PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  return { ...Object.fromEntries(kept), ...own };
}

/** Starts a registry, and publishes the packages. It stops after the test. */
export async function startRegistry(t) {
  const folder = newFolder(t);
  const home = path.join(folder, "home");
  mkdirSync(home);
  const { stdout } = await run("npm", ["config", "get", "registry"]);
  const config = path.join(folder, "config.yaml");
  writeFileSync(config, JSON.stringify(configuration(folder, stdout.trim())));
  const server = start(t, process.execPath, ["-e", serveRegistry, config], { cwd: modules });
  const [, port] = await server.waitForOutput("stdout", /^port (\d+)$/m);
  const lines = [`registry=http://127.0.0.1:${port}/`, `//127.0.0.1:${port}/:_authToken=any`];
  lines.push("audit=false", "fund=false", "update-notifier=false");
  writeFileSync(path.join(home, ".npmrc"), lines.join("\n"));
  const registry = new Registry(server, environment(home));
  for (const file of packed) await registry.run(home, "npm", "publish", file);
  return registry;
}

/** A running registry, and the environment of a user whose .npmrc names it. */
class Registry {
  constructor(server, env) {
    this.server = server;
    this.env = env;
  }

  /** Runs a command, or fails with its output. Returns its output. */
  async run(cwd, command, ...args) {
    const { code, stdout, stderr } = await run(command, args, { cwd, env: this.env });
    assert.equal(code, 0, `${[command, ...args].join(" ")}:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** The same user with more environment variables. */
  with(variables) {
    return new Registry(this.server, { ...this.env, ...variables });
  }

  /** Runs `npm` or `pnpm` to install packages, and reports how long it took, and their size. */
  async install(t, cwd, manager, ...args) {
    const begin = performance.now();
    const command = manager === "pnpm" ? path.join(modules, ".bin", "pnpm") : manager;
    await this.run(cwd, command, ...args).catch((failure) => {
      failure.message += `\nregistry: ${this.server.stdout.slice(-3000)}`;
      throw failure;
    });
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const [size] = (await this.run(cwd, "du", "-sm", "node_modules")).split("\t");
    t.diagnostic(`${[manager, ...args].join(" ")}: ${seconds} s, ${size} MB`);
  }

  /** A new folder with a package.json, like that of `npm init`, and a copy of other files. */
  async newProject(t, ...copied) {
    const cwd = newFolder(t);
    for (const each of copied) cpSync(each, cwd, { recursive: true });
    await this.run(cwd, "npm", "init", "-y");
    return cwd;
  }
}
