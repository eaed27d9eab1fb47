/** What is done with files on the site in front: paused, asked, or as the person chose for good. */

import { ask } from "../../shared/ask.js";
import { byId } from "../../shared/dom.js";
import { tried } from "../../shared/tried.js";
import { words } from "../../shared/words.js";

const pauseButton = /** @type {HTMLButtonElement} */ (byId("site-pause"));
const forgetButton = /** @type {HTMLButtonElement} */ (byId("site-forget"));

/**
 * @param {string} origin
 * @param {string} name
 */
export async function showSite(origin, name) {
  const { rule, is_paused } = await ask("sharing.site", { origin });
  byId("site").hidden = false;
  byId("site-name").textContent = name;
  const state = is_paused ? "paused" : rule;
  byId("site-rule").textContent = words(`popup_site_${state}`);
  byId("site-rule").classList.toggle("paused", state === "paused" || state === "share");
  pauseButton.textContent = words(is_paused ? "popup_go_on" : "popup_pause_site");
  pauseButton.onclick = () => void pause(origin, name, !is_paused);
  forgetButton.hidden = rule === "ask" || is_paused;
  forgetButton.onclick = () => void forget(origin, name);
}

/**
 * @param {string} origin
 * @param {string} name
 * @param {boolean} isPaused
 */
async function pause(origin, name, isPaused) {
  const change = { origin, is_paused: isPaused };
  if (!(await tried(byId("site-failed"), () => ask("sharing.pause", change)))) return;
  await showSite(origin, name);
  byId("told").textContent = byId("site-rule").textContent;
}

/**
 * @param {string} origin
 * @param {string} name
 */
async function forget(origin, name) {
  if (!(await tried(byId("site-failed"), () => ask("sharing.forget", { origin })))) return;
  await showSite(origin, name);
  byId("told").textContent = byId("site-rule").textContent;
  pauseButton.focus();
}
