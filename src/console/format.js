/** Formats times, durations and JSON. */

const units = { year: 365 * 86_400, month: 30 * 86_400, day: 86_400, hour: 3_600, minute: 60 };
const relativeTime = new Intl.RelativeTimeFormat("en");

/** `in 3 days` or `2 hours ago`, for a date relative to another one. */
export function relative(date, now) {
  const seconds = (date - now) / 1000;
  const [unit, size] =
    Object.entries(units).find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return relativeTime.format(Math.trunc(seconds / size), unit);
}

/** `2024-02-12 00:00:00` for an ISO 8601 time in UTC, without its fraction. */
export function dateAndTime(iso) {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, "");
}

/** `58 µs` or `1.2 ms`. */
export function duration(microseconds) {
  return microseconds < 1000 ? `${microseconds} µs` : `${Math.round(microseconds / 100) / 10} ms`;
}

/** `1 request` or `3,000 requests`. */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON text with one member a line; other text unchanged. */
export function prettify(text) {
  const value = parseJson(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}
