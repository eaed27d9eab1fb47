/** Whether the browser lets us see pages: a real install in Firefox does not by itself. */

import { byId } from "../../shared/dom.js";
import { words } from "../../shared/words.js";

const PAGES = { origins: ["<all_urls>"] };

/** Ask for the right to see pages, if it is missing; a click is needed for that. */
export async function showAccess() {
  const isAllowed = await chrome.permissions.contains(PAGES);
  byId("access").hidden = isAllowed;
  if (isAllowed) return;
  byId("access-allow").addEventListener("click", () => void allow());
}

async function allow() {
  // Asked in the click itself, or the browser does not ask the person.
  const isAllowed = await chrome.permissions.request(PAGES);
  if (!isAllowed) return;
  byId("access-text").textContent = words("popup_access_given");
  byId("told").textContent = words("popup_access_given");
  byId("access-allow").hidden = true;
}
