/** What a run of the benchmark is told to do. */
import { parseArgs } from "node:util";

const usage = (
  measures,
) => `usage: scripts/bench.sh [--quick] [--only MEASURE]... [--rounds N] [--seconds N]

Measures mock-capgo beside a Hono server, json-server and nginx, in about 13 minutes. A run of all
measures writes bench/figures.md, and selections into README.md and docs/performance.md. Exits with
1 if a goal is missed.

  --quick         shows in half a minute that all of it works: judges nothing but errors of
                  mock-capgo, and writes no file
  --only MEASURE  one of ${measures.join(", ")}; may be given again
  --rounds N      rounds of each measure, of which the median counts (3)
  --seconds N     length of one round, 1 to 8 (2)

Set MOCK_CAPGO to the path of a mock-capgo to measure that one; else the release build is made.`;

const full = {
  isQuick: false,
  rounds: 3,
  seconds: 2,
  warmUpSeconds: 1,
  connections: [1, 16, 64, 256],
  starts: 21,
  requests: 1_000_000,
  keys: 100_000,
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
  keys: 10_000,
  sandboxes: 50,
};

/** mock-capgo closes half-sent connections after 10 seconds, so no round may be as long. */
const longestRound = 8;

const known = {
  quick: { type: "boolean" },
  only: { type: "string", multiple: true },
  rounds: { type: "string" },
  seconds: { type: "string" },
  help: { type: "boolean", short: "h" },
};

/** A whole number from 1 to `most`. */
function count(option, text, most) {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= most) return Number(text);
  throw new Error(`--${option} ${text}: give a whole number from 1 to ${most}`);
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
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such measure`);
  const settings = { ...(isQuick ? quick : full), only, errors: [] };
  if (rounds !== undefined) settings.rounds = count("rounds", rounds, 99);
  if (seconds !== undefined) settings.seconds = count("seconds", seconds, longestRound);
  return { help, settings };
}

/**
 * The settings that the command line asks for; `only` names the chosen ones of these measures. Ends
 * the program if it asks for help or is a bad one.
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
