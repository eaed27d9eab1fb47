/** The little markup of the guide's data: **strong**, *emphasis* and [words](#part). */

const MARK =
  /\*\*(?<strong>[^*]+)\*\*|\*(?<em>[^*]+)\*|\[(?<words>[^\]]+)\]\((?<part>#[a-z0-9-]+)\)/g;

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function richText(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(MARK)) {
    nodes.push(text.slice(at, match.index), elementOf(match.groups ?? {}));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

/** @param {Record<string, string | undefined>} groups */
function elementOf({ strong, em, words, part }) {
  const element = document.createElement(strong ? "strong" : em ? "em" : "a");
  if (part && element instanceof HTMLAnchorElement) element.href = part;
  element.textContent = strong ?? em ?? words ?? "";
  return element;
}
