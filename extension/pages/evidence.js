/**
 * What was saved: cases, a timeline, one capture at a time, export, check, passphrase. What is
 * decrypted for it lives in this page's memory and ends with it, with locking, or with leaving.
 */

import { ask } from "../shared/ask.js";
import { byId, make } from "../shared/dom.js";
import { Failure } from "../shared/failure.js";
import { fillWords, words, wordsForFailure } from "../shared/words.js";
import { setUpCheck } from "./evidence/checking.js";
import { showExport } from "./evidence/exporting.js";
import { showIncident } from "./evidence/incident.js";
import { ItemView } from "./evidence/item.js";
import { setUpOwnPictures, showOwnPictures } from "./evidence/own_pictures.js";
import { Thumbnails } from "./evidence/pictures.js";
import { setUpSafety, showSafety, whyNotUnlocked } from "./evidence/safety.js";
import { exactMoment } from "./evidence/telling.js";
import { Timeline } from "./evidence/timeline.js";
import { noteRows } from "./evidence/traces.js";
import { leaver, leaveOnShift } from "./guide/quick_exit.js";
import { drawUnderAgeHelp } from "./under_age.js";

/** @typedef {import("../generated/wire.js").CaseSummary} CaseSummary */
/** @typedef {import("../generated/wire.js").VaultStatusResult} VaultStatus */
/** @typedef {CaseSummary["age_answer"]} AgeAnswer */

const SCREENS = ["waiting", "away", "locked", "open"];
const PARTS = ["list", "item", "case", "export", "incident", "own", "check", "settings"];
const LOCK_CHECK_MS = 20_000;

const leave = leaver({ window, isPopup: false });
const thumbnails = new Thumbnails();
const timeline = new Timeline({ thumbnails, open: (item) => openItem(item.item_id), fail });
const itemView = new ItemView({
  back: goBack,
  cases: () => cases,
  moved: refreshCases,
  open: openItem,
  showTag,
  fail,
  tell,
});

/** @type {CaseSummary[]} */
let cases = [];
/** @type {VaultStatus | null} */
let vault = null;
/** @type {string | null} null: all cases */
let caseId = null;
/** @type {string | null} */
let tag = null;
let sought = "";
let isTimelineStale = false;

// First of all, before anything is drawn or fetched: the way out.
byId("leave").addEventListener("click", leave);
leaveOnShift({ target: document, leave, now: () => performance.now() });

fillWords(document);
setUpCheck(fail);
setUpOwnPictures({ fail, tell });
setUpSafety({ changed: vaultChanged, fail, tell });
setUpBar();
setUpCase();
void noteRows();
// What comes back from the browser's memory would show what was locked meanwhile.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
window.addEventListener("pagehide", forget);
void start();
setInterval(() => void checkLock(), LOCK_CHECK_MS);

async function start() {
  showScreen("waiting");
  try {
    const [status, { cases: found }] = await Promise.all([
      ask("vault.status", {}),
      ask("case.summaries", {}),
    ]);
    cases = found;
    vaultChanged(status);
  } catch (thrown) {
    showAway(thrown);
  }
}

/** @param {unknown} thrown */
function showAway(thrown) {
  const { code } = Failure.from(thrown);
  if (code === "vault_locked") {
    showLocked();
    return;
  }
  forget();
  byId("away-text").textContent = wordsForFailure(code);
  showScreen("away");
}

/** @param {VaultStatus} status */
function vaultChanged(status) {
  const wasOpen = vault !== null && !vault.is_locked;
  vault = status;
  if (status.is_locked) {
    showLocked();
    return;
  }
  byId("lock").hidden = !status.has_passphrase;
  byId("blur").hidden = false;
  byId("no-passphrase").hidden = status.has_passphrase;
  byId("vault-problems").hidden = status.problems.length === 0;
  byId("vault-problems").replaceChildren(...status.problems.map((each) => make("p", {}, each)));
  if (!byId("screen-settings").hidden) showSafety(status, fail);
  if (wasOpen) return;
  showScreen("open");
  showCases();
  void showList();
}

function showLocked() {
  forget();
  for (const id of ["lock", "blur"]) byId(id).hidden = true;
  /** @type {HTMLFormElement} */ (byId("unlock")).reset();
  byId("unlock-problem").hidden = true;
  showScreen("locked");
  byId("unlock-passphrase").focus();
}

/** Everything decrypted goes. */
function forget() {
  vault = null;
  cases = [];
  itemView.close();
  timeline.clear();
  thumbnails.releaseAll();
  byId("incident-parts").replaceChildren();
  byId("check-result").replaceChildren();
  byId("own-list").replaceChildren();
  byId("custody").replaceChildren();
  byId("cases").replaceChildren();
  byId("list-title").textContent = "";
  byId("case-note").textContent = "";
  for (const form of document.forms) form.reset();
}

