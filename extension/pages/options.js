/** The options: neutral names and dates, and the sites with a choice of their own. */

import { ask } from "../shared/ask.js";
import { byId, make } from "../shared/dom.js";
import { tried } from "../shared/tried.js";
import { fillWords, words } from "../shared/words.js";

/** @typedef {import("../shared/sharing.js").SharingOptions} SharingOptions */
/** @typedef {import("../shared/sharing.js").SiteRule} SiteRule */

/** @type {ReadonlyArray<keyof SharingOptions>} */
const NAMES = ["neutral_names", "neutral_dates", "shows_count"];

fillWords(document);
for (const name of NAMES) {
  boxOf(name).addEventListener("change", () => void change(name));
}
void show();
void showPrivate();
byId("private-open").addEventListener("click", () => {
  void chrome.tabs.create({ url: `chrome://extensions/?id=${chrome.runtime.id}` });
});
// The person comes back from the browser's settings.
document.addEventListener("visibilitychange", () => void showPrivate());
// The card in another tab may add a site.
chrome.storage.local.onChanged.addListener(() => void show());

async function show() {
  const { options, sites, today } = await ask("sharing.overview", {});
  for (const name of NAMES) boxOf(name).checked = options[name];
  showSites(sites);
  byId("sites-none").hidden = sites.length > 0;
  byId("today").hidden = today.found === 0;
  byId("today").textContent = words("popup_today", today.found, today.cleaned);
}

/** Say whether the browser lets Sharewise into private windows; only the person can change that. */
async function showPrivate() {
  const isIn = await chrome.extension.isAllowedIncognitoAccess();
  // Firefox opens its own page of add-ons for nobody but the person.
  const isChromium = chrome.runtime.getURL("").startsWith("chrome-extension:");
  byId("private").textContent = words(isIn ? "options_private_on" : "options_private_off");
  byId("private-how").textContent = words(
    isChromium ? "options_private_how_chromium" : "options_private_how_firefox",
  );
  byId("private-how").hidden = isIn;
  byId("private-open").hidden = isIn || !isChromium;
}

/**
 * The card in another tab may add one while the focus is in the list: there it stays.
 *
 * @param {readonly SiteRule[]} sites
 */
function showSites(sites) {
  const focused = document.activeElement?.closest("#sites button")?.getAttribute("data-origin");
  byId("sites").replaceChildren(...sites.map(siteLine));
  for (const button of byId("sites").querySelectorAll("button")) {
    if (button.dataset["origin"] === focused) button.focus();
  }
}

/**
 * With and without encryption a site is two to the browser, and each has its own line.
 *
 * @param {string} origin
 * @returns {string} "example.org", or "http://example.org"
 */
function nameIn(origin) {
  return origin.replace(/^https:\/\//, "");
}

/** @param {keyof SharingOptions} name */
async function change(name) {
  await keep(() => ask("sharing.option", { name, is_on: boxOf(name).checked }));
}

/** @param {SiteRule} site */
function siteLine({ origin, rule }) {
  const name = nameIn(origin);
  const label = words("options_forget_label", name);
  const forget = make(
    "button",
    { type: "button", class: "quiet-button", "aria-label": label, "data-origin": origin },
    words("popup_site_forget"),
  );
  forget.addEventListener("click", () => void forgetSite(origin, name));
  return make(
    "li",
    { class: "site" },
    make("span", { class: "site-name", dir: "ltr" }, name),
    make("span", { class: rule === "share" ? "hint unchecked" : "hint" }, words(`options_${rule}`)),
    forget,
  );
}

/**
 * @param {string} origin
 * @param {string} name
 */
async function forgetSite(origin, name) {
  if (!(await keep(() => ask("sharing.forget", { origin })))) return;
  await show();
  byId("told").textContent = words("options_forgotten", name);
  byId("sites-title").focus();
}

/**
 * What could not be kept is said, and the page shows what holds.
 *
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>} whether it was done
 */
async function keep(work) {
  const isKept = await tried(byId("failed"), work);
  if (!isKept) await show();
  return isKept;
}

/** @param {keyof SharingOptions} name */
function boxOf(name) {
  return /** @type {HTMLInputElement} */ (byId(name));
}
