/* global sharewiseCard, sharewiseDrops, sharewiseHolding, sharewiseInputs, sharewisePost, sharewiseReview */

/**
 * Listens for files before the page can: on the window, in the capture phase, from the start.
 *
 * At page load this only adds listeners. `input` is composed and comes first, so it is stopped
 * here; `change` is not, so it is waited for at the input and at the root of its tree.
 */
(() => {
  /**
   * @param {Event} event for the card, or a click: on an input, or during the look, before any card
   */
  function onClick(event) {
    sharewiseCard.intercept(event);
    if (!event.isTrusted || event.type !== "click") return;
    const [target] = event.composedPath();
    if (sharewiseInputs.isFileInput(target)) sharewiseReview.wake();
    if (!sharewiseInputs.hasHeld() || !sharewiseHolding.isLooking()) return;
    if (!sharewiseInputs.isElement(target) || !("click" in target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sharewiseHolding.after(() => /** @type {HTMLElement} */ (target).click());
  }

  /** @type {ReadonlyArray<[string, (event: any) => void]>} */
  const listeners = [
    ["input", sharewiseInputs.onInput],
    ["change", sharewiseInputs.onChange],
    ["submit", sharewiseInputs.onSubmit],
    ["dragenter", sharewiseDrops.onDragEnter],
    ["drop", sharewiseDrops.onDrop],
    ["paste", sharewiseDrops.onPaste],
  ];

  /** Adding a listener again changes nothing; after `document.open` it is needed. */
  function listen() {
    for (const type of sharewiseCard.EVENTS) window.addEventListener(type, onClick, true);
    for (const [type, listener] of listeners) window.addEventListener(type, listener, true);
    sharewisePost.listen();
  }

  sharewisePost.on("opens", () => sharewiseReview.wake());
  sharewisePost.on("review", () => {
    const { files, words: id } = sharewisePost.received();
    void sharewiseHolding.decide(files).then((decision) => {
      /** @type {Map<File, File>} */
      const became = new Map();
      decision?.files.forEach((file, index) => {
        const original = files[decision.from[index] ?? -1];
        if (original !== undefined) became.set(original, file);
      });
      if (decision !== null) sharewiseHolding.settleEntries(files, became);
      sharewisePost.send("reviewed", { id, isShared: decision !== null });
    });
  });

  listen();
  new MutationObserver(listen).observe(document, { childList: true });
})();
