/** Formats figures and verdicts as Markdown tables. */

/** Formats a number with this many decimals: `12,345.6`. */
export function number(value, decimals = 0) {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** A Markdown table; columns of numbers are aligned to the right. */
export function table(header, rows) {
  const isNumeric = header.map((_, column) => rows.every((row) => /^[\d,.]/.test(row[column])));
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells) =>
    `| ${cells
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join(" | ")} |`;
  const rule = widths.map((width, column) =>
    isNumeric[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** Whether a goal is reached, and the measured value as text. */
export function verdict(goal, isReached, measured) {
  return { goal, isReached, measured };
}

export function verdictTable(verdicts) {
  const rows = verdicts.map(({ goal, isReached, measured }) => [isReached ? "ok" : "MISSED", goal, measured]);
  return table(["", "goal", "measured"], rows);
}
