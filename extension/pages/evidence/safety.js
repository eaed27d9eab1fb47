/** Passphrase, auto-lock, time-stamps and traces: what the settings of this page do. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { Failure } from "../../shared/failure.js";
import { words, wordsForFailure } from "../../shared/words.js";
import { sendsRowsAway, setRowsAway } from "./traces.js";

/** @typedef {import("../../generated/wire.js").VaultStatusResult} VaultStatus */
/**
 * @typedef {object} World
 * @property {(status: VaultStatus) => void} changed
 * @property {(thrown: unknown) => void} fail
 * @property {(text: string) => void} tell
 */

const MINUTES = [1, 5, 10, 15, 30, 60, 240];

const old = /** @type {HTMLInputElement} */ (byId("passphrase-old"));
const wanted = /** @type {HTMLInputElement} */ (byId("passphrase-new"));
const again = /** @type {HTMLInputElement} */ (byId("passphrase-again"));
const form = /** @type {HTMLFormElement} */ (byId("passphrase-form"));
const autoLock = /** @type {HTMLSelectElement} */ (byId("auto-lock"));
const stampsOn = /** @type {HTMLInputElement} */ (byId("stamps-on"));
const stampsUrl = /** @type {HTMLInputElement} */ (byId("stamps-url"));

/** @param {World} world */
export function setUpSafety({ changed, fail, tell }) {
  again.addEventListener("input", checkAgain);
  wanted.addEventListener("input", checkAgain);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const current = old.value === "" ? null : old.value;
    ask("vault.set_passphrase", { new: wanted.value, current })
      .then((status) => {
        changed(status);
        tell(words("evidence_passphrase_set"));
      }, fail)
      .finally(() => form.reset());
  });
  autoLock.addEventListener("change", () => {
    ask("vault.set_auto_lock", { minutes: Number(autoLock.value) }).then(changed, fail);
  });
  byId("stamps-form").addEventListener("submit", (event) => {
    event.preventDefault();
    ask("stamp.set", { is_on: stampsOn.checked, url: stampsUrl.value.trim() }).then((status) => {
      showStamps(status);
      tell(words("evidence_saved"));
    }, fail);
  });
  byId("traces-change").addEventListener("click", () => {
    // At once: the browser asks the person only while it handles the click.
    setRowsAway().then(showTraces, fail);
  });
}

function checkAgain() {
  const isSame = wanted.value === again.value;
  again.setCustomValidity(isSame ? "" : words("evidence_passphrase_differs"));
}

/**
 * @param {VaultStatus} status
 * @param {(thrown: unknown) => void} fail
 */
export function showSafety({ has_passphrase, auto_lock_minutes }, fail) {
  form.reset();
  byId("passphrase-state").textContent = words(
    has_passphrase ? "evidence_passphrase_is_set" : "evidence_no_passphrase",
  );
  byId("passphrase-current").hidden = !has_passphrase;
  old.required = has_passphrase;
  byId("auto-lock-part").hidden = !has_passphrase;
  const minutes = [...new Set([...MINUTES, auto_lock_minutes])].sort((a, b) => a - b);
  const format = new Intl.NumberFormat([], { style: "unit", unit: "minute", unitDisplay: "long" });
  autoLock.replaceChildren(
    ...minutes.map((each) => make("option", { value: String(each) }, format.format(each))),
  );
  autoLock.value = String(auto_lock_minutes);
  ask("stamp.status", {}).then(showStamps, fail);
  void showTraces();
}

/** @param {import("../../generated/wire.js").StampStatusResult} status */
function showStamps({ is_on, url, queued, stamped, last_problem }) {
  stampsOn.checked = is_on;
  stampsUrl.value = url;
  const parts = [];
  if (stamped > 0) parts.push(words("evidence_stamps_stamped", stamped));
  if (queued > 0) parts.push(words("evidence_stamps_queued", queued));
  if (last_problem) parts.push(last_problem);
  byId("stamps-state").textContent = parts.join(" · ");
}

async function showTraces() {
  const isAway = await sendsRowsAway();
  byId("traces-state").textContent = words(isAway ? "evidence_traces_off" : "evidence_traces_on");
  byId("traces-change").textContent = words(
    isAway ? "evidence_traces_keep" : "evidence_traces_erase",
  );
}

/**
 * @param {unknown} thrown by an attempt to unlock
 * @returns {string}
 */
export function whyNotUnlocked(thrown) {
  return wordsForFailure(Failure.from(thrown).code);
}
