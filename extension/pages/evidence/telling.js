/** Times, sizes and addresses in the person's language. */

const moment = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "long" });

/** @param {string} utc ISO 8601; "" where it cannot be read */
export function momentInWords(utc) {
  const at = Date.parse(utc);
  return Number.isNaN(at) ? "" : moment.format(at);
}

/** @param {string} utc ISO 8601 */
export function exactMoment(utc) {
  const at = Date.parse(utc);
  return Number.isNaN(at) ? utc : exact.format(at);
}

/** @param {string} url */
export function hostOf(url) {
  return URL.canParse(url) ? new URL(url).host || url : url;
}

/** @param {number} bytes */
export function sizeInWords(bytes) {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  const format = new Intl.NumberFormat([], { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(size);
}
