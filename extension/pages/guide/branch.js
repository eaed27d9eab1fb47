/** From the answers to the parts of the guide, in the order in which they are read. */

/** @typedef {"yes" | "no" | "unsure"} Reply */
/**
 * Kept nowhere but in the page's memory; what was not answered is "unsure".
 * @typedef {object} Answers
 * @property {Reply} device whether somebody else could see this device
 * @property {Reply} danger
 * @property {Reply} minor whether anybody in the pictures was under 18
 * @property {Reply} posted
 * @property {Reply} known whether the person is known
 */

const STEPS = ["step-1", "step-2", "step-3", "step-4"];
const LATER_STEPS = ["step-5", "step-6", "step-7", "step-8"];

/**
 * @param {Answers} answers
 * @returns {string[]} ids of steps and sections
 */
export function partsFor({ device, danger, minor, posted, known }) {
  const parts = [];
  if (danger !== "no") parts.push("danger-now");
  if (device !== "no") parts.push("they-may-see-this-device");
  if (minor !== "no") parts.push("under-18");
  parts.push(...STEPS);
  // The exact addresses and the reports come before anything can disappear.
  if (posted !== "no") parts.push("already-posted");
  parts.push(...LATER_STEPS);
  if (posted !== "yes") parts.push("threat-only");
  if (known !== "yes") parts.push("a-stranger");
  if (known !== "no") parts.push("someone-you-know");
  return [...parts, "what-to-bring", "later"];
}

/**
 * "Not sure" is read as under 18: what is said then is safe for adults too, not the other way.
 * @param {Pick<Answers, "minor">} answers
 * @returns {"adult" | "minor"}
 */
export function audienceOf({ minor }) {
  return minor === "no" ? "adult" : "minor";
}
