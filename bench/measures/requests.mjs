/** Requests a second and latency, with and without many other connections. */
import { alternate, load, loadBesideCrowd } from "../load.mjs";
import { number, table, verdict } from "../report.mjs";
import { names, serve } from "../servers.mjs";

/** The kinds of requests, and the share of nginx's requests a second that is the goal. */
const kinds = { list: 0.75, "create + delete": 0.65, rejections: 0.75 };
const warmUpConnections = 64;

/** One row for each kind and number of connections: the medians by server. */
async function measure(settings, measured, loadOnce) {
  const rows = [];
  for (const kind of Object.keys(kinds)) {
    const servers = {};
    for (const each of measured) {
      servers[each] = await serve(each);
      await load(settings, servers[each], kind, warmUpConnections, settings.warmUpSeconds);
    }
    for (const connections of settings.connections) {
      const figures = await alternate(measured, settings.rounds, (each) =>
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

const label = ({ kind, connections }) => [kind, String(connections)];
const p50AndP99 = ({ p50, p99 }) => `${milliseconds(p50)} / ${milliseconds(p99)}`;
const place = ({ kind, connections }) => `${kind} at ${connections} connections`;

function format(rows) {
  const rates = table(
    ["requests a second", "connections", ...names, "to node:http", "to nginx"],
    rows.map((row) => [
      ...label(row),
      ...names.map((each) => number(row.figures[each].rate)),
      number(ratio(row, "node:http"), 2),
      number(ratio(row, "nginx"), 2),
    ]),
  );
  const latencies = table(
    ["p50 / p99 in ms", "connections", ...names],
    rows.map((row) => [...label(row), ...names.map((each) => p50AndP99(row.figures[each]))]),
  );
  return `${rates}\n\n${latencies}`;
}

function checkRatio(rows, other, min, what) {
  const worst = rows
    .filter(({ connections }) => connections >= 16)
    .reduce((a, b) => (ratio(b, other) < ratio(a, other) ? b : a));
  return verdict(
    `${what} from 16 connections: at least ${min} times the requests a second of ${other}`,
    ratio(worst, other) >= min,
    `min ${number(ratio(worst, other), 2)}, ${place(worst)}`,
  );
}

/** Without other connections. */
export const alone = {
  name: "requests",
  title: "Requests a second and latency",
  run: (settings) => measure(settings, names, load),
  format,
  check: (rows) => [
    checkRatio(rows, "node:http", 1.6, "all kinds"),
    ...Object.entries(kinds).map(([each, min]) =>
      checkRatio(rows.filter(({ kind }) => kind === each), "nginx", min, each),
    ),
  ],
};

const ours = "mock-capgo";

/** With many connections without traffic. */
export const besideCrowd = {
  name: "crowd",
  title: "mock-capgo: the same with 900 idle and 50 half-sent connections",
  run: (settings) => measure(settings, [ours], loadBesideCrowd),

  format: (rows) =>
    table(
      ["", "connections", "requests a second", "p50 / p99 in ms"],
      rows.map((row) => {
        const figures = row.figures[ours];
        return [...label(row), number(figures.rate), p50AndP99(figures)];
      }),
    ),

  check(rows) {
    const p99 = (row) => row.figures[ours].p99;
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
