/** The popup's part about saving the page in front: the button, the question, how far, the end. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { Failure } from "../../shared/failure.js";
import { SAVING_KEY } from "../../shared/saving.js";
import { words, wordsForFailure } from "../../shared/words.js";
import { drawUnderAgeHelp } from "../under_age.js";
import { KeptView } from "./kept.js";

/** @typedef {import("../../shared/saving.js").SavingState} SavingState */
/** @typedef {import("../../shared/saving.js").AgeAnswer} AgeAnswer */

/** Parts that show the page: left out on purpose where somebody may be under 18. */
const PICTURED = /\.(?:png|mhtml|html|wacz)$|^frames\b/;

/** Share of the whole that is done when a step begins; the full page takes longest. */
/** @type {ReadonlyMap<string, [number, number]>} */
const SHARES = new Map([
  ["prepare", [0, 3]],
  ["window", [3, 6]],
  ["frames", [6, 60]],
  ["full_page", [6, 80]],
  ["mhtml", [80, 86]],
  ["snapshot", [86, 92]],
  ["text", [92, 94]],
  ["seal", [94, 100]],
]);

export class SavingView {
  #saveButton = /** @type {HTMLButtonElement} */ (byId("save"));
  #progress = /** @type {HTMLProgressElement} */ (byId("saving-progress"));
  #kept = new KeptView();
  #isConnected = false;
  /** Of the question that is being asked. */
  /** @type {number | null} */
  #tabId = null;

  constructor() {
    this.#saveButton.addEventListener("click", () => void this.#save({}));
    byId("saving-stop").addEventListener("click", () => void ask("saving.stop", {}));
    byId("saved-dismiss").addEventListener("click", () => void this.#dismiss());
    byId("asking-cancel").addEventListener("click", () => void this.#dismiss());
    for (const button of document.querySelectorAll("[data-age]")) {
      const answer = /** @type {AgeAnswer} */ (button.getAttribute("data-age"));
      button.addEventListener("click", () => void this.#answer(answer));
    }
    chrome.storage.session.onChanged.addListener((changes) => {
      const change = changes[SAVING_KEY];
      if (change) this.#show(/** @type {SavingState | undefined} */ (change.newValue));
    });
  }

  /** Show how it is now. */
  async start() {
    const found = await chrome.storage.session.get(SAVING_KEY);
    this.#show(/** @type {SavingState | undefined} */ (found[SAVING_KEY]));
  }

  /** @param {boolean} isConnected whether the program is there */
  setConnected(isConnected) {
    this.#isConnected = isConnected;
    this.#saveButton.disabled = !isConnected;
  }

  /** @param {import("../../shared/ask.js").SavingStart} wish */
  async #save(wish) {
    this.#saveButton.disabled = true;
    try {
      this.#show(await ask("saving.start", wish));
      byId("saving-title").focus();
    } catch (thrown) {
      this.#show({ state: "failed", code: Failure.from(thrown).code });
    }
  }

  /** @param {AgeAnswer} answer */
  async #answer(answer) {
    const tab = this.#tabId === null ? {} : { tab_id: this.#tabId };
    await this.#save({ ...tab, age_answer: answer });
  }

  async #dismiss() {
    if (!(await this.#kept.save())) return; // a note that was typed is not lost unsaid
    this.#show(undefined);
    this.#saveButton.focus();
    await ask("saving.dismiss", {});
  }

  /** @param {SavingState | undefined} saving */
  #show(saving) {
    const state = saving?.state;
    const isBusy = state === "running" || state === "asking";
    if (state !== "sealed") this.#kept.hide();
    this.#saveButton.hidden = isBusy;
    this.#saveButton.disabled = isBusy || !this.#isConnected;
    byId("asking").hidden = state !== "asking";
    byId("saving").hidden = state !== "running";
    byId("saved").hidden = state !== "sealed" && state !== "failed";
    switch (saving?.state) {
      case "asking":
        this.#showAsking(saving);
        break;
      case "running":
        this.#showRunning(saving);
        break;
      case "sealed":
        this.#showSealed(saving);
        break;
      case "failed":
        showFailed(saving.code);
    }
    const isOver = state === "sealed" || state === "failed";
    byId("told").textContent = isOver ? byId("saved-title").textContent : "";
  }

  /** @param {import("../../shared/saving.js").Asking} asking */
  #showAsking({ tab_id }) {
    this.#tabId = tab_id;
    byId("asking-title").focus();
  }

  /** @param {import("../../shared/saving.js").Running} running */
  #showRunning({ step, done, total }) {
    byId("saving-title").textContent = words("popup_saving");
    const [from, to] = SHARES.get(step) ?? [0, 0];
    const value = from + (total > 0 ? (done / total) * (to - from) : 0);
    // A page may need one of two long steps or both: the bar never goes back.
    this.#progress.value = step === "prepare" ? value : Math.max(this.#progress.value, value);
    byId("saving-step").textContent = words(`popup_step_${step}`);
  }

  /** @param {import("../../shared/saving.js").Sealed} state */
  #showSealed({ sealed, is_text_only }) {
    const { item_id, missing, size_bytes, sealed_at_utc } = sealed;
    void this.#kept.show(item_id, is_text_only);
    byId("saved").dataset["state"] = "sealed";
    byId("saved-title").textContent = words(is_text_only ? "popup_sealed_words" : "popup_sealed");
    const time = new Date(sealed_at_utc).toLocaleTimeString([], { timeStyle: "short" });
    byId("saved-text").textContent = words("popup_sealed_text", megabytes(size_bytes), time);
    byId("saved-under-age").hidden = !is_text_only;
    if (is_text_only) void drawUnderAgeHelp(byId("saved-under-age-help"));
    const others = is_text_only ? missing.filter(({ name }) => !PICTURED.test(name)) : missing;
    byId("saved-missing").hidden = others.length === 0;
    byId("saved-missing-title").textContent = words("popup_missing_parts", others.length);
    byId("saved-missing-list").replaceChildren(
      ...others.map(({ name, why }) => make("li", {}, `${name}: ${why}`)),
    );
  }
}

/** @param {string} code */
function showFailed(code) {
  byId("saved").dataset["state"] = "failed";
  byId("saved-title").textContent = words("popup_not_saved");
  byId("saved-text").textContent = wordsForFailure(code);
  byId("saved-under-age").hidden = true;
  byId("saved-missing").hidden = true;
}

/** @param {number} bytes */
function megabytes(bytes) {
  const format = new Intl.NumberFormat([], {
    style: "unit",
    unit: "megabyte",
    maximumFractionDigits: 1,
  });
  return format.format(Math.max(bytes / 1e6, 0.1));
}
