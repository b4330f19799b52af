/** The benchmark, started by scripts/bench.sh: runs the measures and checks the goals. */
import os from "node:os";

import { composeReport, writeReport } from "./figures.mjs";
import { fixtures } from "./measures/fixtures.mjs";
import { many as keys } from "./measures/keys.mjs";
import * as memory from "./measures/memory.mjs";
import * as requests from "./measures/requests.mjs";
import * as sandboxes from "./measures/sandboxes.mjs";
import * as sqlite from "./measures/sqlite.mjs";
import * as start from "./measures/start.mjs";
import { readSettings } from "./options.mjs";
import { verdict, verdictTable } from "./report.mjs";

/**
 * Each has a `name`, a `title`, and three functions: `run` measures and returns figures, `format`
 * returns them as a table, and `check` compares them with the goals.
 */
const measures = [
  start,
  memory,
  requests.alone,
  requests.besideCrowd,
  keys,
  fixtures,
  sandboxes,
  sqlite,
];

async function runMeasures(settings) {
  const results = [];
  for (const measure of measures.filter(({ name }) => settings.only.includes(name))) {
    console.error(`measuring: ${measure.name} ...`);
    const figures = await measure.run(settings);
    console.log(`\n## ${measure.title}\n\n${measure.format(figures)}`);
    results.push({ ...measure, figures });
  }
  return results;
}

/** The verdicts on all goals. A quick run checks only that there are no errors. */
function check({ isQuick, errors }, results) {
  const ours = errors.filter(({ server }) => server === "mock-capgo").length;
  return [
    verdict(
      "no errors of mock-capgo",
      ours === 0,
      ours === 0 ? "none" : `${ours} runs with errors`,
    ),
    ...(isQuick ? [] : results.flatMap((result) => result.check(result.figures))),
  ];
}

async function bench() {
  const settings = readSettings(measures.map(({ name }) => name));
  // A last resort: every step has its own time limit.
  setTimeout(() => process.exit(1), (settings.isQuick ? 5 : 60) * 60_000).unref();
  const [busy] = os.loadavg();
  if (busy > os.cpus().length / 2 && !settings.isQuick) {
    console.error(`the machine is busy (load ${busy.toFixed(1)}): the figures will be wrong`);
  }
  const results = await runMeasures(settings);
  const verdicts = check(settings, results);
  const errors = settings.errors.map(({ server, text }) => `${server}: ${text}`);
  console.log(`\n## Goals\n\n${verdictTable(verdicts)}`);
  if (errors.length > 0) console.log(`\n## Errors\n\n${errors.join("\n")}`);
  if (results.length === measures.length) {
    const files = await composeReport(settings, results, verdicts, errors);
    if (!settings.isQuick) writeReport(files);
  }
  return verdicts.every(({ isReached }) => isReached) ? 0 : 1;
}

bench().then(
  (code) => process.exit(code),
  (failure) => {
    console.error(`bench.sh: ${failure.stack}`);
    process.exit(1);
  },
);
