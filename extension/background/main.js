/**
 * The background worker. It may die between any two events and is started again by the next one,
 * so every listener is registered here, at once, and what must last is in storage.session.
 */

import { Failure } from "../shared/failure.js";
import { words } from "../shared/words.js";
import { PageSaver } from "./capture.js";
import { securityReaderOfBrowser, tlsOf } from "./certificates.js";
import { DaemonLink, HOST } from "./daemon_link.js";
import { mapAround } from "./map/route.js";
import { eraseOwnRows } from "./own_rows.js";
import { PageLoads } from "./page_loads.js";
import { bringParts } from "./parts.js";
import { Router } from "./router.js";
import { Sharing } from "./sharing.js";
import { serveGuardPort } from "./uploads.js";

/** @typedef {import("./router.js").Route} Route */

const SAVE = "capture";
const TOP_FRAMES = {
  urls: ["http://*/*", "https://*/*"],
  types: [/** @type {const} */ ("main_frame")],
};
const PAGES_ONLY = new Set([/** @type {const} */ ("page")]);
const GUARDS_ONLY = new Set([/** @type {const} */ ("content")]);

const daemon = new DaemonLink({
  connect: () => chrome.runtime.connectNative(HOST),
  version: chrome.runtime.getManifest().version,
  lastError: () => chrome.runtime.lastError?.message,
});
const loads = new PageLoads(chrome.storage.session);
const saver = new PageSaver({
  daemon,
  loads,
  store: chrome.storage.session,
  badge: showBadge,
  askPerson: openPopup,
});
const sharing = new Sharing({
  local: chrome.storage.local,
  session: chrome.storage.session,
  day: today,
  badge: showCount,
});

/** @type {ReadonlyMap<string, Route>} */
const routes = new Map([
  ["saving.start", { senders: PAGES_ONLY, handle: startSaving }],
  ["saving.stop", { senders: PAGES_ONLY, handle: stopSaving }],
  ["saving.dismiss", { senders: PAGES_ONLY, handle: dismissSaving }],
  ["sharing.map", { senders: GUARDS_ONLY, handle: mapAround }],
  ...sharing.routes(),
]);
const router = new Router({
  routes,
  daemon,
  id: chrome.runtime.id,
  root: chrome.runtime.getURL(""),
});

chrome.runtime.onMessage.addListener((message, speaker, respond) => {
  router.answer(message, speaker).then(respond);
  return true;
});

chrome.runtime.onConnect.addListener((port) => {
  const { sender } = port;
  const isContent = sender !== undefined && router.senderOf(sender) === "content";
  if (isContent && port.name === "guard") {
    serveGuardPort(port, daemon, (counts) => sharing.count(counts, sender));
  } else if (isContent && port.name === "parts") {
    void bringParts(port);
  } else {
    port.disconnect();
  }
});

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.removeAll(() => {
    chrome.contextMenus.create({ id: SAVE, title: words("command_capture"), contexts: ["page"] });
  });
});

chrome.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
  if (menuItemId === SAVE && tab) saveOnGesture(tab);
});

chrome.commands.onCommand.addListener((command, tab) => {
  if (command === SAVE && tab) saveOnGesture(tab);
});

chrome.webRequest.onBeforeRedirect.addListener((details) => loads.redirected(details), TOP_FRAMES);
chrome.webRequest.onErrorOccurred.addListener((details) => loads.failed(details), TOP_FRAMES);
// Without "extraHeaders" Chromium never shows us Set-Cookie; Firefox does, and it is dropped.
chrome.webRequest.onResponseStarted.addListener(
  (details) => void loads.responded(details),
  TOP_FRAMES,
  ["responseHeaders"],
);

const readSecurity = securityReaderOfBrowser();
if (readSecurity) {
  // Firefox answers only while the load waits for the listener; nothing in it is changed.
  chrome.webRequest.onHeadersReceived.addListener(
    /** @type {(details: { requestId: string, url: string }) => undefined} */ (
      /** @type {unknown} */ (noteSecurity)
    ),
    TOP_FRAMES,
    ["blocking"],
  );
}

chrome.tabs.onUpdated.addListener((tabId, { status }) => {
  if (status !== undefined) void saver.tabLoads(tabId);
  void sharing.noteDay();
});

chrome.tabs.onRemoved.addListener((tabId) => {
  saver.tabClosed(tabId);
  void loads.forget(tabId);
});

// On macOS, and where programs go on in the background, a browser lives on without a window.
chrome.windows.onRemoved.addListener(() => void endPausesWithTheLastWindow());

eraseOwnRows(chrome.runtime.getURL(""));
void saver.recover();
void sharing.showCount();

/** @param {{ requestId: string, url: string }} details */
async function noteSecurity({ requestId, url }) {
  const isSecure = url.startsWith("https:");
  // Whatever goes wrong here, the person's page must load; the record will say what is missing.
  const info = isSecure ? await readSecurity?.(requestId).catch(() => null) : null;
  loads.secured(requestId, info ? tlsOf(info) : null);
  return {};
}

/** @param {chrome.tabs.Tab} tab by keyboard or menu: there is no popup, so the badge tells */
function saveOnGesture(tab) {
  saver.start(tab).catch(() => {
    if (tab.id !== undefined) showBadge(tab.id, "!");
  });
}

/** @param {object} untrustedParams */
async function startSaving(untrustedParams) {
  const { tab_id, case_id, age_answer } =
    /** @type {{ tab_id?: unknown, case_id?: unknown, age_answer?: unknown }} */ (untrustedParams);
  return saver.start(await tabToSave(tab_id), {
    case_id: typeof case_id === "string" ? case_id : null,
    age_answer: age_answer === "adults" || age_answer === "minor_or_unsure" ? age_answer : null,
  });
}

async function stopSaving() {
  saver.stop();
  return {};
}

async function dismissSaving() {
  await saver.dismiss();
  return {};
}

/** @param {unknown} tabId of one of our pages' choice; else the tab in front of the person */
async function tabToSave(tabId) {
  if (typeof tabId === "number") return chrome.tabs.get(tabId);
  const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
  if (!tab) throw new Failure("page_refused", "There is no page in front.");
  return tab;
}

/** Not every browser lets an add-on do so: then the badge is there, and a click does it. */
function openPopup() {
  chrome.action.openPopup?.().catch(() => undefined);
}

/**
 * Neutral on purpose: whoever looks over a shoulder learns that something goes on, not what.
 * @param {number} tabId
 * @param {string} text
 */
function showBadge(tabId, text) {
  // The tab may be gone by now, and its badge with it.
  chrome.action.setBadgeText({ tabId, text }).catch(() => undefined);
  chrome.action.setBadgeBackgroundColor({ tabId, color: "#3b6b6e" }).catch(() => undefined);
}

/** @param {string} text on every tab that shows nothing of its own */
function showCount(text) {
  chrome.action.setBadgeText({ text }).catch(() => undefined);
  chrome.action.setBadgeBackgroundColor({ color: "#3b6b6e" }).catch(() => undefined);
}

async function endPausesWithTheLastWindow() {
  const left = await chrome.windows.getAll();
  if (left.length === 0) await sharing.endPauses();
}

/** @returns {string} the day where the person is, as "2026-11-25" */
function today() {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}
