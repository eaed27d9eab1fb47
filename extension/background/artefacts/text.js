import { words } from "../../shared/words.js";
import { runInPage } from "../page_script.js";

const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The words of the page: for search, and for people who cannot see the picture. */
/** @type {import("./artefact.js").Artefact} */
export const TEXT = {
  step: "text",
  part: "text.txt",
  hasPictures: false,
  isAvailable: () => true,
  async take(context) {
    const text = await runInPage(context.tab.id, visibleText, MAX_CHARACTERS);
    if (text.length >= MAX_CHARACTERS) context.miss(TEXT.part, "missing_text_cut");
    const parts = [text];
    if (context.pane_text !== "") {
      parts.push("\n\n", words("text_of_pane"), "\n\n", context.pane_text);
    }
    await context.send(TEXT.part, new Blob(parts));
  },
};

/**
 * Runs in the page. `innerText` leaves out what is not displayed, and what is in shadow roots.
 * @param {number} limit characters
 */
function visibleText(limit) {
  /** @type {string[]} */
  const texts = [];
  /** @param {Document | ShadowRoot} root */
  function collect(root) {
    for (const element of root.querySelectorAll("*")) {
      if (!element.shadowRoot) continue;
      for (const child of element.shadowRoot.children) {
        if (child instanceof HTMLElement && child.localName !== "style") {
          texts.push(child.innerText);
        }
      }
      collect(element.shadowRoot);
    }
  }
  texts.push(document.body instanceof HTMLElement ? document.body.innerText : "");
  collect(document);
  return texts.join("\n").slice(0, limit);
}
