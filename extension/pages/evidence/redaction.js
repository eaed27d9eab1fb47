/** Boxes over a picture: drawn by hand or placed by keys, then blacked out in a sealed copy. */

import { make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";

/** @typedef {import("../../generated/wire.js").Box} Box */

/** Shares of the picture, so that a resized window moves nothing. */
/** @typedef {{ left: number, top: number, width: number, height: number }} Share */

const MIN_PX = 6;
const KEY_STEP = 0.01;

/**
 * Pixels of the picture that a box covers: never less than what was drawn.
 * @param {Share} share
 * @param {{ width: number, height: number }} picture
 * @returns {Box}
 */
export function boxOf(share, { width, height }) {
  const x = Math.max(0, Math.floor(share.left * width));
  const y = Math.max(0, Math.floor(share.top * height));
  const right = Math.min(width, Math.ceil((share.left + share.width) * width));
  const bottom = Math.min(height, Math.ceil((share.top + share.height) * height));
  return { x, y, width: right - x, height: bottom - y };
}

/**
 * @param {Share} share
 * @param {string} key
 * @param {boolean} isResizing
 * @returns {Share | null} where a key takes it, inside the picture; null for other keys
 */
export function moved(share, key, isResizing) {
  /** @type {ReadonlyMap<string, [number, number]>} */
  const ways = new Map([
    ["ArrowLeft", [-KEY_STEP, 0]],
    ["ArrowRight", [KEY_STEP, 0]],
    ["ArrowUp", [0, -KEY_STEP]],
    ["ArrowDown", [0, KEY_STEP]],
  ]);
  const way = ways.get(key);
  if (!way) return null;
  const [dx, dy] = way;
  const { left, top, width, height } = share;
  if (isResizing) {
    const clampSize = (/** @type {number} */ size, /** @type {number} */ from) =>
      Math.min(1 - from, Math.max(KEY_STEP, size));
    return { left, top, width: clampSize(width + dx, left), height: clampSize(height + dy, top) };
  }
  return {
    left: Math.min(1 - width, Math.max(0, left + dx)),
    top: Math.min(1 - height, Math.max(0, top + dy)),
    width,
    height,
  };
}

export class Redaction {
  #image;
  #layer = make("div", { class: "boxes" });
  #tools;
  /** @type {Map<HTMLElement, Share>} */
  #boxes = new Map();
  #saveButton = make("button", { type: "button", class: "main-button" });

  /**
   * @param {object} world
   * @param {HTMLImageElement} world.image
   * @param {HTMLElement} world.stage where the picture lies
   * @param {(boxes: Box[]) => Promise<void>} world.save
   * @param {(thrown: unknown) => void} world.fail
   */
  constructor({ image, stage, save, fail }) {
    this.#image = image;
    const frame = make("div", { class: "redacting" });
    image.replaceWith(frame);
    // What is to be covered must be seen.
    image.classList.remove("private-picture");
    frame.append(image, this.#layer);
    this.#layer.addEventListener("pointerdown", (event) => this.#draw(event));
    const add = button("evidence_redact_add", () => this.#addInView(stage));
    const cancel = button("evidence_cancel", () => this.close());
    this.#saveButton.textContent = words("evidence_redact_save");
    this.#saveButton.disabled = true;
    this.#saveButton.addEventListener("click", () => {
      this.#saveButton.disabled = true;
      const { naturalWidth: width, naturalHeight: height } = image;
      const boxes = [...this.#boxes.values()].map((share) => boxOf(share, { width, height }));
      save(boxes).catch((thrown) => {
        this.#saveButton.disabled = false;
        fail(thrown);
      });
    });
    this.#tools = make(
      "div",
      { class: "card redact-tools" },
      make("p", {}, words("evidence_redact_how")),
      make("p", { class: "hint" }, words("evidence_redact_keys")),
      make("div", { class: "actions" }, this.#saveButton, add, cancel),
    );
    stage.before(this.#tools);
    add.focus();
  }

  close() {
    const frame = this.#layer.parentElement;
    this.#tools.remove();
    if (!frame) return;
    this.#image.classList.add("private-picture");
    frame.replaceWith(this.#image);
    this.#layer.remove();
  }

  /** @param {HTMLElement} stage */
  #addInView(stage) {
    const { top, height } = this.#layer.getBoundingClientRect();
    const seen = stage.getBoundingClientRect();
    const middle = (Math.max(seen.top, 0) + Math.min(seen.bottom, innerHeight)) / 2;
    const share = Math.min(0.96, Math.max(0, (middle - top - 30) / height));
    const box = this.#add({ left: 0.3, top: share, width: 0.4, height: Math.min(1, 60 / height) });
    box.focus();
  }

  /** @param {Share} share */
  #add(share) {
    const box = make("div", { class: "box", tabindex: "0", role: "group" });
    box.setAttribute("aria-label", words("evidence_redact_box", this.#boxes.size + 1));
    box.setAttribute("aria-description", words("evidence_redact_keys"));
    box.addEventListener("keydown", (event) => this.#onKey(box, event));
    const remove = button("evidence_redact_remove", () => this.#remove(box));
    remove.textContent = "×";
    remove.className = "box-remove";
    remove.setAttribute("aria-label", words("evidence_redact_remove"));
    box.append(remove);
    this.#layer.append(box);
    this.#place(box, share);
    return box;
  }

  /**
   * @param {HTMLElement} box
   * @param {Share} share
   */
  #place(box, share) {
    this.#boxes.set(box, share);
    box.style.left = `${share.left * 100}%`;
    box.style.top = `${share.top * 100}%`;
    box.style.width = `${share.width * 100}%`;
    box.style.height = `${share.height * 100}%`;
    this.#saveButton.disabled = false;
  }

  /** @param {HTMLElement} box */
  #remove(box) {
    this.#boxes.delete(box);
    box.remove();
    this.#saveButton.disabled = this.#boxes.size === 0;
  }

  /**
   * @param {HTMLElement} box
   * @param {KeyboardEvent} event
   */
  #onKey(box, event) {
    const share = this.#boxes.get(box);
    if (!share || event.target !== box) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#remove(box);
      this.#tools.querySelector("button")?.focus();
      return;
    }
    const to = moved(share, event.key, event.shiftKey);
    if (!to) return;
    event.preventDefault();
    this.#place(box, to);
  }

  /** @param {PointerEvent} start */
  #draw(start) {
    if (start.button !== 0 || start.target !== this.#layer) return;
    start.preventDefault();
    const { left, top, width, height } = this.#layer.getBoundingClientRect();
    /** @param {PointerEvent} event */
    const at = (event) => ({
      x: Math.min(1, Math.max(0, (event.clientX - left) / width)),
      y: Math.min(1, Math.max(0, (event.clientY - top) / height)),
    });
    const from = at(start);
    const box = this.#add({ left: from.x, top: from.y, width: 0, height: 0 });
    this.#layer.setPointerCapture(start.pointerId);
    /** @param {PointerEvent} event */
    const drag = (event) => {
      const to = at(event);
      this.#place(box, {
        left: Math.min(from.x, to.x),
        top: Math.min(from.y, to.y),
        width: Math.abs(to.x - from.x),
        height: Math.abs(to.y - from.y),
      });
    };
    const end = () => {
      this.#layer.removeEventListener("pointermove", drag);
      const share = this.#boxes.get(box);
      const isClick = share && (share.width * width < MIN_PX || share.height * height < MIN_PX);
      if (isClick) this.#remove(box);
    };
    this.#layer.addEventListener("pointermove", drag);
    this.#layer.addEventListener("lostpointercapture", end, { once: true });
  }
}

/**
 * @param {string} key
 * @param {() => void} act
 */
function button(key, act) {
  const made = make("button", { type: "button", class: "quiet-button" }, words(key));
  made.addEventListener("click", act);
  return made;
}
