/** The words of `_locales`, for pages. */

/**
 * @param {string} key
 * @param {...(string | number)} values for the placeholders, in their order
 * @returns {string}
 */
export function words(key, ...values) {
  return chrome.i18n.getMessage(key, values.map(String)) || key;
}

/**
 * @param {string} code of a `Failure`
 * @returns {string} what is wrong and what to do next
 */
export function wordsForFailure(code) {
  return chrome.i18n.getMessage(`error_${code}`) || words("error_internal");
}

/**
 * Fill every element that names its words: `data-words` its text, `data-label` its accessible name.
 * Sets the language and direction of the page too.
 * @param {Document} page
 */
export function fillWords(page) {
  // Of our words, not of the browser: where it speaks a language that we do not, ours are English.
  const ours = words("card_language");
  const theirs = words("@@ui_locale").replace("_", "-");
  page.documentElement.lang = theirs.startsWith(ours) ? theirs : ours;
  page.documentElement.dir = ours === "ar" ? "rtl" : "ltr";
  for (const element of page.querySelectorAll("[data-words]")) {
    element.textContent = words(element.getAttribute("data-words") ?? "");
  }
  for (const element of page.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words(element.getAttribute("data-label") ?? ""));
  }
}
