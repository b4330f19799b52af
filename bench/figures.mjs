/**
 * Writes the figures of a full run to bench/figures.md, README.md and docs/performance.md, and the
 * charts of that page.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { barChart, inAllThemes, lineChart } from "./charts.mjs";
import { output, repository } from "./processes.mjs";
import { number, table, verdictTable } from "./report.mjs";
import { isStatic, names, npmFolder, program } from "./servers.mjs";

const notes = `All servers run on the same machine as wrk, which makes the load. wrk uses half of the
CPU time beside nginx, and a third beside the others. Each figure is the median of several rounds; in
each round, every server runs once. A create + delete counts as two requests. The time to the first
response begins when the server is executed.

- mock-capgo has default options. It adds every request to the journal, logs it to a file, evaluates a
  scenario, and sends CORS headers. It has an event loop for each core.
- node:http (\`bench/node_server.mjs\`) and Hono (\`bench/hono_server.mjs\`, without middleware)
  send the same bodies, with the keys in a Map, so they have a single process. They have no journal,
  log, scenarios or CORS headers.
- json-server checks no keys, writes a file, and its rejection is a 404.
- nginx, with two workers and no log, sends fixed bodies, copied from mock-capgo, with
  \`return 200\` or \`return 403\`, and half as many headers.`;

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
    `mock-capgo ${await version(program, "--version")}${isStatic ? ", static" : ""}`,
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

const at64 = ({ requests }) => requests.filter(({ connections }) => connections === 64);

/** The three figures of README.md. */
function summary({ start, memory, ...rest }) {
  const { figures } = at64(rest).find(({ kind }) => kind === "list");
  return table(["", ...names], [
    row("first response after start, ms", 1, (each) => start[each].ms),
    row("resident memory after start, MB", 0, (each) => memory[each].rest),
    row("lists a second, 64 connections", 0, (each) => figures[each].rate),
  ]);
}

/** The figures of docs/performance.md. */
function selection({ start, memory, ...rest }) {
  const rows = [
    row("first response after start, ms", 1, (each) => start[each].ms),
    row("resident memory then, MB", 0, (each) => memory[each].rest),
    row("after a million lists ¹, MB", 0, (each) => memory[each].end),
    ...at64(rest).flatMap(({ kind, figures }) => [
      row(`${kind}, requests a second`, 0, (each) => figures[each].rate),
      row(`${kind}, p99 in ms`, 2, (each) => figures[each].p99 / 1000),
    ]),
  ];
  const fewer = number(memory["json-server"].requests);
  return `${table(["at 64 connections", ...names], rows)}\n\n¹ json-server: after ${fewer}.`;
}

/** The values of each server, by its name. */
const byServer = (pick) => Object.fromEntries(names.map((each) => [each, pick(each)]));

/** The charts of docs/performance.md, as files. */
function charts({ start, keys, ...rest }) {
  const drawn = {
    throughput: inAllThemes(barChart, {
      title: "Requests a second",
      subtitle: "At 64 connections; more is better. nginx sends fixed bodies, as an upper limit",
      groups: at64(rest).map(({ kind, figures }) => ({
        heading: kind,
        values: byServer((each) => figures[each].rate),
      })),
    }),
    start: inAllThemes(barChart, {
      title: "First response after start",
      subtitle: "In milliseconds; less is better",
      decimals: 1,
      groups: [{ values: byServer((each) => start[each].ms) }],
    }),
    keys: inAllThemes(lineChart, {
      title: "Cost of a create or delete, by the number of keys",
      subtitle: "Microseconds a request, at 16 connections; less is better",
      points: keys.map((each) => number(each.keys)),
      axis: "keys",
      series: Object.fromEntries(
        Object.keys(keys[0].costs).map((each) => [each, keys.map(({ costs }) => costs[each])]),
      ),
    }),
  };
  return Object.entries(drawn).flatMap(([name, themes]) =>
    Object.entries(themes).map(([theme, svg]) => [`docs/charts/${name}-${theme}.svg`, svg]),
  );
}

/** A page with other figures. */
function withFigures(page, text) {
  const block = /(?<=<!-- figures -->\n)[^]*?(?=<!-- \/figures -->)/;
  const before = readFileSync(path.join(repository, page), "utf8");
  return [page, before.replace(block, () => `\n${text}\n\n`)];
}

/** Composes all pages and charts from the results of all measures, as names and texts of files. */
export async function composeReport({ rounds, seconds }, results, verdicts, errors) {
  const date = new Date().toISOString().slice(0, 10);
  const section = (title, text) => `## ${title}\n\n${text}\n`;
  const page = [
    `# Figures\n\nWritten by \`scripts/bench.sh\`, ${date}; rounds: ${rounds}, of ${seconds} s.\n`,
    `${machine()}.\n\n${await versions()}.\n\n${notes}\n`,
    ...results.map(({ title, format, figures }) => section(title, format(figures))),
    section("Goals", verdictTable(verdicts)),
    section("Errors", errors.map((error) => `- ${error}`).join("\n") || "None, of any server."),
  ];
  const byName = Object.fromEntries(results.map(({ name, figures }) => [name, figures]));
  const measured = `Measured ${date} on ${machine()}.`;
  return [
    ["bench/figures.md", page.join("\n")],
    withFigures("README.md", summary(byName)),
    withFigures("docs/performance.md", `${selection(byName)} ${measured}`),
    ...charts(byName),
  ];
}

/** Writes the files to the repository. */
export function writeReport(files) {
  for (const [name, text] of files) writeFileSync(path.join(repository, name), text);
}
