/**
 * Lets through so many calls a window of time, as browsers count them: a window begins with a call,
 * and the next one with the first call after its end. The others wait their turn, none fails.
 */
export class Pacer {
  #calls;
  #windowMs;
  #now;
  #beganAtMs = -Infinity;
  #made = 0;

  /**
   * @param {object} world
   * @param {number} world.calls how many a window
   * @param {number} world.windowMs
   * @param {() => number} world.now milliseconds of a clock that never goes back
   */
  constructor({ calls, windowMs, now }) {
    this.#calls = calls;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** @returns {number} milliseconds until a call may be made */
  waitMs() {
    const leftMs = this.#beganAtMs + this.#windowMs - this.#now();
    return this.#made < this.#calls || leftMs <= 0 ? 0 : leftMs;
  }

  /** @returns {Promise<void>} once a call may be made; one caller at a time */
  async turn() {
    for (let waitMs = this.waitMs(); waitMs > 0; waitMs = this.waitMs()) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Count a call that is made at this moment. */
  count() {
    const nowMs = this.#now();
    if (nowMs >= this.#beganAtMs + this.#windowMs) {
      this.#beganAtMs = nowMs;
      this.#made = 0;
    }
    this.#made += 1;
  }

  /**
   * The browser's window ends later than was thought here: the call reached it late.
   * @param {number} pauseMs until the next call may be made
   */
  refused(pauseMs) {
    this.#beganAtMs = this.#now() - this.#windowMs + pauseMs;
    this.#made = this.#calls;
  }
}
