/** What the network said of the page that each tab shows; kept for as long as the browser runs. */

import { withoutFragment } from "../shared/address.js";

/**
 * @typedef {object} PageLoad
 * @property {string} url of the last response
 * @property {string[]} redirects the addresses that led there, the first one first
 * @property {number} status_code
 * @property {[string, string][]} response_headers
 * @property {string | null} server_ip null when it came from the browser's own memory
 * @property {import("../generated/wire.js").Tls | null} tls null where the browser did not tell
 */

/** Never kept: they would let whoever reads the capture act as the person. */
const SECRET_HEADER =
  /cookie|authori[sz]ation|authenticat|token|csrf|xsrf|session|secret|api-?key/i;
const MAX_HEADERS = 200;
const MAX_REDIRECTS = 20;

/**
 * @param {ReadonlyArray<{ name: string, value?: string | undefined }>} headers
 * @returns {[string, string][]}
 */
export function publicHeaders(headers) {
  /** @type {[string, string][]} */
  const kept = [];
  for (const { name, value } of headers) {
    if (value !== undefined && !SECRET_HEADER.test(name)) kept.push([name, value]);
  }
  return kept.slice(0, MAX_HEADERS);
}

/** Remembers the last load of each tab's top frame. */
export class PageLoads {
  #store;
  /** Addresses of loads under way. Lost with the worker: then no redirects are known, only then. */
  /** @type {Map<string, string[]>} */
  #redirects = new Map();
  /** Of loads whose headers have arrived. */
  /** @type {Map<string, import("../generated/wire.js").Tls>} */
  #tls = new Map();

  /** @param {Pick<chrome.storage.StorageArea, "get" | "set" | "remove">} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {{ requestId: string, url: string }} details */
  redirected({ requestId, url }) {
    const before = this.#redirects.get(requestId) ?? [];
    this.#redirects.set(requestId, [...before, url].slice(0, MAX_REDIRECTS));
  }

  /** @param {{ requestId: string }} details */
  failed({ requestId }) {
    this.#redirects.delete(requestId);
    this.#tls.delete(requestId);
  }

  /**
   * @param {string} requestId of a load whose headers have arrived
   * @param {import("../generated/wire.js").Tls | null} tls
   */
  secured(requestId, tls) {
    if (tls) this.#tls.set(requestId, tls);
    else this.#tls.delete(requestId);
  }

  /**
   * @param {{ requestId: string, tabId: number, url: string, statusCode: number,
   *   ip?: string | undefined,
   *   responseHeaders?: { name: string, value?: string | undefined }[] | undefined }} details
   */
  async responded({ requestId, tabId, url, statusCode, ip, responseHeaders }) {
    const redirects = this.#redirects.get(requestId) ?? [];
    const tls = this.#tls.get(requestId) ?? null;
    this.#redirects.delete(requestId);
    this.#tls.delete(requestId);
    if (tabId < 0) return;
    /** @type {PageLoad} */
    const load = {
      url,
      redirects,
      status_code: statusCode,
      response_headers: publicHeaders(responseHeaders ?? []),
      server_ip: ip ?? null,
      tls,
    };
    await this.#store.set({ [keyOf(tabId)]: load });
  }

  /** @param {number} tabId */
  async forget(tabId) {
    await this.#store.remove(keyOf(tabId));
  }

  /**
   * @param {number} tabId
   * @param {string | null} loadedFrom the address from which the document there was loaded
   * @returns {Promise<PageLoad | null>} null if the last load seen was another document's: the tab
   *   went back to a page that the browser held in memory, or was open before the add-on
   */
  async of(tabId, loadedFrom) {
    const key = keyOf(tabId);
    const found = /** @type {Record<string, PageLoad | undefined>} */ (await this.#store.get(key));
    const load = found[key];
    if (!load || loadedFrom === null) return null;
    return withoutFragment(load.url) === withoutFragment(loadedFrom) ? load : null;
  }
}

/** @param {number} tabId */
function keyOf(tabId) {
  return `load:${tabId}`;
}
