/** To which case one thing that was saved can go. */

import { make } from "../../shared/dom.js";

/** @typedef {import("../../generated/wire.js").ItemDetail} ItemDetail */
/** @typedef {import("../../generated/wire.js").CaseSummary} CaseSummary */

/**
 * @param {Pick<ItemDetail, "item" | "files">} detail
 * @param {readonly CaseSummary[]} cases
 * @returns {CaseSummary[]} the one that it lies in, and those that may take it: pictures may lie
 *   only where everybody is known to be an adult
 */
export function possibleCases({ item, files }, cases) {
  const isWordsOnly = files.every(({ name }) => name === "text.txt" || name === "capture.json");
  return cases.filter(
    ({ case_id, age_answer }) => isWordsOnly || age_answer === "adults" || case_id === item.case_id,
  );
}

/**
 * @param {string} id
 * @param {readonly CaseSummary[]} cases
 * @param {string} chosenId
 */
export function caseChoice(id, cases, chosenId) {
  const choice = make("select", { id, dir: "auto" });
  for (const { case_id, label, created_at_utc } of cases) {
    choice.append(make("option", { value: case_id }, label || created_at_utc.slice(0, 10)));
  }
  choice.value = chosenId;
  return choice;
}
