/** Who helps when somebody in the pictures may be under 18: from the guide's own data. */

import { make } from "../shared/dom.js";
import { words } from "../shared/words.js";
import { dayInWords, drawWebsite } from "./guide/contacts.js";

/** @typedef {import("./guide/data.js").Contact} Contact */

/** In any country: hashing without passing the picture on, and the hotlines for children. */
/** @type {ReadonlyMap<string, string>} */
const IDS = new Map([
  ["takeitdown", "age_takeitdown"],
  ["inhope", "age_inhope"],
]);

/** @param {HTMLElement} place is filled once the data was read */
export async function drawUnderAgeHelp(place) {
  const response = await fetch(chrome.runtime.getURL("pages/guide/contacts.en.json"));
  const { contacts } = /** @type {{ contacts: Contact[] }} */ (await response.json());
  const language = document.documentElement.lang;
  const found = contacts.filter(({ id }) => IDS.has(id));
  place.replaceChildren(
    ...found.map(({ id, name, url, date_seen }) =>
      make(
        "li",
        {},
        make("b", { dir: "auto" }, name),
        make("p", {}, words(IDS.get(id) ?? id)),
        drawWebsite(url),
        make("p", { class: "checked" }, words("guide_checked", dayInWords(date_seen, language))),
      ),
    ),
  );
}
