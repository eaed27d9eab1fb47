/**
 * @typedef {import("../generated/wire.js").ErrorCode | "host_missing" | "host_forbidden"
 *   | "page_refused" | "page_changed" | "page_closed" | "page_hidden" | "stopped"} FailureCode
 */

/**
 * Something that went wrong and that a person can act on. `code` is for programs; the words for
 * people stand under `messageKey` in `_locales`, since the daemon's sentence is English only.
 */
export class Failure extends Error {
  /**
   * @param {FailureCode} code
   * @param {string} message one English sentence, without names, addresses or titles
   */
  constructor(code, message) {
    super(message);
    this.name = "Failure";
    this.code = code;
  }

  /** @returns {string} */
  get messageKey() {
    return `error_${this.code}`;
  }

  /**
   * @param {unknown} thrown
   * @returns {Failure} `thrown` itself, or what stands for a defect
   */
  static from(thrown) {
    if (thrown instanceof Failure) return thrown;
    const message = thrown instanceof Error ? thrown.message : "Something unexpected happened.";
    return new Failure("internal", message);
  }
}
