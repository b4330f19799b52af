/** Writes the figures of a full run to bench/figures.md, README.md and docs/performance.md. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { output, repository } from "./processes.mjs";
import { number, table, verdictTable } from "./report.mjs";
import { names, npmFolder, program } from "./servers.mjs";

const notes = `All servers run on the same machine as wrk, which makes the load. Each figure is the median of
several rounds; in each round, every server runs once. mock-capgo logs every request to a file and
evaluates a scenario; Hono (\`bench/hono_server.mjs\`) responds the same, with its keys in a Map and
without a log; json-server checks no keys, writes a file, and its rejection is a 404; nginx, with two
workers, returns fixed bytes, copied from mock-capgo. A create + delete counts as two requests.`;

/** The machine, in one line. */
function machine() {
  const release = "/etc/os-release";
  const pretty = existsSync(release) && /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync(release));
  const cpus = os.cpus();
  const memory = number(os.totalmem() / 2 ** 30);
  const system = pretty ? pretty[1] : `${os.type()} ${os.release()}`;
  return `${cpus.length} cores of ${cpus[0].model.trim()}, ${memory} GiB of memory, ${system}`;
}

async function versions() {
  const npmVersion = (name) =>
    JSON.parse(readFileSync(path.join(npmFolder, "node_modules", name, "package.json"))).version;
  const version = async (command, ...args) => /\d+\.[\d.]+/.exec(await output(command, args))[0];
  return [
    `mock-capgo ${await version(program, "--version")}`,
    `Node ${process.versions.node}`,
    `Hono ${npmVersion("hono")} on @hono/node-server ${npmVersion("@hono/node-server")}`,
    `json-server ${npmVersion("json-server")}`,
    `nginx ${await version("nginx", "-v")}`,
    `sqlite3 ${await version("sqlite3", "--version")}`,
  ].join(", ");
}

function row(label, decimals, pick) {
  return [label, ...names.map((each) => number(pick(each), decimals))];
}

/** The three figures of README.md. */
function summary({ start, memory, requests }) {
  const { figures } = requests.find(({ kind, connections }) => kind === "list" && connections === 64);
  return table(["", ...names], [
    row("first response after start, ms", 1, (each) => start[each].ms),
    row("resident memory after start, MB", 0, (each) => memory[each].rest),
    row("lists a second, 64 connections", 0, (each) => figures[each].rate),
  ]);
}

/** The figures of docs/performance.md. */
function selection({ start, memory, requests }) {
  const atConnections = requests.filter(({ connections }) => connections === 64);
  const rows = [
    row("first response after start, ms", 1, (each) => start[each].ms),
    row("resident memory then, MB", 0, (each) => memory[each].rest),
    row("after a million lists ¹, MB", 0, (each) => memory[each].end),
    ...atConnections.flatMap(({ kind, figures }) => [
      row(`${kind}, requests a second`, 0, (each) => figures[each].rate),
      row(`${kind}, p99 in ms`, 2, (each) => figures[each].p99 / 1000),
    ]),
  ];
  const fewer = number(memory["json-server"].requests);
  return `${table(["at 64 connections", ...names], rows)}\n\n¹ json-server: after ${fewer}.`;
}

/** Replaces the figures of a page. */
function replaceFigures(page, text) {
  const file = path.join(repository, page);
  const block = /(?<=<!-- figures -->\n)[^]*?(?=<!-- \/figures -->)/;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(block, () => `\n${text}\n\n`),
  );
}

/** Writes all pages from the results of all measures. */
export async function writeReport({ rounds, seconds }, results, verdicts, errors) {
  const date = new Date().toISOString().slice(0, 10);
  const section = (title, text) => `## ${title}\n\n${text}\n`;
  const page = [
    `# Figures\n\nWritten by \`scripts/bench.sh\`, ${date}; rounds: ${rounds}, of ${seconds} s.\n`,
    `${machine()}.\n\n${await versions()}.\n\n${notes}\n`,
    ...results.map(({ title, format, figures }) => section(title, format(figures))),
    section("Goals", verdictTable(verdicts)),
    section("Errors", errors.map((error) => `- ${error}`).join("\n") || "None, of any server."),
  ];
  writeFileSync(path.join(repository, "bench", "figures.md"), page.join("\n"));
  const byName = Object.fromEntries(results.map(({ name, figures }) => [name, figures]));
  replaceFigures("README.md", summary(byName));
  const measured = `Measured ${date} on ${machine()}.`;
  replaceFigures("docs/performance.md", `${selection(byName)} ${measured}`);
}
