/** `CaptureRecord`: what the browser says of the page. What it does not say is listed as missing. */

/** @typedef {import("../generated/wire.js").CaptureRecord} CaptureRecord */
/** @typedef {import("../generated/wire.js").Missing} Missing */

/**
 * @param {object} facts
 * @param {{ url: string, title: string }} facts.seen at the click
 * @param {Date} facts.clickedAt
 * @param {Date} facts.finishedAt
 * @param {string} facts.timeZone
 * @param {import("./artefacts/in_page/page_tools.js").PageMeasure} facts.page
 * @param {{ width: number, height: number }} facts.pageSize once it was scrolled
 * @param {import("../generated/wire.js").Tile[]} facts.tiles
 * @param {number} facts.scrollSteps
 * @param {import("./page_loads.js").PageLoad | null} facts.load
 * @param {boolean} facts.isTlsTold whether this browser shows certificates at all
 * @param {{ browser: string, operating_system: string, extension_version: string }} facts.about
 * @param {Missing[]} facts.missing what the artefacts could not have
 * @param {(key: string) => string} facts.words
 * @returns {CaptureRecord}
 */
export function buildRecord(facts) {
  const { load, words } = facts;
  const missing = [...facts.missing];
  /** @type {Partial<CaptureRecord>} */
  const ofLoad = {};
  if (load === null) {
    for (const name of ["final_url", "status_code", "response_headers", "server_ip"]) {
      missing.push({ name, why: words("missing_load") });
    }
  } else {
    ofLoad.final_url = load.url;
    ofLoad.redirects = load.redirects;
    ofLoad.status_code = load.status_code;
    ofLoad.response_headers = load.response_headers;
    if (load.server_ip === null) {
      missing.push({ name: "server_ip", why: words("missing_server_ip") });
    } else ofLoad.server_ip = load.server_ip;
  }
  if (load?.tls) ofLoad.tls = load.tls;
  // Of a certificate that nobody vouches for Firefox tells how it was used, but not what it is.
  const isSecured = facts.seen.url.startsWith("https:");
  if (isSecured && !load?.tls?.certificates.length) {
    const why = facts.isTlsTold ? "missing_tls_unseen" : "missing_tls";
    missing.push({ name: "tls", why: words(why) });
  }
  return {
    url: facts.seen.url,
    title: facts.seen.title,
    clicked_at_utc: facts.clickedAt.toISOString(),
    finished_at_utc: facts.finishedAt.toISOString(),
    utc_offset_minutes: 0 - facts.clickedAt.getTimezoneOffset(),
    time_zone: facts.timeZone,
    ...facts.about,
    viewport: whole(facts.page.viewport),
    page_size: whole(facts.pageSize),
    device_pixel_ratio: facts.page.device_pixel_ratio,
    scroll_steps: facts.scrollSteps,
    tiles: facts.tiles,
    missing,
    ...ofLoad,
  };
}

/** @param {{ width: number, height: number }} size */
function whole({ width, height }) {
  return { width: Math.round(width), height: Math.round(height) };
}

/**
 * Chromium tells of itself by `userAgentData`, Firefox by `getBrowserInfo`.
 * @returns {Promise<{ browser: string, operating_system: string, extension_version: string }>}
 */
export async function aboutThisBrowser() {
  const { os, arch } = await chrome.runtime.getPlatformInfo();
  return {
    browser: await browserName(),
    operating_system: `${os} ${arch}`,
    extension_version: chrome.runtime.getManifest().version,
  };
}

async function browserName() {
  const { getBrowserInfo } =
    /** @type {{ getBrowserInfo?: () => Promise<{ name: string, version: string }> }} */ (
      chrome.runtime
    );
  if (getBrowserInfo) {
    const { name, version } = await getBrowserInfo();
    return `${name} ${version}`;
  }
  const { userAgentData } =
    /** @type {{ userAgentData?: { getHighEntropyValues(hints: string[]): Promise<{
     *   fullVersionList?: { brand: string, version: string }[] }> } }} */ (
      /** @type {unknown} */ (navigator)
    );
  const brands = await userAgentData?.getHighEntropyValues(["fullVersionList"]);
  const real = brands?.fullVersionList?.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  return real.map(({ brand, version }) => `${brand} ${version}`).join(", ") || "unknown";
}
