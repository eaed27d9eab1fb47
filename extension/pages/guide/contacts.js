/** Who can help: chosen by country and age, each with the day on which it was seen. */

import { make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";

/** @typedef {import("./data.js").Contact} Contact */
/** @typedef {import("./data.js").Emergency} Emergency */
/** @typedef {import("./data.js").Audience} Audience */

/** What comes first when one is in trouble. */
const CATEGORIES = [
  ...["helpline", "child_hotline", "crisis", "hash_block", "police", "domestic_abuse"],
  ...["regulator", "legal", "guidance", "platform"],
];
/** Covered by the network of Safer Internet Centres. */
const SAFER_INTERNET = new Set([
  ...["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"],
  ...["IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"],
]);

/**
 * @param {readonly Contact[]} contacts
 * @param {string} country ISO 3166, or "" for none chosen
 * @param {Audience} audience
 * @returns {Contact[]} those of the country first, then by what is needed first
 */
export function contactsFor(contacts, country, audience) {
  const places = new Set([country, "INT"]);
  if (SAFER_INTERNET.has(country)) places.add("EU");
  return contacts
    .filter((contact) => places.has(contact.country))
    .filter((contact) => contact.audience === "any" || contact.audience === audience)
    .sort((a, b) => rankOf(a, country) - rankOf(b, country));
}

/**
 * @param {Contact} contact
 * @param {string} country
 */
function rankOf(contact, country) {
  const isFar = contact.country === country ? 0 : CATEGORIES.length;
  const category = CATEGORIES.indexOf(contact.category);
  // Places to report to are many and of use later: after everybody one can talk to.
  const isPlatform = contact.category === "platform" ? 2 * CATEGORIES.length : 0;
  return isPlatform + isFar + (category < 0 ? CATEGORIES.length : category);
}

/**
 * @param {Emergency} emergency
 * @param {string} country
 * @returns {{ number: string, is_verified: boolean } | null}
 */
export function emergencyOf(emergency, country) {
  return emergency.numbers.find((entry) => entry.country === country) ?? null;
}

/**
 * @param {readonly Contact[]} contacts
 * @param {Emergency} emergency
 * @param {string} language
 * @returns {{ code: string, name: string }[]} every country of the data, by name
 */
export function countriesOf(contacts, emergency, language) {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const codes = new Set([...contacts, ...emergency.numbers].map(({ country }) => country));
  codes.delete("INT");
  codes.delete("EU");
  const countries = [...codes].map((code) => ({ code, name: names.of(code) ?? code }));
  return countries.sort((a, b) => a.name.localeCompare(b.name, language));
}

/**
 * @param {string} day ISO 8601
 * @param {string} language
 */
export function dayInWords(day, language) {
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  return format.format(new Date(day));
}

/**
 * @param {Contact} contact
 * @param {string} language
 * @returns {HTMLElement}
 */
export function drawContact(contact, language) {
  const card = make("li", { class: "contact" }, make("h3", { dir: "auto" }, contact.name));
  card.append(make("p", {}, contact.what_it_does));
  if (contact.phone) card.append(fact("guide_phone", contact.phone, "phone"));
  if (contact.hours) card.append(fact("guide_hours", contact.hours));
  if (contact.other_contacts) card.append(fact("guide_other_contacts", contact.other_contacts));
  if (contact.languages.length > 0) {
    card.append(fact("guide_languages", contact.languages.map(languageName(language)).join(", ")));
  }
  if (contact.cautions) card.append(fact("guide_caution", contact.cautions, "caution"));
  card.append(drawWebsite(contact.url), drawChecked(contact, language));
  return card;
}

/**
 * @param {string} titleKey
 * @param {string} text
 * @param {string} kind
 */
function fact(titleKey, text, kind = "fact") {
  return make("p", { class: kind }, make("b", {}, words(titleKey)), " ", text);
}

/**
 * Nothing leaves the computer before the person has read where the link goes and what stays.
 * @param {string} url
 */
export function drawWebsite(url) {
  const link = make(
    "a",
    { class: "quiet-button", href: url, rel: "noreferrer noopener", target: "_blank" },
    words("guide_open"),
  );
  return make(
    "details",
    { class: "website" },
    make("summary", {}, words("guide_website")),
    make("p", { dir: "ltr", class: "address" }, url),
    make("p", {}, words("guide_link_warning")),
    link,
  );
}

/**
 * @param {Contact} contact
 * @param {string} language
 */
function drawChecked({ date_seen, unverified_fields }, language) {
  const seen = words("guide_checked", dayInWords(date_seen, language));
  const line = make("p", { class: "checked" }, seen);
  if (unverified_fields.length > 0) {
    const names = unverified_fields.map((field) => words(`guide_field_${field}`)).join(", ");
    line.append(" ", make("span", { class: "unchecked" }, words("guide_unverified", names)));
  }
  return line;
}

/**
 * @param {string} language of the page
 * @returns {(code: string) => string}
 */
function languageName(language) {
  const names = new Intl.DisplayNames([language], { type: "language" });
  // Some entries say more than a code ("others via chatbot"): those stay as they are.
  return (code) => (/^[a-z]{2,3}(-[A-Za-z]+)?$/.test(code) ? (names.of(code) ?? code) : code);
}
