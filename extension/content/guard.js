/* global sharewiseCardPresses, sharewiseDrops, sharewiseHolding, sharewiseInputs, sharewiseParts,
   sharewisePost, sharewiseTopCard */

/**
 * Listens for files before the page can: on the window, in the capture phase, from the start.
 *
 * At page load this only adds listeners; everything else is made when one of them is called. `input`
 * is composed and comes first, so it is stopped here; `change` is not, so it is waited for at the
 * input and at the root of its tree.
 */
(() => {
  /** What may be meant for a card, while one is open. */
  const PRESSES = [
    "auxclick",
    "click",
    "contextmenu",
    "dblclick",
    "keydown",
    "keypress",
    "keyup",
    "mousedown",
    "mouseup",
    "pointerdown",
    "pointerup",
  ];

  /**
   * @param {Event} event for the card, or a click: on an input, or during the look, before any card
   */
  function onPress(event) {
    // Without the other parts there is no card.
    if (sharewiseParts().areHere()) sharewiseCardPresses().intercept(event);
    const isEnter = event instanceof KeyboardEvent && event.key === "Enter";
    if (event.type !== "click" && !isEnter) return;
    const inputs = sharewiseInputs();
    const [target] = event.composedPath();
    inputs.onPress(target);
    if (!event.isTrusted || isEnter) return;
    if (inputs.isFileInput(target)) sharewiseParts().wake();
    if (!inputs.hasHeld() || !sharewiseHolding().isLooking()) return;
    if (!inputs.isElement(target) || !("click" in target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sharewiseHolding().after(() => HTMLElement.prototype.click.call(target));
  }

  /** @param {Event} event */
  const onInput = (event) => sharewiseInputs().onInput(event);
  /** @param {Event} event */
  const onChange = (event) => sharewiseInputs().onChange(event);
  /** @param {Event} event */
  const onSubmit = (event) => sharewiseInputs().onSubmit(event);
  /** @param {DragEvent} event */
  const onDragEnter = (event) => sharewiseDrops().onDragEnter(event);
  /** @param {DragEvent} event */
  const onDrop = (event) => sharewiseDrops().onDrop(event);
  /** @param {ClipboardEvent} event */
  const onPaste = (event) => sharewiseDrops().onPaste(event);

  /**
   * Adding a listener again changes nothing; after `document.open` it is needed. By index: a browser
   * would have to make its iterators first, in each frame.
   */
  function listen() {
    for (let index = 0; index < PRESSES.length; index += 1) {
      window.addEventListener(/** @type {string} */ (PRESSES[index]), onPress, true);
    }
    window.addEventListener("input", onInput, true);
    window.addEventListener("change", onChange, true);
    window.addEventListener("submit", onSubmit, true);
    window.addEventListener("dragenter", onDragEnter, true);
    window.addEventListener("drop", onDrop, true);
    window.addEventListener("paste", onPaste, true);
    sharewisePost.listen();
  }

  /** Files that the page's realm has come by, and that nobody has decided about. */
  function onReview() {
    const { files, words: id } = sharewisePost.received();
    void sharewiseHolding()
      .decide(files)
      .then((decision) => {
        /** @type {Map<File, File>} */
        const became = new Map();
        decision?.files.forEach((file, index) => {
          const original = files[decision.from[index] ?? -1];
          if (original !== undefined) became.set(original, file);
        });
        if (decision !== null) sharewiseHolding().settleEntries(files, became);
        sharewisePost.send("reviewed", { id, isShared: decision !== null });
        sharewiseHolding().settle();
      });
  }

  /** @param {chrome.runtime.Port} port of the background, for a card of another frame */
  async function serveCard(port) {
    if (await sharewiseParts().come()) sharewiseTopCard().serve(port);
    else port.disconnect();
  }

  sharewisePost.on("listens", (node) => sharewiseInputs().onListens(node));
  sharewisePost.on("reads", (node) => sharewiseInputs().onReads(node));
  sharewisePost.on("assigned", (node) => sharewiseInputs().onAssigned(node));
  sharewisePost.on("gathers", (node) => sharewiseInputs().onGathers(node));
  sharewisePost.on("requests", () => sharewiseInputs().listenBelow(document));
  sharewisePost.on("submits", (node, event) => sharewiseInputs().onSubmits(node, event));
  sharewisePost.on("blocked", (_, event) => {
    if (!sharewiseHolding().onBlocked()) event.preventDefault();
  });
  sharewisePost.on("opens", () => sharewiseParts().wake());
  sharewisePost.on("review", onReview);

  listen();
  new MutationObserver(listen).observe(document, { childList: true });
  if (globalThis.top === globalThis.self) {
    chrome.runtime.onConnect.addListener((port) => {
      if (port.name === "card") void serveCard(port);
    });
  }
})();
