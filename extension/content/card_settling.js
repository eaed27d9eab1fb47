/* global sharewiseOnce */
/* exported sharewiseCardSettling */

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
const sharewiseCardSettling = sharewiseOnce(() => {
  /** As long as the browsers' own prompts wait. */
  const SETTLE_MS = 500;
  /** So much one frame counts at most. */
  const FRAME_MS = 100;

  /**
   * @param {() => boolean} isSeen whether nothing lies over the card
   * @param {(isSettled: boolean) => void} show
   * @param {(work: (now: number) => void) => unknown} [nextFrame]
   * @returns {Settling}
   */
  function watch(isSeen, show, nextFrame = (work) => requestAnimationFrame(work)) {
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
      if (!isSeen()) {
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

  /** What was taken away since the card came. @type {Set<HTMLElement>} */
  const taken = new Set();

  /**
   * Take away what a page has laid over the card in the top layer. Popovers and the screen-filling
   * element are deaf while a modal dialog is open: one sees them, but a press goes through them to
   * the card, and no question about what is at a point tells of them.
   *
   * @param {ParentNode} root
   * @returns {boolean} whether there was anything; a page may show it again, then there always is
   */
  function uncover(root) {
    let isCovered = false;
    for (const element of root.querySelectorAll(":popover-open, :fullscreen")) {
      isCovered = true;
      try {
        if (element.matches(":fullscreen")) void document.exitFullscreen().catch(() => undefined);
        else {
          const popover = /** @type {HTMLElement} */ (element);
          popover.hidePopover();
          taken.add(popover);
        }
      } catch {
        // It is just being shown or hidden.
      }
    }
    return isCovered;
  }

  /**
   * Whether nothing of the page lies over the card, as far as the document itself shows.
   *
   * @param {HTMLElement} host of the card
   * @param {readonly Element[]} buttons that must be seen, or be scrolled to
   * @returns {boolean}
   */
  function isInSight(host, buttons) {
    if (document.visibilityState !== "visible" || uncover(document)) return false;
    // The picture of a page that changes into another is drawn over everything.
    if (isMatch(document.documentElement, ":active-view-transition")) return false;
    return buttons.every((button) => {
      const box = button.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      const isOutside = x < 0 || y < 0 || x >= innerWidth || y >= innerHeight;
      return isOutside || document.elementFromPoint(x, y) === host;
    });
  }

  /** @param {Element | null} element @param {string} selector that some browsers do not know */
  function isMatch(element, selector) {
    try {
      return element?.matches(selector) ?? false;
    } catch {
      return false;
    }
  }

  /**
   * Look also into the page's shadow trees: too much for every frame, done at a press.
   *
   * @param {(element: Element) => ShadowRoot | null} shadowRootOf
   * @returns {boolean} whether something lay over the card
   */
  function uncoverAll(shadowRootOf) {
    let isCovered = false;
    /** @type {ParentNode[]} */
    const roots = [document];
    for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
      isCovered = uncover(root) || isCovered;
      for (const element of root.querySelectorAll("*")) {
        const inner = shadowRootOf(element);
        if (inner !== null) roots.push(inner);
      }
    }
    return isCovered;
  }

  /** Called when the card has gone: the page is as it was. */
  function giveBack() {
    for (const popover of taken) {
      try {
        if (!popover.matches(":popover-open")) popover.showPopover();
      } catch {
        // It has left the document, or is no popover any more.
      }
    }
    taken.clear();
  }

  return Object.freeze({ giveBack, isInSight, uncoverAll, watch });
});
