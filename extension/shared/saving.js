/** How a page that is being saved is doing: written by the background, read by the popup. */

/**
 * @typedef {"prepare" | "window" | "frames" | "full_page" | "mhtml" | "snapshot" | "text"
 *   | "seal"} Step
 */
/**
 * One of: under way; sealed on disk; ended without a sealed copy.
 * @typedef {{ state: "running", tab_id: number, step: Step, done: number, total: number }} Running
 * @typedef {{ state: "sealed", sealed: import("../generated/wire.js").CaptureSealed }} Sealed
 * @typedef {{ state: "failed", code: import("./failure.js").FailureCode }} Failed
 * @typedef {Running | Sealed | Failed} SavingState
 */

/** The key in storage.session. */
export const SAVING_KEY = "saving";
