/* exported sharewiseOnce */

/**
 * A part of the guard that is only made when it is first asked for: most frames never take a file,
 * and what is not made costs them neither time nor room.
 *
 * @template {object} Part
 * @param {() => Part} make
 * @returns {() => Part} the same one each time
 */
const sharewiseOnce = (make) => {
  /** @type {Part | undefined} */
  let made;
  return () => (made ??= make());
};
