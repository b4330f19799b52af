/** The servers that are compared: how each is started, asked and weighed. */
import { closeSync, copyFileSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";

import { newFolder, output, repository, start, stop } from "./processes.mjs";

/** The mock-capgo to measure. */
export const program = process.env.MOCK_CAPGO
  ? path.resolve(process.env.MOCK_CAPGO)
  : path.join(repository, "build", "release", "mock-capgo");

/** Where the npm packages are. */
export const npmFolder = path.join(repository, "build", "npm");

/** What every server holds at first, if nothing else is said. */
export const keysFile = path.join(repository, "fixtures", "keys.json");

const patience = 30_000;

/** A rule that every request is held against, and that acts on none. */
const scenario = {
  name: "beside-the-point",
  rules: [{ on: "* /apikey/:id/", match: { id: 999999999 }, error: "key_not_found" }],
};

function file(folder, name, text) {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

let sampled;

/** The answers nginx gives: those of mock-capgo, byte for byte. */
async function answers() {
  const server = await serve("mock-capgo");
  const ask = async (method, secret = "ak_123", body = undefined) => {
    const headers = { authorization: secret };
    return (await fetch(server.url + "/apikey/", { method, headers, body })).text();
  };
  const [list, refusal] = [await ask("GET"), await ask("GET", "ak_456")];
  const made = await ask("POST", "ak_123", '{"name":"Nightly","mode":"upload"}');
  await server.stop();
  return { list, refusal, made };
}

async function nginxConfiguration(port) {
  const { list, refusal, made } = await (sampled ??= answers());
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    daemon off; worker_processes 2; pid nginx.pid; error_log stderr;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000; default_type application/json;
      ${temporary.map((what) => `${what}_temp_path ${what};`).join(" ")}
      server {
        listen 127.0.0.1:${port};
        location /apikey/ { return 200 '${list}'; }
        location /refused/ { return 403 '${refusal}'; }
        location /made/ {
          if ($request_method = POST) { return 200 '${made}'; }
          return 200 '{"success":true}';
        }
      }
    }`;
}

/**
 * By name: the command, given a port and a folder of its own, and the paths that are not /apikey/.
 * mock-capgo runs as users have it, and its log of requests goes to a file.
 */
const contenders = {
  "mock-capgo": {
    command: ({ port, folder, fixtures, storage, options = [] }) => [
      program,
      ...["--port", port, "--exit-on-stdin-close", "--fixtures", fixtures],
      ...["--scenario", file(folder, "scenario.json", JSON.stringify(scenario))],
      ...(storage ? ["--storage", `sqlite:${storage}`] : []),
      ...options,
    ],
  },
  Hono: {
    command: ({ port, fixtures }) => {
      // Where Node finds the packages that it imports.
      const script = path.join(npmFolder, "hono_server.mjs");
      copyFileSync(path.join(repository, "bench", "hono_server.mjs"), script);
      return [process.execPath, script, port, fixtures];
    },
  },
  "json-server": {
    command: ({ port, folder, fixtures }) => {
      const { keys } = JSON.parse(readFileSync(fixtures, "utf8"));
      const database = file(folder, "db.json", JSON.stringify({ apikey: keys }));
      const script = path.join(npmFolder, "node_modules", "json-server", "lib", "cli", "bin.js");
      return [process.execPath, script, "--quiet", "--host", "127.0.0.1", "--port", port, database];
    },
    refusals: "/apikey/0/", // A 404: it knows no modes.
  },
  nginx: {
    command: async ({ port, folder }) => {
      const configuration = file(folder, "nginx.conf", await nginxConfiguration(port));
      return ["nginx", "-e", "stderr", "-p", folder, "-c", configuration];
    },
    refusals: "/refused/",
    "create + delete": "/made/",
  },
};

/** All of them, the one that matters first. */
export const names = Object.keys(contenders);

/**
 * A free port out of the range that outgoing connections take theirs from: else a client that
 * keeps trying to connect may at last be connected with itself.
 */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return String(port);
  }
}

/** Whether a list is answered with 200 on this port. */
function isAnswered(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `GET /apikey/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ak_123\r\n\r\n`,
    );
    socket.once("data", (data) => {
      resolve(String(data).startsWith("HTTP/1.1 200"));
      socket.destroy();
    });
    socket.once("error", () => {}).once("close", () => resolve(false));
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Asks on and on; a pause is half a millisecond, which no timer of Node's is short enough for. */
async function firstAnswer(port, child) {
  const deadline = performance.now() + patience;
  while (!(await isAnswered(port))) {
    const end = child.exitCode ?? child.signalCode;
    if (end !== null) throw new Error(`it ended with ${end}`);
    if (performance.now() > deadline) throw new Error("it gave no answer");
    Atomics.wait(sleeper, 0, 0, 0.5);
  }
}

/**
 * Starts a server of this name and waits for its first answer, which took `startMs`. A mock-capgo
 * may be given a file of fixtures and of SQLite storage, and more options.
 */
export async function serve(name, { fixtures = keysFile, storage, options } = {}) {
  const folder = newFolder();
  const port = await freePort();
  const { command, ...paths } = contenders[name];
  const [executable, ...args] = await command({ port, folder, fixtures, storage, options });
  const log = openSync(path.join(folder, "log"), "a");
  const begin = performance.now();
  const child = start(executable, args, { cwd: folder, stdio: ["pipe", "ignore", log] });
  closeSync(log);
  try {
    await firstAnswer(port, child);
  } catch (failure) {
    const said = readFileSync(path.join(folder, "log"), "utf8").slice(-2000);
    throw new Error(`${name}: ${failure.message}; it said: ${said}`);
  }
  const startMs = performance.now() - begin;
  return new Server(name, { child, folder, port, paths, startMs });
}

class Server {
  constructor(name, rest) {
    Object.assign(this, { name, ...rest });
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** Where requests of this kind go. */
  pathFor(kind) {
    return this.paths[kind] ?? "/apikey/";
  }

  /** Resident memory with that of its workers, in MB of 1,000,000 bytes. */
  async memory() {
    const processes = (await output("ps", ["-A", "-o", "pid=,ppid=,rss="]))
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
    const own = processes.filter(([pid, parent]) => [pid, parent].includes(this.child.pid));
    return own.reduce((sum, [, , kilobytes]) => sum + kilobytes * 1024, 0) / 1e6;
  }

  /** Ends it, and gives what it wrote to stderr. */
  async stop() {
    await stop(this.child);
    const log = readFileSync(path.join(this.folder, "log"), "utf8");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    return log;
  }
}
