/**
 * What the person chose about sharing, and the counts of the day; the messages about it.
 *
 * @typedef {"ask" | "remove" | "remove_rename" | "share"} Rule what is done on a site with files that
 *   give something away: ask each time, remove without asking (and use neutral names), hand over
 *   without looking
 * @typedef {{neutral_names: boolean, neutral_dates: boolean, shows_count: boolean}} SharingOptions
 * @typedef {{origin: string, rule: Exclude<Rule, "ask">}} SiteRule
 * @typedef {{found: number, cleaned: number}} Today files since midnight, and no more than that
 *
 * For the guard in a page. `rule` is "pause" until the browser is closed; `site` is what the person
 * is told, or null where nothing may be remembered.
 * @typedef {{rule: Exclude<Rule, "remove_rename"> | "pause", site: string | null, neutral_names: boolean,
 *   neutral_dates: boolean}} SharingBegun
 *
 * For our own pages.
 * @typedef {{options: SharingOptions, sites: SiteRule[], today: Today}} SharingOverview
 * @typedef {{rule: Rule, is_paused: boolean}} SharingSite
 *
 * @typedef {{
 *   "sharing.overview": { params: {}, result: SharingOverview },
 *   "sharing.option": { params: { name: keyof SharingOptions, is_on: boolean }, result: SharingOptions },
 *   "sharing.site": { params: { origin: string }, result: SharingSite },
 *   "sharing.pause": { params: { origin: string, is_paused: boolean }, result: {} },
 *   "sharing.forget": { params: { origin: string }, result: {} },
 * }} SharingCalls
 */

/** @type {Readonly<SharingOptions>} */
export const DEFAULT_OPTIONS = Object.freeze({
  neutral_names: false,
  neutral_dates: false,
  shows_count: true,
});

/**
 * @param {string | undefined} address
 * @returns {string | null} "https://example.org"; null for what is no web site
 */
export function originOf(address) {
  if (address === undefined || !URL.canParse(address)) return null;
  const { origin, protocol } = new URL(address);
  return protocol === "https:" || protocol === "http:" ? origin : null;
}

/**
 * @param {string} origin
 * @returns {string} what people call the site
 */
export function siteName(origin) {
  return new URL(origin).host;
}
