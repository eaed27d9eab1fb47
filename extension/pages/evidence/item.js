/** One thing that was saved: its picture, what is known of it, the note, the tags, what to do. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { caseChoice, possibleCases } from "./moving.js";
import { readFile } from "./pictures.js";
import { Redaction } from "./redaction.js";
import { exactMoment, sizeInWords } from "./telling.js";

/** @typedef {import("../../generated/wire.js").ItemDetail} ItemDetail */
/** @typedef {import("../../generated/wire.js").ItemFile} ItemFile */
/** @typedef {import("../../generated/wire.js").CaseSummary} CaseSummary */
/**
 * @typedef {object} World
 * @property {() => void} back
 * @property {() => readonly CaseSummary[]} cases
 * @property {() => Promise<void>} moved to another case
 * @property {(itemId: string) => void} open
 * @property {(tag: string) => void} showTag
 * @property {(thrown: unknown) => void} fail
 * @property {(text: string) => void} tell
 */

const MAX_TEXT_CHARACTERS = 200_000;

/** Draws into #screen-item; everything that was decrypted goes when it is closed. */
export class ItemView {
  #world;
  #place = byId("screen-item");
  #closing = new AbortController();
  /** @type {string | null} */
  #url = null;
  /** @type {Redaction | null} */
  #redaction = null;

  /** @param {World} world */
  constructor(world) {
    this.#world = world;
  }

