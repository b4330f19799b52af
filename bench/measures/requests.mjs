/** Requests a second and latency, with and without many other connections. */
import { alternate, load, loadBesideCrowd } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

const kinds = ["list", "create + delete", "rejections"];
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

function format(rows) {
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

function checkRatio(rows, other, min) {
  const worst = rows
    .filter(({ connections }) => connections >= 16)
    .reduce((a, b) => (ratio(b, other) < ratio(a, other) ? b : a));
  return verdict(
    `at 16, 64 and 256 connections at least ${min} times the requests a second of ${other}`,
    ratio(worst, other) >= min,
    `min ${number(ratio(worst, other), 2)}, ${place(worst)}`,
  );
}

/** Without other connections. */
export const alone = {
  name: "requests",
  title: "Requests a second and latency",
  run: (settings) => measure(settings, load),
  format,
  check: (rows) => [checkRatio(rows, "Hono", 1.6), checkRatio(rows, "nginx", 0.5)],
};

/** With many connections without traffic. */
export const besideCrowd = {
  name: "crowd",
  title: "The same with 900 idle and 50 half-sent connections",
  run: (settings) => measure(settings, loadBesideCrowd),
  format,
  check(rows) {
    const p99 = (row) => row.figures["mock-capgo"].p99;
    const worst = rows.reduce((a, b) => (p99(b) > p99(a) ? b : a));
    return [
      verdict(
        "p99 below 25 ms with 900 idle and 50 half-sent connections",
        p99(worst) < 25_000,
        `max ${milliseconds(p99(worst))} ms, ${place(worst)}`,
      ),
    ];
  },
};
