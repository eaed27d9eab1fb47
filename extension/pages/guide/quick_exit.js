/** Leave at once: hide, then put another page in the place of this one. */

/**
 * An everyday page, the same in every country, that many people open in passing; an empty tab
 * would ask for an explanation. Pressing the button is the click by which this one request leaves
 * the computer, and the page says so beside it.
 */
const ELSEWHERE = "https://www.wikipedia.org/";
const PRESSES = 3;
const WITHIN_MS = 3_000;

/**
 * @param {object} world
 * @param {Window} world.window
 * @param {boolean} world.isPopup the add-on's own small window: closing it is enough
 * @returns {() => void}
 */
export function leaver({ window: view, isPopup }) {
  return () => {
    view.document.documentElement.hidden = true;
    view.document.body.replaceChildren();
    if (isPopup) view.close();
    // Replaces the entry, so that "back" does not lead here.
    else view.location.replace(ELSEWHERE);
  };
}

/**
 * Calls `leave` when Shift is pressed three times and nothing else in between.
 * @param {object} world
 * @param {EventTarget} world.target
 * @param {() => void} world.leave
 * @param {() => number} world.now milliseconds
 */
export function leaveOnShift({ target, leave, now }) {
  /** @type {number[]} */
  let presses = [];
  let isAlone = false;
  target.addEventListener("keydown", (event) => {
    const { key, repeat } = /** @type {KeyboardEvent} */ (event);
    if (repeat) return;
    isAlone = key === "Shift";
    if (!isAlone) presses = [];
  });
  target.addEventListener("keyup", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Shift" || !isAlone) return;
    isAlone = false;
    const at = now();
    presses = [...presses.filter((press) => at - press < WITHIN_MS), at];
    if (presses.length >= PRESSES) leave();
  });
}
