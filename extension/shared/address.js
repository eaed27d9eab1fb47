/**
 * @param {string} url
 * @returns {string}
 */
export function withoutFragment(url) {
  return url.split("#", 1)[0] ?? url;
}
