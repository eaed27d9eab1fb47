/** What was just saved, in the popup: a small picture, a note, and the case that it lies in. */

import { ask } from "../../shared/ask.js";
import { fromBase64 } from "../../shared/base64.js";
import { byId, make } from "../../shared/dom.js";
import { Failure } from "../../shared/failure.js";
import { words, wordsForFailure } from "../../shared/words.js";

/** @typedef {import("../../generated/wire.js").ItemSummary} ItemSummary */
/** @typedef {import("../../generated/wire.js").CaseSummary} CaseSummary */

/** Stands in the list of cases for one that is still to be made. */
const NEW_CASE = "";

/** Draws into #kept; the picture is decrypted when it is shown, and written nowhere. */
export class KeptView {
  #form = /** @type {HTMLFormElement} */ (byId("kept-form"));
  #note = /** @type {HTMLTextAreaElement} */ (byId("kept-note"));
  #case = /** @type {HTMLSelectElement} */ (byId("kept-case"));
  #name = /** @type {HTMLInputElement} */ (byId("kept-case-name"));
  #picture = /** @type {HTMLImageElement} */ (byId("kept-picture"));
  /** Of what is shown, or being fetched. */
  /** @type {string | null} */
  #itemId = null;
  /** @type {ItemSummary | null} */
  #item = null;
  #isTextOnly = false;
  /** @type {Promise<boolean> | null} */
  #saving = null;

  constructor() {
    const blur = byId("kept-blur");
    blur.addEventListener("click", () => {
      setBlurred(this.#picture, blur, blur.getAttribute("aria-pressed") !== "true");
    });
    this.#case.addEventListener("change", () => this.#showName());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
  }

  /**
   * @param {string} itemId
   * @param {boolean} isTextOnly whether no picture may be in it
   */
  async show(itemId, isTextOnly) {
    if (this.#itemId === itemId) return; // what is being typed stays
    this.hide();
    this.#itemId = itemId;
    this.#isTextOnly = isTextOnly;
    try {
      const [{ item }, { cases }] = await Promise.all([
        ask("item.show", { item_id: itemId }),
        ask("case.summaries", {}),
      ]);
      if (this.#itemId !== itemId) return;
      this.#item = item;
      this.#note.value = item.note;
      this.#drawCases(cases, item.case_id);
      this.#showForm(true);
      byId("kept").hidden = false;
      if (item.has_thumbnail && !isTextOnly) await this.#showPicture(itemId);
    } catch (thrown) {
      if (this.#itemId === itemId) this.#showWhyNot(Failure.from(thrown).code);
    }
  }

  hide() {
    this.#itemId = null;
    this.#item = null;
    byId("kept").hidden = true;
    byId("kept-locked").hidden = true;
    byId("kept-look").hidden = true;
    this.#showForm(false);
    this.#form.reset();
    byId("kept-told").textContent = "";
    this.#showName();
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.removeAttribute("src");
  }

  /** @param {boolean} isShown */
  #showForm(isShown) {
    this.#form.hidden = !isShown;
    byId("kept-save").hidden = !isShown;
    this.#showName();
  }

  /** @returns {Promise<boolean>} whether all that was typed or chosen is kept now */
  async save() {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  async #saveAll() {
    if (!this.#item || !this.#isChanged(this.#item)) return true;
    const told = byId("kept-told");
    told.textContent = "";
    try {
      const { item_id } = this.#item;
      const chosen = await this.#chosenCase();
      if (chosen !== this.#item.case_id) {
        this.#item = await ask("item.move", { item_id, case_id: chosen });
      }
      const note = this.#note.value;
      if (note !== this.#item.note) this.#item = await ask("item.change", { item_id, note });
      told.textContent = words("evidence_saved");
      return true;
    } catch (thrown) {
      told.textContent = wordsForFailure(Failure.from(thrown).code);
      return false;
    }
  }

  /** @param {ItemSummary} item */
  #isChanged({ case_id, note }) {
    return this.#case.value !== case_id || this.#note.value !== note;
  }

  /** @returns {Promise<string>} the id of the case that was chosen, made if it is a new one */
  async #chosenCase() {
    if (this.#case.value !== NEW_CASE) return this.#case.value;
    const made = await ask("case.create", {
      label: this.#name.value.trim(),
      age_answer: this.#isTextOnly ? "minor_or_unsure" : "adults",
    });
    const { cases } = await ask("case.summaries", {});
    this.#drawCases(cases, made.case_id);
    return made.case_id;
  }

  /**
   * @param {readonly CaseSummary[]} cases
   * @param {string} chosenId
   */
  #drawCases(cases, chosenId) {
    const possible = cases.filter(
      ({ case_id, age_answer }) =>
        this.#isTextOnly || age_answer === "adults" || case_id === chosenId,
    );
    this.#case.replaceChildren(
      ...possible.map(({ case_id, label, created_at_utc }) =>
        make("option", { value: case_id }, label || created_at_utc.slice(0, 10)),
      ),
      make("option", { value: NEW_CASE }, words("popup_new_case")),
    );
    this.#case.value = chosenId;
    this.#showName();
  }

  #showName() {
    byId("kept-new-case").hidden = this.#form.hidden || this.#case.value !== NEW_CASE;
  }

  /** @param {string} itemId */
  async #showPicture(itemId) {
    const { media_type, data } = await ask("item.thumbnail", { item_id: itemId });
    if (this.#itemId !== itemId) return;
    this.#picture.src = URL.createObjectURL(new Blob([fromBase64(data)], { type: media_type }));
    this.#picture.alt = words("popup_kept_picture");
    setBlurred(this.#picture, byId("kept-blur"), true);
    byId("kept-look").hidden = false;
  }

  /** @param {string} code */
  #showWhyNot(code) {
    byId("kept").hidden = false;
    byId("kept-locked").hidden = false;
    byId("kept-locked").textContent =
      code === "vault_locked" ? words("popup_kept_locked") : wordsForFailure(code);
  }
}

/**
 * @param {HTMLImageElement} picture
 * @param {HTMLElement} button
 * @param {boolean} isBlurred
 */
function setBlurred(picture, button, isBlurred) {
  picture.dataset["blurred"] = String(isBlurred);
  button.setAttribute("aria-pressed", String(isBlurred));
}
