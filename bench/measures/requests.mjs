/** Requests a second and latency by kind and number of connections, alone and beside a crowd. */
import { alternate, load, loadBesideCrowd } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

const kinds = ["list", "create + delete", "refusals"];
const warmUpConnections = 64;

/** One row for each kind and number of connections: the medians by server. */
async function measure(settings, loadOnce) {
  const rows = [];
  for (const kind of kinds) {
    const servers = {};
    for (const each of names) {
      servers[each] = await serve(each);
      await load(settings, servers[each], kind, warmUpConnections, settings.warmUpSeconds);
    }
    for (const connections of settings.connections) {
      const figures = await alternate(names, settings.rounds, (each) =>
        loadOnce(settings, servers[each], kind, connections),
      );
      rows.push({ kind, connections, figures });
    }
    for (const server of Object.values(servers)) await server.stop();
  }
  return rows;
}

const ratio = ({ figures }, other) => figures["mock-capgo"].rate / figures[other].rate;
const milliseconds = (microseconds) => number(microseconds / 1000, 2);

function show(rows) {
  const label = ({ kind, connections }) => [kind, String(connections)];
  const rates = table(
    ["requests a second", "connections", ...names, "to Hono", "to nginx"],
    rows.map((row) => [
      ...label(row),
      ...names.map((each) => number(row.figures[each].rate)),
      number(ratio(row, "Hono"), 2),
      number(ratio(row, "nginx"), 2),
    ]),
  );
  const latencies = table(
    ["p50 / p99 in ms", "connections", ...names],
    rows.map((row) => [
      ...label(row),
      ...names.map(
        (each) => `${milliseconds(row.figures[each].p50)} / ${milliseconds(row.figures[each].p99)}`,
      ),
    ]),
  );
  return `${rates}\n\n${latencies}`;
}

const place = ({ kind, connections }) => `${kind} at ${connections} connections`;

function judgeRatio(rows, other, least) {
  const worst = rows
    .filter(({ connections }) => connections >= 16)
    .reduce((a, b) => (ratio(b, other) < ratio(a, other) ? b : a));
  return verdict(
    `at 16, 64 and 256 connections at least ${least} times the requests a second of ${other}`,
    ratio(worst, other) >= least,
    `least ${number(ratio(worst, other), 2)}, ${place(worst)}`,
  );
}

/** Beside nothing. */
export const alone = {
  name: "requests",
  title: "Requests a second and latency",
  run: (settings) => measure(settings, load),
  show,
  judge: (rows) => [judgeRatio(rows, "Hono", 1.6), judgeRatio(rows, "nginx", 0.5)],
};

/** Beside connections that are open and silent. */
export const besideCrowd = {
  name: "crowd",
  title: "The same beside 900 idle and 50 half-sent connections",
  run: (settings) => measure(settings, loadBesideCrowd),
  show,
  judge(rows) {
    const p99 = (row) => row.figures["mock-capgo"].p99;
    const worst = rows.reduce((a, b) => (p99(b) > p99(a) ? b : a));
    return [
      verdict(
        "p99 below 25 ms beside 900 idle and 50 half-sent connections",
        p99(worst) < 25_000,
        `most ${milliseconds(p99(worst))} ms, ${place(worst)}`,
      ),
    ];
  },
};
