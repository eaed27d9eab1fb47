/** How a page that is being saved is doing: written by the background, read by the popup. */

/**
 * @typedef {"prepare" | "window" | "frames" | "full_page" | "mhtml" | "snapshot" | "text"
 *   | "seal"} Step
 */
/**
 * Whether anyone in the pictures is under 18, or might be; the last also stands for "not sure".
 * @typedef {"adults" | "minor_or_unsure"} AgeAnswer
 */
/**
 * One of: waits for the one question of a new case, with no pixel kept; under way; sealed on disk;
 * ended without a sealed copy.
 * @typedef {{ state: "asking", tab_id: number }} Asking
 * @typedef {{ state: "running", tab_id: number, step: Step, done: number, total: number }} Running
 * @typedef {{ state: "sealed", sealed: import("../generated/wire.js").CaptureSealed,
 *   is_text_only: boolean }} Sealed
 * @typedef {{ state: "failed", code: import("./failure.js").FailureCode }} Failed
 * @typedef {Asking | Running | Sealed | Failed} SavingState
 */

/** The key in storage.session. */
export const SAVING_KEY = "saving";
