/** A list of which only what is on screen is in the page; rows are equally high. */

const OVERSCAN = 6;

export class VirtualList {
  #list;
  #rowHeight;
  #draw;
  #needs;
  #count = 0;
  /** @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** The row that the keyboard stands on. */
  #current = 0;
  #isDue = false;

  /**
   * @param {object} world
   * @param {HTMLElement} world.list
   * @param {number} world.rowHeight CSS pixels
   * @param {(index: number) => HTMLElement} world.draw makes what is in a row, a button at its root
   * @param {(from: number, to: number) => void} world.needs rows that are on screen
   */
  constructor({ list, rowHeight, draw, needs }) {
    this.#list = list;
    this.#rowHeight = rowHeight;
    this.#draw = draw;
    this.#needs = needs;
    document.addEventListener("scroll", () => this.#schedule(), { passive: true });
    window.addEventListener("resize", () => this.#schedule());
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusin", (event) => this.#onFocus(event));
  }

  /** @param {number} count of rows; everything is drawn anew */
  show(count) {
    this.#count = count;
    this.#current = 0;
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#list.style.blockSize = `${count * this.#rowHeight}px`;
    this.#render();
  }

  /** Draw the rows from `from` up to `to` again: what they show has arrived. */
  /**
   * @param {number} from
   * @param {number} to
   */
  refresh(from, to) {
    for (let index = from; index < to; index += 1) {
      const row = this.#rows.get(index);
      if (!row) continue;
      const hadFocus = row.contains(document.activeElement);
      row.replaceChildren(this.#drawn(index));
      if (hadFocus) this.#button(index)?.focus({ preventScroll: true });
    }
    this.#schedule();
  }

  /** Put the keyboard back where it was, as after coming back to the list. */
  focusCurrent() {
    this.#focus(this.#current);
  }

  #schedule() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #render() {
    if (!this.#list.checkVisibility()) return;
    const { top } = this.#list.getBoundingClientRect();
    const first = Math.floor(-top / this.#rowHeight) - OVERSCAN;
    const from = Math.max(0, first);
    const rowsOnScreen = Math.ceil(innerHeight / this.#rowHeight) + 2 * OVERSCAN;
    const to = Math.min(this.#count, Math.max(0, first + rowsOnScreen));
    for (const [index, row] of this.#rows) {
      const isOut = index < from || index >= to;
      if (isOut && !row.contains(document.activeElement)) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    for (let index = from; index < to; index += 1) {
      if (!this.#rows.has(index)) this.#add(index);
    }
    if (to > from) this.#needs(from, to);
  }

  /** @param {number} index */
  #add(index) {
    const row = document.createElement("li");
    row.setAttribute("aria-setsize", String(this.#count));
    row.setAttribute("aria-posinset", String(index + 1));
    row.style.insetBlockStart = `${index * this.#rowHeight}px`;
    row.dataset["index"] = String(index);
    row.append(this.#drawn(index));
    // In the order in which they are read, whichever came first.
    const next = [...this.#rows.keys()].filter((known) => known > index).sort((a, b) => a - b)[0];
    const before = next === undefined ? null : (this.#rows.get(next) ?? null);
    this.#list.insertBefore(row, before);
    this.#rows.set(index, row);
  }

  /** @param {number} index */
  #drawn(index) {
    const button = this.#draw(index);
    button.tabIndex = index === this.#current ? 0 : -1;
    return button;
  }

  /** @param {number} index */
  #button(index) {
    const found = this.#rows.get(index)?.firstElementChild;
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {number} index */
  #focus(index) {
    const before = this.#button(this.#current);
    if (before) before.tabIndex = -1;
    this.#current = Math.min(Math.max(0, index), Math.max(0, this.#count - 1));
    const { top } = this.#list.getBoundingClientRect();
    const rowTop = top + this.#current * this.#rowHeight;
    const margin = 90;
    if (rowTop < margin) window.scrollBy({ top: rowTop - margin, behavior: "instant" });
    const below = rowTop + this.#rowHeight - innerHeight;
    if (below > 0) window.scrollBy({ top: below, behavior: "instant" });
    this.#render();
    const button = this.#button(this.#current);
    if (!button) return;
    button.tabIndex = 0;
    button.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const page = Math.max(1, Math.floor(innerHeight / this.#rowHeight) - 1);
    /** @type {ReadonlyMap<string, number>} */
    const moves = new Map([
      ["ArrowDown", this.#current + 1],
      ["ArrowUp", this.#current - 1],
      ["PageDown", this.#current + page],
      ["PageUp", this.#current - page],
      ["Home", 0],
      ["End", this.#count - 1],
    ]);
    const to = moves.get(event.key);
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#focus(to);
  }

  /** @param {FocusEvent} event */
  #onFocus(event) {
    const row = event.target instanceof Element ? event.target.closest("li") : null;
    const index = Number(row?.dataset["index"] ?? this.#current);
    const before = this.#button(this.#current);
    if (before) before.tabIndex = -1;
    this.#current = index;
    const now = this.#button(index);
    if (now) now.tabIndex = 0;
  }
}
