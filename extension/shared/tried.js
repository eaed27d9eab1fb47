import { Failure } from "./failure.js";
import { wordsForFailure } from "./words.js";

/**
 * Do what a person asked for, and say in words if it could not be done.
 *
 * @param {HTMLElement} place where that is said; hidden otherwise
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>} whether it was done
 */
export async function tried(place, work) {
  place.hidden = true;
  try {
    await work();
    return true;
  } catch (thrown) {
    place.hidden = false;
    place.textContent = wordsForFailure(Failure.from(thrown).code);
    return false;
  }
}
