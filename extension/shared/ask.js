/** How a page of the extension asks the background worker. */

import { Failure } from "./failure.js";

/** @typedef {import("../generated/wire.js").Calls} Calls */

/**
 * `tab_id`: else the tab in front; `case_id`: else the one of today; `age_answer`: what the person
 * answered just now.
 * @typedef {{ tab_id?: number, case_id?: string,
 *   age_answer?: import("./saving.js").AgeAnswer }} SavingStart
 */
/**
 * What the background answers itself; everything else goes on to the daemon.
 * @typedef {{
 *   "saving.start": { params: SavingStart, result: import("./saving.js").SavingState },
 *   "saving.stop": { params: {}, result: {} },
 *   "saving.dismiss": { params: {}, result: {} },
 * }} OwnCalls
 */
/** @typedef {Calls & OwnCalls & import("./sharing.js").SharingCalls} AllCalls */
/**
 * @typedef {{ result: unknown }
 *   | { error: { code: import("./failure.js").FailureCode, message: string } }} Answer
 */

/**
 * @template {keyof AllCalls} Method
 * @param {Method} method
 * @param {AllCalls[Method]["params"]} params
 * @returns {Promise<AllCalls[Method]["result"]>} rejects with a Failure
 */
export async function ask(method, params) {
  /** @type {Answer | undefined} */
  const answer = await chrome.runtime.sendMessage({ method, params });
  if (answer === undefined) throw new Failure("internal", "The background gave no answer.");
  if ("error" in answer) throw new Failure(answer.error.code, answer.error.message);
  return /** @type {AllCalls[Method]["result"]} */ (answer.result);
}