  /** @param {string} itemId */
  async show(itemId) {
    this.close();
    this.#closing = new AbortController();
    const { signal } = this.#closing;
    const detail = await ask("item.show", { item_id: itemId });
    if (signal.aborted) return;
    this.#place.replaceChildren(
      ...this.#head(detail),
      ...this.#pictures(detail),
      this.#noteForm(detail),
      this.#tagForm(detail),
      ...this.#caseForm(detail),
      this.#text(detail),
      facts(detail),
      this.#deletion(detail),
    );
    this.#place.querySelector("h1")?.focus();
  }

  close() {
    this.#closing.abort();
    this.#redaction?.close();
    this.#redaction = null;
    this.#release();
    this.#place.replaceChildren();
  }

  #release() {
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  /** @param {ItemDetail} detail */
  #head({ item }) {
    const back = make("button", { type: "button", class: "quiet-button" }, words("evidence_back"));
    back.addEventListener("click", () => this.#world.back());
    const title = item.title || words("evidence_untitled");
    /** @type {HTMLElement[]} */
    const parts = [
      back,
      make("h1", { tabindex: "-1" }, make("bdi", {}, title)),
      make("p", { class: "address", dir: "ltr" }, item.url),
      make("p", { class: "soft" }, exactMoment(item.sealed_at_utc)),
    ];
    if (item.kind === "redacted") {
      const notice = make("p", { class: "notice" }, make("span", {}, words("evidence_is_copy")));
      const { original_id } = item;
      if (original_id !== null) {
        const original = make(
          "button",
          { type: "button", class: "quiet-button" },
          words("evidence_show_original"),
        );
        original.addEventListener("click", () => this.#world.open(original_id));
        notice.append(original);
      }
      parts.push(notice);
    }
    if (item.missing.length > 0) {
      const missing = item.missing.map(({ name, why }) => make("li", {}, `${name}: ${why}`));
      const isCopy = item.kind === "redacted";
      const notTold = isCopy ? "evidence_copy_leaves_out" : "evidence_not_told";
      const key = item.is_complete ? notTold : "evidence_incomplete";
      const kind = item.is_complete ? "soft" : "notice";
      parts.push(
        make(
          "details",
          { class: kind },
          make("summary", {}, words(key, missing.length)),
          make("ul", {}, ...missing),
        ),
      );
    }
    const names = item.matches?.join(", ");
    if (names) {
      parts.push(make("p", { class: "notice", dir: "auto" }, words("evidence_matches", names)));
    }
    return parts;
  }

  /** @param {ItemDetail} detail */
  #pictures({ item, files }) {
    const pictures = files.filter(({ media_type }) => media_type === "image/png");
    const [first] = pictures;
    if (!first) return [];
    const choice = make("select", { id: "picture-choice" });
    for (const { name } of pictures) choice.append(make("option", { value: name }, nameOf(name)));
    const stage = make("div", { class: "stage", tabindex: "0", role: "group" });
    stage.setAttribute("aria-label", words("evidence_picture"));
    const progress = make("progress", { max: "1", "aria-label": words("popup_progress") });
    const cover = make(
      "button",
      { type: "button", class: "quiet-button" },
      words("evidence_redact"),
    );
    cover.disabled = true;
    const show = async () => {
      const file = pictures.find(({ name }) => name === choice.value) ?? first;
      this.#redaction?.close();
      cover.disabled = true;
      const isShown = await this.#showPicture(item.item_id, file, stage, progress);
      if (isShown && choice.value === file.name) cover.disabled = false;
    };
    cover.addEventListener("click", () => this.#beginRedaction(item.item_id, choice.value, stage));
    choice.addEventListener("change", () => void show());
    void show();
    const tools = make(
      "div",
      { class: "actions" },
      make("label", { for: "picture-choice", class: "unseen" }, words("evidence_picture")),
      choice,
    );
    if (item.kind === "capture") tools.append(cover);
    return [tools, progress, stage];
  }

  /**
   * @param {string} itemId
   * @param {ItemFile} file
   * @param {HTMLElement} stage
   * @param {HTMLProgressElement} progress
   * @returns {Promise<boolean>} whether it is on the stage now
   */
  async #showPicture(itemId, file, stage, progress) {
    const { signal } = this.#closing;
    progress.hidden = false;
    progress.value = 0;
    try {
      const tell = (/** @type {number} */ share) => {
        progress.value = share;
      };
      const blob = await readFile(itemId, file, tell, signal);
      if (signal.aborted) return false;
      this.#release();
      this.#url = URL.createObjectURL(blob);
      const alt = words("evidence_picture_of", nameOf(file.name));
      const image = make("img", { class: "private-picture", alt, src: this.#url });
      image.dataset["name"] = file.name;
      stage.replaceChildren(image);
      return true;
    } catch (thrown) {
      if (!signal.aborted) this.#world.fail(thrown);
      return false;
    } finally {
      progress.hidden = true;
    }
  }

  /**
   * @param {string} itemId
   * @param {string} name
   * @param {HTMLElement} stage
   */
  #beginRedaction(itemId, name, stage) {
    const image = stage.querySelector("img");
    if (!image || image.dataset["name"] !== name) return;
    this.#redaction?.close();
    this.#redaction = new Redaction({
      image,
      stage,
      save: async (boxes) => {
        const made = await ask("item.redact", { item_id: itemId, name, boxes });
        this.#world.tell(words("evidence_redact_done"));
        this.#world.open(made.item_id);
      },
      fail: this.#world.fail,
    });
  }

  /** @param {ItemDetail} detail */
  #noteForm({ item }) {
    const note = make("textarea", { id: "item-note", rows: "3", dir: "auto" });
    note.value = item.note;
    return this.#form("item-note", "evidence_note", note, async () => {
      await ask("item.change", { item_id: item.item_id, note: note.value });
    });
  }

  /** @param {ItemDetail} detail */
  #tagForm({ item }) {
    const tags = make("input", { id: "item-tags", dir: "auto", autocomplete: "off" });
    tags.value = item.tags.join(", ");
    const form = this.#form("item-tags", "evidence_tags", tags, async () => {
      const wanted = tags.value.split(/[,،、;]/).map((tag) => tag.trim());
      const unique = [...new Set(wanted.filter((tag) => tag !== ""))];
      await ask("item.change", { item_id: item.item_id, tags: unique });
    });
    const links = make("p", { class: "tags" });
    for (const tag of item.tags) {
      const link = make("button", { type: "button", class: "tag", dir: "auto" }, tag);
      link.addEventListener("click", () => this.#world.showTag(tag));
      links.append(link);
    }
    if (item.tags.length > 0) form.append(links);
    return form;
  }

  /** @param {ItemDetail} detail */
  #caseForm(detail) {
    const { item_id, case_id } = detail.item;
    const cases = possibleCases(detail, this.#world.cases());
    if (cases.length < 2) return [];
    const choice = caseChoice("item-case", cases, case_id);
    choice.setAttribute("aria-describedby", "item-case-hint");
    const form = this.#form("item-case", "popup_case", choice, async () => {
      await ask("item.move", { item_id, case_id: choice.value });
      await this.#world.moved();
    });
    const hint = make("p", { id: "item-case-hint", class: "hint" }, words("evidence_move_hint"));
    choice.after(hint);
    return [form];
  }

  /**
   * @param {string} id
   * @param {string} labelKey
   * @param {HTMLElement} field
   * @param {() => Promise<void>} save
   */
  #form(id, labelKey, field, save) {
    const button = make(
      "button",
      { type: "submit", class: "quiet-button" },
      words("evidence_save"),
    );
    const form = make(
      "form",
      { class: "card" },
      make("label", { for: id }, words(labelKey)),
      field,
      button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save().then(() => this.#world.tell(words("evidence_saved")), this.#world.fail);
    });
    return form;
  }

  /** @param {ItemDetail} detail */
  #text({ item, files }) {
    const file = files.find(({ name }) => name === "text.txt");
    const part = make("details", { class: "card" }, make("summary", {}, words("evidence_text")));
    if (!file) return part;
    const { signal } = this.#closing;
    part.addEventListener("toggle", async () => {
      if (part.childElementCount > 1) return;
      const shown = make("pre", { class: "page-text", dir: "auto", tabindex: "0" });
      part.append(shown);
      try {
        const text = await (await readFile(item.item_id, file, () => undefined, signal)).text();
        shown.textContent = text.slice(0, MAX_TEXT_CHARACTERS);
      } catch (thrown) {
        if (!signal.aborted) this.#world.fail(thrown);
      }
    });
    return part;
  }

  /** @param {ItemDetail} detail */
  #deletion({ item }) {
    const button = make(
      "button",
      { type: "button", class: "quiet-button danger" },
      words("evidence_delete_now"),
    );
    button.addEventListener("click", () => {
      ask("item.delete", { item_id: item.item_id }).then(() => {
        this.#world.tell(words("evidence_deleted"));
        this.#world.back();
      }, this.#world.fail);
    });
    return make(
      "details",
      { class: "card" },
      make("summary", {}, words("evidence_delete")),
      make("p", {}, words("evidence_delete_limits")),
      make("p", {}, words("evidence_delete_first")),
      button,
    );
  }
}

