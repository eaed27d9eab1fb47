/* exported sharewiseSettling */

/**
 * Whether the card has stood still, in sight, for long enough that a press can be meant for what it
 * says now: a card that comes or changes by itself must not catch a press that was on its way.
 *
 * Time is counted by the frames that are drawn, and no frame counts for long: a page that keeps its
 * own thread busy, or hides the card, gains nothing by it.
 *
 * @typedef {object} Settling
 * @property {() => boolean} isSettled
 * @property {() => void} restart the card has changed, or something else was pressed
 * @property {() => void} stop
 */
const sharewiseSettling = (() => {
  /** As long as the browsers' own prompts wait. */
  const SETTLE_MS = 500;
  /** So much one frame counts at most. */
  const FRAME_MS = 100;

  /**
   * @param {() => boolean} isInSight whether nothing lies over the card
   * @param {(isSettled: boolean) => void} show
   * @param {(work: (now: number) => void) => unknown} [nextFrame]
   * @returns {Settling}
   */
  function watch(isInSight, show, nextFrame = (work) => requestAnimationFrame(work)) {
    let stillMs = 0;
    /** The frame before, if nothing happened since. @type {number | null} */
    let before = null;
    let isOver = false;

    const isSettled = () => stillMs >= SETTLE_MS;

    function restart() {
      stillMs = 0;
      before = null;
      show(false);
    }

    /** @param {number} now */
    function onFrame(now) {
      if (isOver) return;
      nextFrame(onFrame);
      if (!isInSight()) {
        restart();
        return;
      }
      // The first frame only draws what has changed.
      if (before !== null && !isSettled()) {
        stillMs += Math.min(Math.max(0, now - before), FRAME_MS);
        if (isSettled()) show(true);
      }
      before = now;
    }

    restart();
    nextFrame(onFrame);
    return {
      isSettled,
      restart,
      stop: () => {
        isOver = true;
      },
    };
  }

  return Object.freeze({ watch });
})();
