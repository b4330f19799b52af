/** The command line of the benchmark. */
import { parseArgs } from "node:util";

const usage = (
  measures,
) => `usage: scripts/bench.sh [--quick] [--only MEASURE]... [--rounds N] [--seconds N]

Compares mock-capgo with servers on Node.js (node:http, Hono, json-server) and with nginx, in about
20 minutes. A run of all measures updates the figures in bench/figures.md, README.md and
docs/performance.md, and the charts in docs/charts. Exits with 1 if a goal is missed.

  --quick         half a minute: checks only for errors of mock-capgo, and writes no file
  --only MEASURE  one of ${measures.join(", ")}; repeatable
  --rounds N      rounds of each measure; the result is their median (5)
  --seconds N     length of a round, 1 to 8 (2)

MOCK_CAPGO is the path of the mock-capgo to measure. Without it, this is the static executable
if scripts/static_build.sh has built it before, and else the release build.`;

const full = {
  isQuick: false,
  rounds: 5,
  seconds: 2,
  warmUpSeconds: 1,
  connections: [1, 16, 64, 256],
  starts: 21,
  requests: 1_000_000,
  keyCounts: [10, 100, 1000, 10_000, 100_000],
  sandboxes: 1000,
  idle: 900,
  halfSent: 50,
};
const quick = {
  ...full,
  isQuick: true,
  rounds: 1,
  seconds: 0.2,
  warmUpSeconds: 0.1,
  connections: [1, 64],
  starts: 1,
  requests: 10_000,
  keyCounts: [10, 10_000],
  sandboxes: 50,
};

/** mock-capgo closes incomplete requests after 10 seconds, so rounds must be shorter. */
const maxSeconds = 8;

const known = {
  quick: { type: "boolean" },
  only: { type: "string", multiple: true },
  rounds: { type: "string" },
  seconds: { type: "string" },
  help: { type: "boolean", short: "h" },
};

/** Reads a whole number from 1 to `max`. */
function readCount(option, text, max) {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`--${option} ${text}: must be a whole number from 1 to ${max}`);
}

function read(measures) {
  const {
    quick: isQuick,
    only = measures,
    help,
    rounds,
    seconds,
  } = parseArgs({ options: known }).values;
  const unknown = only.find((name) => !measures.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: unknown measure; there are ${measures.join(", ")}`);
  const settings = { ...(isQuick ? quick : full), only, errors: [] };
  if (rounds !== undefined) settings.rounds = readCount("rounds", rounds, 99);
  if (seconds !== undefined) settings.seconds = readCount("seconds", seconds, maxSeconds);
  return { help, settings };
}

/**
 * The settings of the command line; `only` has the names of the measures to run. Exits if help is
 * requested or the command line is invalid.
 */
export function readSettings(measures) {
  try {
    const { help, settings } = read(measures);
    if (!help) return settings;
    console.log(usage(measures));
  } catch (failure) {
    console.error(`bench.sh: ${failure.message}\n\n${usage(measures)}`);
    process.exit(2);
  }
  process.exit(0);
}