/** @param {string} name of a file of a capture */
function nameOf(name) {
  if (name.startsWith("redacted/")) {
    return nameOf(name.slice("redacted/".length).replace(/^frames-/, "frames/"));
  }
  const [folder, file] = name.split("/");
  if (folder === "frames" && file) return words("evidence_frame", Number.parseInt(file, 10));
  const key = `evidence_file_${name.replace(/\W/g, "_")}`;
  const known = words(key);
  return known === key ? name : known;
}

/** @param {ItemDetail} detail */
function facts(detail) {
  const { record, item } = detail;
  const list = make("dl", { class: "facts" });
  /** @type {[string, string | null | undefined][]} */
  const known = [
    ["evidence_fact_clicked", exactMoment(record.clicked_at_utc)],
    ["evidence_fact_sealed", exactMoment(item.sealed_at_utc)],
    ["evidence_fact_stamped", detail.stamped_at_utc && exactMoment(detail.stamped_at_utc)],
    ["evidence_fact_zone", record.time_zone],
    ["evidence_fact_final_url", record.final_url],
    ["evidence_fact_redirects", record.redirects?.join("\n")],
    ["evidence_fact_status", record.status_code?.toString()],
    ["evidence_fact_server", record.server_ip],
    ["evidence_fact_tls", record.tls?.certificates[0]?.subject],
    ["evidence_fact_browser", record.browser],
    ["evidence_fact_size", sizeInWords(item.size_bytes)],
    ["evidence_fact_clock", detail.server_difference_s?.toFixed(0)],
    ["evidence_fact_seal", detail.manifest_sha256],
    ["evidence_fact_log", String(detail.log_index)],
  ];
  for (const [key, value] of known) {
    if (!value) continue;
    list.append(make("dt", {}, words(key)), make("dd", { dir: "auto" }, value));
  }
  for (const { name, size_bytes, sha256 } of detail.files) {
    list.append(
      make("dt", { dir: "ltr" }, name),
      make("dd", {}, sizeInWords(size_bytes), " ", make("code", { dir: "ltr" }, sha256)),
    );
  }
  return make("details", { class: "card" }, make("summary", {}, words("evidence_facts")), list);
}
