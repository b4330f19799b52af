/** The servers to compare: how to start, request and measure each. */
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";

import { newFolder, repository, residentMemory, start, stop } from "./processes.mjs";

const build = (preset) => path.join(repository, "build", preset, "mock-capgo");
const staticProgram = build(process.arch === "arm64" ? "static-arm64" : "static-amd64");

/** The build that uses shared libraries. */
export const dynamicProgram = build("release");

/** The mock-capgo to measure: by default, the static executable if there is one. */
export const program = path.resolve(
  process.env.MOCK_CAPGO || (existsSync(staticProgram) ? staticProgram : dynamicProgram),
);

/** Whether this is the static executable. */
export const isStatic = program === staticProgram;

/** Where the npm packages are. */
export const npmFolder = path.join(repository, "build", "npm");

/** The initial keys of every server, by default. */
export const keysFile = path.join(repository, "fixtures", "keys.json");

const maxWait = 30_000;

/** A rule that is evaluated for every request, but never fires. */
const scenario = {
  name: "never-fires",
  rules: [{ on: "* /apikey/:id/", match: { id: 999999999 }, error: "key_not_found" }],
};

function file(folder, name, text) {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

let sampled;

/** The responses of mock-capgo, for nginx. */
async function sampleResponses() {
  const server = await serve("mock-capgo");
  const send = async (method, secret = "ak_123", body = undefined) => {
    const headers = { authorization: secret };
    return (await fetch(server.url + "/apikey/", { method, headers, body })).text();
  };
  const [list, rejection] = [await send("GET"), await send("GET", "ak_456")];
  const created = await send("POST", "ak_123", '{"name":"Nightly","mode":"upload"}');
  await server.stop();
  return { list, rejection, created };
}

async function nginxConfiguration(port) {
  const { list, rejection, created } = await (sampled ??= sampleResponses());
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
        location /rejected/ { return 403 '${rejection}'; }
        location /created/ {
          if ($request_method = POST) { return 200 '${created}'; }
          return 200 '{"success":true}';
        }
      }
    }`;
}

/**
 * For each server, the command to start it, and the kinds of requests with another path than
 * /apikey/. mock-capgo has its default options, and its log goes to a file.
 */
const servers = {
  "mock-capgo": {
    command: ({ port, folder, fixtures, storage, executable = program, options = [] }) => [
      executable,
      ...["--port", port, "--exit-on-stdin-close", "--fixtures", fixtures],
      ...["--scenario", file(folder, "scenario.json", JSON.stringify(scenario))],
      ...(storage ? ["--storage", `sqlite:${storage}`] : []),
      ...options,
    ],
  },
  "node:http": {
    command: ({ port, fixtures }) => {
      const script = path.join(repository, "bench", "node_server.mjs");
      return [process.execPath, script, port, fixtures];
    },
  },
  Hono: {
    command: ({ port, fixtures }) => {
      // Node.js finds the imported packages there.
      for (const script of ["key_service.mjs", "hono_server.mjs"]) {
        copyFileSync(path.join(repository, "bench", script), path.join(npmFolder, script));
      }
      return [process.execPath, path.join(npmFolder, "hono_server.mjs"), port, fixtures];
    },
  },
  "json-server": {
    command: ({ port, folder, fixtures }) => {
      const { keys } = JSON.parse(readFileSync(fixtures, "utf8"));
      const database = file(folder, "db.json", JSON.stringify({ apikey: keys }));
      const script = path.join(npmFolder, "node_modules", "json-server", "lib", "cli", "bin.js");
      return [process.execPath, script, "--quiet", "--host", "127.0.0.1", "--port", port, database];
    },
    rejections: "/apikey/0/", // A 404, because it has no modes.
  },
  nginx: {
    command: async ({ port, folder }) => {
      const configuration = file(folder, "nginx.conf", await nginxConfiguration(port));
      return ["nginx", "-e", "stderr", "-p", folder, "-c", configuration];
    },
    rejections: "/rejected/",
    "create + delete": "/created/",
  },
};

export const names = Object.keys(servers);

/**
 * A free port outside the range for outgoing connections. Inside it, a client that keeps trying to
 * connect could connect to itself.
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

/** Whether a list succeeds on this port. */
function listSucceeds(port) {
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

/** Repeats a request until it succeeds, every 0.1 ms, which no timer of Node.js can do. */
async function waitForResponse(port, child) {
  const deadline = performance.now() + maxWait;
  while (!(await listSucceeds(port))) {
    const end = child.exitCode ?? child.signalCode;
    if (end !== null) throw new Error(`it ended with ${end}`);
    if (performance.now() > deadline) throw new Error("it does not respond");
    Atomics.wait(sleeper, 0, 0, 0.1);
  }
}

/** Prints the time in microseconds and becomes the server, so that `startMs` excludes the fork. */
const starter = 'echo "${EPOCHREALTIME/[.,]/}" >&3 && exec 3>&- "$@"';

/**
 * Starts a server and waits for its first response, which took `startMs`. `storage` (an SQLite
 * file), `executable` and `options` are for mock-capgo only.
 */
export async function serve(name, { fixtures = keysFile, ...rest } = {}) {
  const folder = newFolder();
  const port = await freePort();
  const { command, ...paths } = servers[name];
  const args = ["-c", starter, "bash", ...(await command({ port, folder, fixtures, ...rest }))];
  const log = openSync(path.join(folder, "log"), "a");
  const child = start("bash", args, { cwd: folder, stdio: ["pipe", "ignore", log, "pipe"] });
  closeSync(log);
  const begin = once(child.stdio[3], "data").then(([microseconds]) => Number(microseconds) / 1000);
  try {
    await waitForResponse(port, child);
  } catch (failure) {
    const output = readFileSync(path.join(folder, "log"), "utf8").slice(-2000);
    throw new Error(`${name}: ${failure.message}; its log: ${output}`);
  }
  const startMs = performance.timeOrigin + performance.now() - (await begin);
  return new Server(name, { child, folder, port, paths, startMs });
}

class Server {
  constructor(name, rest) {
    Object.assign(this, { name, ...rest });
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** The path of requests of this kind. */
  pathFor(kind) {
    return this.paths[kind] ?? "/apikey/";
  }

  /** Resident memory, workers included, in MB of 1,000,000 bytes. */
  memory() {
    return residentMemory(this.child);
  }

  /** Stops the server, and returns its stderr. */
  async stop() {
    await stop(this.child);
    const log = readFileSync(path.join(this.folder, "log"), "utf8");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    return log;
  }
}
