/** What was saved, newest first: a row each, loaded as far as one scrolls. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { hostOf, momentInWords } from "./telling.js";
import { VirtualList } from "./virtual_list.js";

/** @typedef {import("../../generated/wire.js").ItemSummary} ItemSummary */
/** @typedef {{ case_id: string | null, tag: string | null, words: string }} Filter */

const ROW_HEIGHT = 92;

export class Timeline {
  #thumbnails;
  #open;
  #fail;
  #list;
  /** @type {ItemSummary[]} */
  #items = [];
  /** @type {Map<string, string>} what was found in a capture, by its id */
  #excerpts = new Map();
  #total = 0;
  /** @type {string | null} */
  #next = null;
  #isLoading = false;
  #generation = 0;
  /** @type {Filter} */
  #filter = { case_id: null, tag: null, words: "" };

  /**
   * @param {object} world
   * @param {import("./pictures.js").Thumbnails} world.thumbnails
   * @param {(item: ItemSummary) => void} world.open
   * @param {(thrown: unknown) => void} world.fail
   */
  constructor({ thumbnails, open, fail }) {
    this.#thumbnails = thumbnails;
    this.#open = open;
    this.#fail = fail;
    this.#list = new VirtualList({
      list: byId("timeline"),
      rowHeight: ROW_HEIGHT,
      draw: (index) => this.#row(index),
      needs: (_from, to) => void this.#loadUpTo(to),
    });
  }

  /** @param {Filter} filter */
  async show(filter) {
    this.#filter = filter;
    this.#generation += 1;
    const generation = this.#generation;
    const found = filter.words === "" ? await this.#page(null) : await this.#search();
    if (generation !== this.#generation) return;
    this.#items = found.items;
    this.#total = found.total;
    this.#next = found.next;
    this.#isLoading = false;
    byId("list-empty").hidden = this.#total > 0 || filter.words !== "" || filter.tag !== null;
    byId("list-count").textContent = countInWords(found);
    this.#list.show(this.#total);
  }

  /** Everything is forgotten: the vault was locked. */
  clear() {
    this.#generation += 1;
    this.#items = [];
    this.#excerpts.clear();
    this.#total = 0;
    this.#list.show(0);
  }

  focus() {
    this.#list.focusCurrent();
  }

  /** @param {string | null} after */
  async #page(after) {
    const { case_id, tag } = this.#filter;
    const found = await ask("item.list", { case_id, tag, after });
    return { ...found, is_complete: true };
  }

  async #search() {
    const { case_id, words: sought } = this.#filter;
    const { hits, is_complete } = await ask("item.search", { words: sought, case_id });
    this.#excerpts = new Map(hits.map(({ item, excerpt }) => [item.item_id, excerpt]));
    const items = hits.map(({ item }) => item);
    return { items, total: items.length, next: null, is_complete };
  }

  /** @param {number} to */
  async #loadUpTo(to) {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const generation = this.#generation;
    try {
      while (this.#next !== null && this.#items.length < to) {
        const from = this.#items.length;
        const { items, next } = await this.#page(this.#next);
        if (generation !== this.#generation) return;
        this.#items.push(...items);
        this.#next = next;
        this.#list.refresh(from, this.#items.length);
      }
    } catch (thrown) {
      this.#fail(thrown);
    } finally {
      if (generation === this.#generation) this.#isLoading = false;
    }
  }

  /**
   * @param {number} index
   * @returns {HTMLElement}
   */
  #row(index) {
    const item = this.#items[index];
    if (!item) return make("button", { type: "button", class: "row waiting" }, "…");
    const button = make(
      "button",
      { type: "button", class: "row" },
      this.#picture(item),
      make(
        "span",
        { class: "row-words" },
        make(
          "span",
          { class: "row-title" },
          make("bdi", {}, item.title || words("evidence_untitled")),
        ),
        make("span", { class: "row-host", dir: "ltr" }, hostOf(item.url)),
        this.#lastLine(item),
      ),
      badgesOf(item),
    );
    button.addEventListener("click", () => this.#open(item));
    return button;
  }

  /** @param {ItemSummary} item */
  #lastLine(item) {
    const excerpt = this.#excerpts.get(item.item_id);
    if (this.#filter.words !== "" && excerpt) {
      return make("span", { class: "row-excerpt", dir: "auto" }, excerpt);
    }
    const line = make("span", { class: "row-time" }, momentInWords(item.sealed_at_utc));
    for (const tag of item.tags) line.append(make("span", { class: "tag", dir: "auto" }, tag));
    return line;
  }

  /** @param {ItemSummary} item */
  #picture(item) {
    const place = make("span", { class: "thumbnail", "aria-hidden": "true" });
    if (!item.has_thumbnail) return place;
    void this.#thumbnails.of(item.item_id).then((url) => {
      if (url === null) return;
      place.append(make("img", { class: "private-picture", alt: "", src: url }));
    });
    return place;
  }
}

/** @param {{ total: number, is_complete: boolean }} found */
function countInWords({ total, is_complete }) {
  if (!is_complete) return words("evidence_count_cut", total);
  return words(total === 1 ? "evidence_count_one" : "evidence_count", total);
}

/** @param {ItemSummary} item */
function badgesOf(item) {
  const badges = make("span", { class: "badges" });
  /** @type {[boolean, string, string][]} */
  const known = [
    [item.kind === "redacted", "evidence_badge_redacted", "badge"],
    [!item.is_complete, "evidence_badge_incomplete", "badge warm"],
    [item.stamp === "stamped", "evidence_badge_stamped", "badge"],
    [(item.matches ?? []).length > 0, "evidence_badge_match", "badge warm"],
  ];
  for (const [holds, key, kind] of known) {
    if (holds) badges.append(make("span", { class: kind }, words(key)));
  }
  return badges;
}
