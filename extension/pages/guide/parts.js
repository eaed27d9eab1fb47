/** Draws the parts of the guide. */

import { make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { richText } from "./rich_text.js";

/** @typedef {import("./data.js").Part} Part */
/** @typedef {import("./data.js").Line} Line */
/** @typedef {import("./data.js").Audience} Audience */

/**
 * @param {readonly Line[]} lines
 * @param {Audience} audience
 * @returns {string[]} the lines for this audience
 */
export function linesFor(lines, audience) {
  return lines
    .filter((line) => typeof line === "string" || line.for === audience)
    .map((line) => (typeof line === "string" ? line : line.text));
}

/**
 * @param {Part} part
 * @param {object} how
 * @param {Audience} how.audience
 * @param {number | null} how.number of a step
 * @param {boolean} how.isOpen
 * @returns {HTMLElement}
 */
export function drawPart(part, { audience, number, isOpen }) {
  const title = make("h3", {}, part.title);
  const summary = make("summary", {}, title);
  if (number !== null) summary.prepend(make("span", { class: "number" }, String(number)));
  const body = make("div", { class: "part-body" });
  if (part.why) body.append(make("p", { class: "why" }, ...richText(part.why)));
  for (const text of part.text ?? []) body.append(make("p", {}, ...richText(text)));
  body.append(...listOf("guide_do", "do", linesFor(part.do ?? [], audience)));
  body.append(...listOf("guide_do_not", "do-not", linesFor(part.do_not ?? [], audience)));
  body.append(...listOf(null, "plain", linesFor(part.list ?? [], audience)));
  const tool = typeof part.tool === "string" ? [part.tool] : (part.tool ?? []);
  for (const text of linesFor(tool, audience)) {
    body.append(make("p", { class: "tool" }, ...richText(text)));
  }
  const details = make("details", { class: "part", id: part.id }, summary, body);
  details.open = isOpen;
  return details;
}

/**
 * @param {string | null} titleKey
 * @param {string} kind
 * @param {readonly string[]} lines
 * @returns {HTMLElement[]}
 */
function listOf(titleKey, kind, lines) {
  if (lines.length === 0) return [];
  const items = lines.map((line) => make("li", {}, ...richText(line)));
  const list = make("ul", { class: kind }, ...items);
  return titleKey === null ? [list] : [make("h4", {}, words(titleKey)), list];
}
