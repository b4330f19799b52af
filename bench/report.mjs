/** Figures as texts: tables that are good to read in a terminal and as Markdown, and verdicts. */

/** A number with so many decimals: `12,345.6`. */
export function number(value, decimals = 0) {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** A Markdown table; columns of figures are set to the right. */
export function table(header, rows) {
  const isFigures = header.map((_, column) => rows.every((row) => /^[\d,.]/.test(row[column])));
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells) =>
    `| ${cells
      .map((cell, column) =>
        isFigures[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join(" | ")} |`;
  const rule = widths.map((width, column) =>
    isFigures[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** Judges a figure: `goal` says what is to be reached, `was` what has been. */
export function verdict(goal, isReached, was) {
  return { goal, isReached, was };
}

/** The verdicts as a table. */
export function verdictTable(verdicts) {
  const rows = verdicts.map(({ goal, isReached, was }) => [isReached ? "ok" : "MISSED", goal, was]);
  return table(["", "goal", "measured"], rows);
}
