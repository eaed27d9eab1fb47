/** Fingerprints of the person's own pictures: taken, listed, removed. No picture is kept. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { Failure } from "../../shared/failure.js";
import { words } from "../../shared/words.js";
import { drawUnderAgeHelp } from "../under_age.js";
import { handIn } from "./intake.js";
import { exactMoment } from "./telling.js";

/** @typedef {import("../../generated/wire.js").Fingerprint} Fingerprint */

/**
 * @typedef {object} World what the page lends
 * @property {(thrown: unknown) => void} fail
 * @property {(text: string) => void} tell
 */

const form = /** @type {HTMLFormElement} */ (byId("own-form"));
const label = /** @type {HTMLInputElement} */ (byId("own-name"));
const files = /** @type {HTMLInputElement} */ (byId("own-files"));
const adults = /** @type {HTMLInputElement} */ (byId("own-adults"));
const progress = /** @type {HTMLProgressElement} */ (byId("own-progress"));
const problem = byId("own-problem");

let keptCount = 0;

/** @param {World} world */
export function setUpOwnPictures({ fail, tell }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    addAll()
      .then((added) => {
        if (added > 0) tell(words("evidence_own_added"));
      })
      .catch(fail);
  });
  byId("own-list").addEventListener("click", (event) => {
    const button = event.target instanceof HTMLElement && event.target.closest("button");
    if (!button) return;
    const fingerprint_id = button.dataset["fingerprint"] ?? "";
    ask("fingerprint.remove", { fingerprint_id })
      .then(show)
      .then(() => {
        tell(words("evidence_own_removed"));
        byId("own-list-title").focus();
      })
      .catch(fail);
  });
}

/** @param {(thrown: unknown) => void} fail */
export function showOwnPictures(fail) {
  form.reset();
  problem.hidden = true;
  void drawUnderAgeHelp(byId("own-help"));
  show().catch(fail);
}

async function show() {
  const { fingerprints } = await ask("fingerprint.list", {});
  keptCount = fingerprints.length;
  byId("own-none").hidden = keptCount > 0;
  byId("own-list").replaceChildren(...fingerprints.map(line));
}

/** @param {Fingerprint} fingerprint */
function line({ fingerprint_id, label: name, added_at_utc }) {
  const remove = make(
    "button",
    { type: "button", class: "quiet-button", "data-fingerprint": fingerprint_id },
    words("evidence_own_remove"),
  );
  remove.setAttribute("aria-label", `${words("evidence_own_remove")}: ${name}`);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("b", { dir: "auto" }, name),
      make("p", { class: "soft" }, exactMoment(added_at_utc)),
    ),
    remove,
  );
}

/** @returns {Promise<number>} how many were added */
async function addAll() {
  const chosen = [...(files.files ?? [])];
  const name = label.value.trim();
  /** @type {string[]} */
  const unusable = [];
  problem.hidden = true;
  progress.hidden = false;
  let added = 0;
  try {
    for (const [at, file] of chosen.entries()) {
      progress.value = at / chosen.length;
      const isUsable = await add(file, nameFor(name, added, chosen.length));
      if (isUsable) added += 1;
      else unusable.push(words("evidence_own_unusable", file.name));
    }
  } finally {
    progress.hidden = true;
    form.reset();
    await show();
  }
  problem.textContent = unusable.join("\n");
  problem.hidden = unusable.length === 0;
  return added;
}

/**
 * @param {string} name what was typed
 * @param {number} added how many were, before this one
 * @param {number} count of those that were chosen
 */
function nameFor(name, added, count) {
  if (name === "") return words("evidence_own_default", keptCount + added + 1);
  return count === 1 ? name : `${name} ${added + 1}`;
}

/**
 * @param {File} file
 * @param {string} name
 * @returns {Promise<boolean>} false: it can be told from no other picture
 */
async function add(file, name) {
  const are_all_adults = adults.checked;
  try {
    await handIn(
      file,
      () => undefined,
      (intake_id) => ask("fingerprint.add", { intake_id, label: name, are_all_adults }),
    );
    return true;
  } catch (thrown) {
    // An empty file is no picture either.
    if (["bad_part", "too_large"].includes(Failure.from(thrown).code)) return false;
    throw thrown;
  }
}
