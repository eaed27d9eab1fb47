/** Lets through one call an interval: the others wait their turn, none fails. */
export class Pacer {
  #intervalMs;
  #now;
  #freeAtMs = -Infinity;

  /**
   * @param {object} world
   * @param {number} world.intervalMs
   * @param {() => number} world.now milliseconds of a clock that never goes back
   */
  constructor({ intervalMs, now }) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** @returns {number} milliseconds to wait until the turn that is hereby taken */
  reserve() {
    const nowMs = this.#now();
    const startMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = startMs + this.#intervalMs;
    return startMs - nowMs;
  }

  /** @returns {Promise<void>} */
  async turn() {
    const waitMs = this.reserve();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