async function checkLock() {
  if (vault === null || vault.is_locked || !vault.has_passphrase) return;
  try {
    const status = await ask("vault.status", {});
    if (status.is_locked) vaultChanged(status);
  } catch (thrown) {
    showAway(thrown);
  }
}

/** @param {string} screen */
function showScreen(screen) {
  for (const each of SCREENS) byId(`screen-${each}`).hidden = each !== screen;
  if (screen === "away") byId("screen-away").querySelector("h1")?.focus();
}

/** @param {string} part */
function showPart(part) {
  for (const each of PARTS) byId(`screen-${each}`).hidden = each !== part;
  byId("problem").hidden = true;
  if (part !== "item") itemView.close();
  window.scrollTo(0, 0);
  if (part !== "list") byId(`screen-${part}`).querySelector("h1")?.focus();
  for (const link of document.querySelectorAll(".side [aria-current]")) {
    link.removeAttribute("aria-current");
  }
  const isOfCases = !["own", "check", "settings"].includes(part);
  const shown = isOfCases ? caseLink() : byId(`to-${part}`);
  shown?.setAttribute("aria-current", "page");
}

/** @param {unknown} thrown */
function fail(thrown) {
  const { code, message } = Failure.from(thrown);
  if (code === "vault_locked") {
    showLocked();
    return;
  }
  const known = wordsForFailure(code);
  byId("problem").textContent = known === words("error_internal") ? `${known} (${message})` : known;
  byId("problem").hidden = false;
  byId("problem").scrollIntoView({ block: "nearest" });
}

/** @param {string} text */
function tell(text) {
  byId("told").textContent = text;
  const toast = make("p", { class: "toast", "aria-hidden": "true" }, text);
  document.body.append(toast);
  setTimeout(() => toast.remove(), 3_000);
}

function caseLink() {
  return document.querySelector(`#cases [data-case="${caseId ?? ""}"]`);
}

function showCases() {
  const all = cases.reduce((sum, { item_count }) => sum + item_count, 0);
  byId("cases").replaceChildren(
    caseLine("", words("evidence_all"), all),
    ...cases.map(({ case_id, label, item_count }) => caseLine(case_id, label, item_count)),
  );
  caseLink()?.setAttribute("aria-current", "page");
}

/**
 * @param {string} id "" for all
 * @param {string} label
 * @param {number} count
 */
function caseLine(id, label, count) {
  const button = make(
    "button",
    { type: "button", class: "side-link", "data-case": id },
    make("span", { class: "side-name", dir: "auto" }, label),
    make("span", { class: "count" }, String(count)),
  );
  button.addEventListener("click", () => {
    caseId = id === "" ? null : id;
    tag = null;
    sought = "";
    void showList();
  });
  return make("li", {}, button);
}

/** @returns {CaseSummary | undefined} */
function chosenCase() {
  return cases.find(({ case_id }) => case_id === caseId);
}

async function showList() {
  const chosen = chosenCase();
  showPart("list");
  byId("list-title").textContent = chosen?.label ?? words("evidence_all");
  byId("case-actions").hidden = !chosen;
  byId("case-note").textContent = chosen?.note ?? "";
  byId("case-note").hidden = !chosen?.note;
  const isWordsOnly = chosen?.age_answer === "minor_or_unsure";
  byId("case-under-age").hidden = !isWordsOnly;
  if (isWordsOnly) void drawUnderAgeHelp(byId("case-under-age-help"));
  /** @type {HTMLInputElement} */ (byId("search-words")).value = sought;
  byId("filter").hidden = tag === null && sought === "";
  byId("filter-text").textContent =
    tag === null ? words("evidence_found_for", sought) : words("evidence_tagged", tag);
  isTimelineStale = false;
  try {
    await timeline.show({ case_id: caseId, tag, words: sought });
    performance.mark("list-shown"); // what `python3 tests bench page` measures
  } catch (thrown) {
    fail(thrown);
  }
}

async function goBack() {
  await refreshCases();
  if (isTimelineStale) {
    await showList();
    byId("list-title").focus();
  } else {
    showPart("list");
    timeline.focus();
  }
}

async function refreshCases() {
  try {
    ({ cases } = await ask("case.summaries", {}));
    if (caseId !== null && !chosenCase()) caseId = null;
    showCases();
  } catch (thrown) {
    fail(thrown);
  }
}

/** @param {string} itemId */
function openItem(itemId) {
  showPart("item");
  // Its note or tags may be changed there, or it may be deleted.
  isTimelineStale = true;
  itemView.show(itemId).catch(fail);
}

/** @param {string} chosen */
function showTag(chosen) {
  tag = chosen;
  sought = "";
  void showList();
}

