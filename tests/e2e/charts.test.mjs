/** The charts of docs/performance.md, and bench/charts.mjs, which draws them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { barChart, inAllThemes, lineChart } from "../../bench/charts.mjs";
import { page } from "./pages.mjs";
import { repository } from "./server.mjs";

const words = { title: "First response", subtitle: "In milliseconds" };
const bars = { ...words, groups: [{ heading: "list", values: { "mock-capgo": 25, nginx: 100 } }] };
const lines = {
  ...words,
  points: ["10", "1,000"],
  axis: "keys",
  series: { "mock-capgo": [1, 2], "node:http": [59, 60], Hono: [60, 60] },
};

function assertWellFormed(charts) {
  const script = `
import json, sys
from xml.etree import ElementTree
for chart in json.load(sys.stdin): ElementTree.fromstring(chart)`;
  const input = JSON.stringify(charts);
  const { status, stderr } = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

test("a bar is as long as its value", () => {
  const svg = barChart(bars, "light");
  const [ours, others] = ["ours", "others"].map((style) =>
    Number(new RegExp(`<rect class="${style}".*?width="(\\d+)"`).exec(svg)[1]),
  );
  assert.equal(others, ours * 4);
});

test("a chart has its figures as text, for screen readers", () => {
  assert.match(barChart(bars, "light"), /<desc .*list: mock-capgo 25, nginx 100\.<\/desc>/);
  assert.match(lineChart(lines, "light"), /<desc .*node:http: 59\.0, 60\.0; .*<\/desc>/);
});

test("labels of lines that end at the same place do not overlap", () => {
  const labels = lineChart(lines, "light").matchAll(/y="(\d+)"[^>]*>(mock-capgo|node:http|Hono)</g);
  const [first, second, last] = [...labels].map(([, y]) => Number(y)).sort((a, b) => a - b);
  assert.ok(second - first >= 16 && last - second >= 16, `${first}, ${second}, ${last}`);
});

test("a chart is well-formed, and has a light and a dark version", () => {
  for (const drawn of [inAllThemes(barChart, bars), inAllThemes(lineChart, lines)]) {
    assert.deepEqual(Object.keys(drawn), ["light", "dark"]);
    assert.notEqual(drawn.light, drawn.dark);
    assertWellFormed(Object.values(drawn));
  }
});

test("docs/performance.md shows every chart in docs/charts, and each is well-formed", () => {
  const folder = path.join(repository, "docs", "charts");
  const charts = readdirSync(folder);
  assertWellFormed(charts.map((chart) => readFileSync(path.join(folder, chart), "utf8")));
  const sources = page("docs/performance.md").matchAll(/src(?:set)?="charts\/([^"]+)"/g);
  assert.deepEqual([...sources].map(([, chart]) => chart).sort(), charts.sort());
});
