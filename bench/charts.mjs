/** Draws charts as SVG images. Each bar and line has a label, so nobody depends on colors. */
import { number } from "./report.mjs";

const themes = {
  light: {
    ...{ background: "#ffffff", color: "#1f2328", muted: "#59636e", grid: "#d1d9e0" },
    ...{ accent: "#0969da", others: "#818b98" },
  },
  dark: {
    ...{ background: "#0d1117", color: "#f0f6fc", muted: "#9198a1", grid: "#3d444d" },
    ...{ accent: "#4493f8", others: "#7d8590" },
  },
};

const width = 760;
const padding = 20;
const ours = "mock-capgo";
const colorOf = (label) => (label === ours ? "ours" : "others");

function text(x, y, content, { style = "text", anchor = "start" } = {}) {
  return `<text class="${style}" x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;
}

/** The document. `description` is what a screen reader reads instead of the chart. */
function svg({ title, subtitle, description, height, shapes }, theme) {
  const { background, color, muted, grid, accent, others } = themes[theme];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" \
viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
<title id="title">${title}</title>
<desc id="description">${description}</desc>
<style>
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: ${color}; }
.title { font-size: 16px; font-weight: 600; }
.bold { font-weight: 600; }
.muted { fill: ${muted}; }
.grid { stroke: ${grid}; }
.ours { fill: ${accent}; color: ${accent}; }
.others { fill: ${others}; color: ${others}; }
.line { fill: none; stroke: currentColor; stroke-width: 2; }
</style>
<rect width="${width}" height="${height}" rx="6" fill="${background}"/>
${text(padding, 30, title, { style: "title" })}
${text(padding, 50, subtitle, { style: "muted" })}
${shapes.join("\n")}
</svg>
`;
}

const rowHeight = 24;

/** A bar with its label and value. `share` is its length, compared with the longest bar. */
function bar(y, { label, value, decimals }, share) {
  const left = 120;
  const length = Math.max(1, Math.round(share * (width - left - 80)));
  const style = label === ours ? "bold" : "text";
  const place = `x="${left}" y="${y}" width="${length}" height="16"`;
  return [
    text(left - 10, y + 13, label, { style, anchor: "end" }),
    `<rect class="${colorOf(label)}" ${place}/>`,
    text(left + length + 8, y + 13, number(value, decimals), { style }),
  ];
}

/** Groups of horizontal bars to one scale. A group has a `heading`, and `values` by label. */
export function barChart({ title, subtitle, decimals = 0, groups }, theme) {
  const max = Math.max(...groups.flatMap(({ values }) => Object.values(values)));
  const shapes = [];
  const sentences = [];
  let y = 68;
  for (const { heading, values } of groups) {
    if (heading) {
      shapes.push(text(padding, y + 14, heading, { style: "bold" }));
      y += rowHeight;
    }
    const entries = Object.entries(values);
    for (const [label, value] of entries) {
      shapes.push(...bar(y, { label, value, decimals }, value / max));
      y += rowHeight;
    }
    const list = entries.map(([label, value]) => `${label} ${number(value, decimals)}`).join(", ");
    sentences.push(heading ? `${heading}: ${list}.` : `${list}.`);
    y += 8;
  }
  const description = `${subtitle}. ${sentences.join(" ")}`;
  return svg({ title, subtitle, description, height: y + 8, shapes }, theme);
}

/** A step of 1, 2 or 5 times a power of ten, so that at most five of them reach `max`. */
function stepFor(max) {
  const power = 10 ** Math.floor(Math.log10(max / 5));
  return [1, 2, 5, 10].map((each) => each * power).find((step) => step * 5 >= max);
}

const markers = [
  (x, y) => `<circle cx="${x}" cy="${y}" r="4"/>`,
  (x, y) => `<rect x="${x - 4}" y="${y - 4}" width="8" height="8"/>`,
  (x, y) => `<path d="M${x} ${y - 5}l5 9h-10z"/>`,
];
const dashes = ["none", "6 4", "2 3"];

/** Positions close to these, in the same order, at least `distance` apart. */
function spread(positions, distance) {
  const order = positions.map((_, index) => index).sort((a, b) => positions[a] - positions[b]);
  const result = [...positions];
  order.forEach((index, i) => {
    if (i > 0) result[index] = Math.max(result[index], result[order[i - 1]] + distance);
  });
  return result;
}

/** Lines over points at equal distances. `series` has the values of each line, by its label. */
export function lineChart({ title, subtitle, points, axis, series }, theme) {
  const [left, right, top, bottom] = [60, width - 120, 76, 290];
  const labels = Object.keys(series);
  const highest = Math.max(...Object.values(series).flat());
  const step = stepFor(highest);
  const max = Math.ceil(highest / step) * step;
  const distance = (right - left - 40) / (points.length - 1);
  const xOf = (index) => Math.round(left + 20 + distance * index);
  const yOf = (value) => Math.round(bottom - ((bottom - top) * value) / max);
  const shapes = [];
  for (let value = 0; value <= max; value += step) {
    const y = yOf(value);
    shapes.push(`<path class="grid" d="M${left} ${y}H${right}"/>`);
    shapes.push(text(left - 10, y + 4, number(value), { style: "muted", anchor: "end" }));
  }
  points.forEach((point, index) => {
    shapes.push(text(xOf(index), bottom + 20, point, { style: "muted", anchor: "middle" }));
  });
  shapes.push(text((left + right) / 2, bottom + 42, axis, { style: "muted", anchor: "middle" }));
  const labelPositions = spread(labels.map((label) => yOf(series[label].at(-1))), 18);
  labels.forEach((label, i) => {
    const at = series[label].map((value, index) => [xOf(index), yOf(value)]);
    const path = `M${at.map((point) => point.join(" ")).join("L")}`;
    shapes.push(
      `<g class="${colorOf(label)}">`,
      `<path class="line" stroke-dasharray="${dashes[i]}" d="${path}"/>`,
      ...at.map((point) => markers[i](...point)),
      "</g>",
      text(right + 8, labelPositions[i] + 4, label, { style: label === ours ? "bold" : "text" }),
    );
  });
  const description = `${subtitle}. ${labels
    .map((label) => `${label}: ${series[label].map((value) => number(value, 1)).join(", ")}`)
    .join("; ")}, at ${points.join("; ")} ${axis}.`;
  return svg({ title, subtitle, description, height: bottom + 60, shapes }, theme);
}

/** A chart drawn for each theme. */
export function inAllThemes(draw, chart) {
  return Object.fromEntries(Object.keys(themes).map((theme) => [theme, draw(chart, theme)]));
}