function setUpBar() {
  const blur = byId("blur");
  blur.addEventListener("click", () => {
    const isBlurred = blur.getAttribute("aria-pressed") !== "true";
    blur.setAttribute("aria-pressed", String(isBlurred));
    document.documentElement.dataset["pictures"] = isBlurred ? "blurred" : "clear";
  });
  byId("lock").addEventListener("click", () => void ask("vault.lock", {}).then(vaultChanged, fail));
  byId("away-retry").addEventListener("click", () => void start());
  byId("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    void unlock();
  });
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    sought = /** @type {HTMLInputElement} */ (byId("search-words")).value.trim();
    tag = null;
    void showList();
  });
  byId("filter-clear").addEventListener("click", () => {
    sought = "";
    tag = null;
    void showList();
  });
  byId("to-check").addEventListener("click", () => showPart("check"));
  byId("to-own").addEventListener("click", () => {
    showOwnPictures(fail);
    showPart("own");
  });
  for (const id of ["to-settings", "no-passphrase-set"]) {
    byId(id).addEventListener("click", () => {
      if (vault) showSafety(vault, fail);
      showPart("settings");
    });
  }
  for (const back of document.querySelectorAll("[data-back]")) {
    back.addEventListener("click", () => void showList());
  }
  document.addEventListener("keydown", (event) => {
    const isEscape = event.key === "Escape" && !event.defaultPrevented;
    if (isEscape && !byId("screen-item").hidden) void goBack();
  });
}

async function unlock() {
  const field = /** @type {HTMLInputElement} */ (byId("unlock-passphrase"));
  const passphrase = field.value;
  field.value = "";
  byId("unlock-problem").hidden = true;
  try {
    await ask("vault.unlock", { passphrase });
    await start();
    byId("list-title").focus();
  } catch (thrown) {
    byId("unlock-problem").textContent = whyNotUnlocked(thrown);
    byId("unlock-problem").hidden = false;
    field.focus();
  }
}

function setUpCase() {
  const label = /** @type {HTMLInputElement} */ (byId("case-label"));
  const note = /** @type {HTMLTextAreaElement} */ (byId("case-text"));
  const age = /** @type {HTMLSelectElement} */ (byId("case-age-answer"));
  let isNew = false;
  byId("new-case").addEventListener("click", () => {
    isNew = true;
    label.value = "";
    note.value = "";
    age.value = "";
    byId("case-age").hidden = false;
    age.required = true;
    byId("case-more").hidden = true;
    byId("case-form-title").textContent = words("evidence_new_case");
    showPart("case");
  });
  byId("case-edit").addEventListener("click", () => {
    const chosen = chosenCase();
    if (!chosen) return;
    isNew = false;
    label.value = chosen.label;
    note.value = chosen.note;
    byId("case-age").hidden = true;
    age.required = false;
    byId("case-more").hidden = false;
    byId("case-form-title").textContent = words("evidence_edit_case");
    showPart("case");
    void showCustody(chosen.case_id);
  });
  byId("case-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = { label: label.value.trim(), note: note.value };
    const answer = /** @type {AgeAnswer} */ (age.value);
    saveCase(isNew ? null : caseId, text, answer).catch(fail);
  });
  byId("case-export").addEventListener("click", () => {
    if (caseId === null) return;
    showExport(caseId, fail);
    showPart("export");
  });
  byId("case-incident").addEventListener("click", () => {
    const chosen = chosenCase();
    if (!chosen) return;
    const saved = () => {
      tell(words("evidence_saved"));
      void refreshCases().then(showList);
    };
    showIncident(chosen, { saved, fail }).then(() => showPart("incident"), fail);
  });
  byId("case-delete").addEventListener("click", () => {
    if (caseId === null) return;
    ask("case.delete", { case_id: caseId }).then(() => {
      tell(words("evidence_deleted"));
      caseId = null;
      void refreshCases().then(showList);
    }, fail);
  });
}

/**
 * @param {string | null} id null: a new one
 * @param {{ label: string, note: string }} text
 * @param {AgeAnswer} age
 */
async function saveCase(id, { label, note }, age) {
  if (id === null) {
    const made = await ask("case.create", { label, age_answer: age });
    if (note !== "") await ask("case.change", { case_id: made.case_id, note });
    caseId = made.case_id;
  } else {
    await ask("case.change", { case_id: id, note, ...(label === "" ? {} : { label }) });
  }
  tell(words("evidence_saved"));
  await refreshCases();
  await showList();
}

/** @param {string} id */
async function showCustody(id) {
  const { events } = await ask("custody.list", { case_id: id }).catch(() => ({ events: [] }));
  byId("custody").replaceChildren(
    ...events.map(({ at_utc, what, detail }) =>
      make("li", {}, `${exactMoment(at_utc)}: ${what}${detail ? ` (${detail})` : ""}`),
    ),
  );
}
