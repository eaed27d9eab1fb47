/* global sharewiseCard, sharewiseReview */

/**
 * Holds files before the page sees them, and hands them over once it is decided.
 *
 * At page load this only adds listeners. They are on the window, in the capture phase, before the
 * page can add any: `input` is composed and comes first, so it is stopped here; `change` is not,
 * so it is waited for at the input and at the root of its tree.
 */
(() => {
  const FIREFOX_ROOT = "openOrClosedShadowRoot";
  /** What the page was last given for an input: what it goes on to see while more is held. */
  /** @type {WeakMap<HTMLInputElement, FileList>} */
  const handedOver = new WeakMap();
  /** Inputs whose files are held, and their decisions. @type {Map<HTMLInputElement, Promise<void>>} */
  const held = new Map();
  /** Inputs whose own `change` is still to come and must not arrive. @type {Set<HTMLInputElement>} */
  const muted = new Set();
  /** Files that are looked at without a card: a click now would come too early. */
  let lookingCount = 0;
  /** Nodes that have listeners of ours. @type {WeakSet<Node>} */
  const armed = new WeakSet();

  /** The element that the page's realm shares with us. */
  const post = document.createElement("input");
  post.type = "file";
  post.multiple = true;

  /**
   * @param {Element} element
   * @returns {ShadowRoot | null} also a closed one
   */
  function shadowRootOf(element) {
    // `chrome.dom` is Chromium's; Firefox has it on the element.
    const byElement = /** @type {{openOrClosedShadowRoot?: ShadowRoot | null}} */ (element);
    if (FIREFOX_ROOT in element) return byElement.openOrClosedShadowRoot ?? null;
    return element instanceof HTMLElement ? chrome.dom.openOrClosedShadowRoot(element) : null;
  }

  /**
   * @param {unknown} node
   * @returns {node is HTMLInputElement}
   */
  function isFileInput(node) {
    return (
      node instanceof Element &&
      node.localName === "input" &&
      /** @type {HTMLInputElement} */ (node).type === "file"
    );
  }

  /**
   * Every file input in a tree and in the shadow trees of it.
   *
   * @param {ParentNode & Node} root
   * @returns {HTMLInputElement[]}
   */
  function fileInputsIn(root) {
    /** @type {HTMLInputElement[]} */
    const found = isFileInput(root) ? [root] : [];
    /** @type {Array<ParentNode & Node>} */
    const roots = [root];
    for (let tree = roots.pop(); tree !== undefined; tree = roots.pop()) {
      const own = tree instanceof Element ? shadowRootOf(tree) : null;
      if (own !== null) roots.push(own);
      for (const element of tree.querySelectorAll("*")) {
        if (isFileInput(element)) found.push(element);
        const inner = shadowRootOf(element);
        if (inner !== null) roots.push(inner);
      }
    }
    return found;
  }

  /**
   * Put files into an input without an event; the list itself where it is unchanged, so that paths
   * of a picked folder stay.
   *
   * @param {HTMLInputElement} input
   * @param {FileList | readonly File[]} files
   */
  function fill(input, files) {
    if (files instanceof FileList) {
      input.files = files;
      return;
    }
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
  }

  /**
   * @param {EventTarget} target
   * @param {"input" | "change" | "cancel"} type
   */
  function fire(target, type) {
    target.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
  }

  /**
   * Review files, with clicks held back as long as there is no card that would stop them.
   *
   * @param {readonly File[]} files
   * @param {ReadonlySet<File>} [folders]
   * @returns {Promise<Decision>}
   */
  async function decide(files, folders) {
    lookingCount += 1;
    try {
      return await sharewiseReview.review(files, folders);
    } catch {
      // Not even a card could be shown: ask in the plainest way there is. False where it may not.
      return confirm(chrome.i18n.getMessage("card_plain")) ? { files: [...files] } : null;
    } finally {
      lookingCount -= 1;
    }
  }

  /**
   * Take the files out of an input, decide, and put in what the person wants to share.
   *
   * @param {HTMLInputElement} input whose files the person picked just now
   */
  function hold(input) {
    const list = input.files;
    if (list === null || list.length === 0) return;
    const files = [...list];
    const before = handedOver.get(input) ?? [];
    fill(input, before);
    muted.add(input);
    // The browser sends `input` and `change` in one task.
    setTimeout(() => muted.delete(input), 0);
    const settled = decide(files).then((decision) => {
      held.delete(input);
      if (decision === null) {
        // As if the person had closed the file picker: the old files stay.
        fire(input, "cancel");
      } else {
        const isSame = decision.files.every((file, index) => file === files[index]);
        fill(input, isSame ? list : decision.files);
        if (input.files !== null) handedOver.set(input, input.files);
        fire(input, "input");
        fire(input, "change");
      }
      releaseClicks();
    });
    held.set(input, settled);
  }

  /**
   * The file inputs that this event may be about; a closed shadow tree shows only its host.
   *
   * @param {Event} event
   * @returns {HTMLInputElement[]}
   */
  function pickedInputs(event) {
    const [target] = event.composedPath();
    if (isFileInput(target)) return [target];
    // Typing sends InputEvents: only what a picker could have sent is worth a search.
    if (!(target instanceof Element) || event instanceof InputEvent) return [];
    const root = shadowRootOf(target);
    if (root === null) return [];
    return fileInputsIn(root).filter(
      (input) => input.files !== null && input.files.length > 0 && !isHandedOver(input),
    );
  }

  /** @param {HTMLInputElement} input */
  function isHandedOver(input) {
    const known = handedOver.get(input);
    const now = input.files;
    if (known === undefined || now === null || known.length !== now.length) return false;
    return [...known].every((file, index) => file === now[index]);
  }

  /** @param {Event} event */
  function onInput(event) {
    if (!event.isTrusted) return;
    for (const input of pickedInputs(event)) {
      event.stopImmediatePropagation();
      arm(input);
      hold(input);
    }
  }

  /** @param {Event} event */
  function onChange(event) {
    if (!event.isTrusted) return;
    for (const input of [event.composedPath()[0], event.currentTarget]) {
      if (!isFileInput(input)) continue;
      if (!muted.has(input) && !isHandedOver(input)) hold(input);
      if (muted.has(input)) {
        event.stopImmediatePropagation();
        return;
      }
    }
  }

  /**
   * Listen at an input and at the root of its tree; more than once does no harm.
   *
   * @param {HTMLInputElement} input
   */
  function arm(input) {
    for (const node of [input, input.getRootNode()]) {
      if (armed.has(node) || node === document) continue;
      armed.add(node);
      node.addEventListener("input", onInput, true);
      node.addEventListener("change", onChange, true);
    }
  }

  /** @param {MouseEvent} event from the page's realm: a node that may open a picker */
  function onNode(event) {
    const node = event.relatedTarget;
    if (isFileInput(node)) {
      arm(node);
      if (event.type === "opens") sharewiseReview.wake();
    } else if (node instanceof HTMLInputElement) {
      // Not yet of type file, but the page listens already: be there first.
      node.addEventListener("input", onInput, true);
      node.addEventListener("change", onChange, true);
    } else if (node instanceof Node && !node.isConnected) {
      const root = /** @type {ParentNode & Node} */ (node.getRootNode());
      if ("querySelectorAll" in root) for (const input of fileInputsIn(root)) arm(input);
    }
  }

  /** Clicks and forms that wait until the held files are there. @type {Array<() => void>} */
  const waitingClicks = [];

  function releaseClicks() {
    if (held.size > 0 || lookingCount > 0) return;
    for (const again of waitingClicks.splice(0)) again();
  }

  /**
   * @param {Event} event for the card, or a click: on an input, or during the look, before any card
   */
  function onClick(event) {
    sharewiseCard.intercept(event);
    if (event.type === "click" && isFileInput(event.composedPath()[0])) sharewiseReview.wake();
    if (!event.isTrusted || event.type !== "click" || held.size === 0) return;
    if (lookingCount === 0 || sharewiseCard.isOpen()) return;
    const [target] = event.composedPath();
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waitingClicks.push(() => target.click());
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    const [form] = event.composedPath();
    if (!(form instanceof HTMLFormElement)) return;
    if (![...held.keys()].some((input) => input.form === form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    waitingClicks.push(() => form.requestSubmit(submitter));
  }

  /**
   * A DataTransfer that the page can read, with these files and words.
   *
   * @param {readonly File[]} files
   * @param {readonly string[]} words type and text in turn
   * @returns {DataTransfer}
   */
  function transferOf(files, words) {
    /** @type {DataTransfer | null} */
    let made = null;
    /** @param {DragEvent} event */
    const take = (event) => {
      made = event.dataTransfer;
    };
    fill(post, files);
    post.alt = JSON.stringify(words);
    post.addEventListener("transfer-made", /** @type {EventListener} */ (take), { once: true });
    post.dispatchEvent(new Event("transfer"));
    post.value = "";
    post.alt = "";
    if (made !== null) return made;
    // Without the other world (a page that no script may enter): good enough in Chromium.
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    return transfer;
  }

  /**
   * @param {DragEvent} event
   * @param {"drop" | "dragleave"} type
   * @param {DataTransfer} dataTransfer
   */
  function dragEvent(event, type, dataTransfer) {
    const { altKey, button, buttons, clientX, clientY, ctrlKey, detail, metaKey } = event;
    const { screenX, screenY, shiftKey, view } = event;
    return new DragEvent(type, {
      ...{ altKey, button, buttons, clientX, clientY, ctrlKey, detail, metaKey, screenX, screenY },
      ...{ shiftKey, view, dataTransfer },
      ...{ bubbles: true, cancelable: type === "drop", composed: true },
    });
  }

  /**
   * @param {DataTransfer} given
   * @returns {Set<File>} what stands in `files` for a folder
   */
  function foldersAmong(given) {
    const folders = new Set();
    let at = 0;
    for (const item of given.items) {
      if (item.kind !== "file") continue;
      if (item.webkitGetAsEntry()?.isDirectory) folders.add(given.files[at]);
      at += 1;
    }
    return folders;
  }

  /** @param {DragEvent} event */
  function onDrop(event) {
    const given = event.dataTransfer;
    const [target] = event.composedPath();
    if (!event.isTrusted || given === null || given.files.length === 0) return;
    if (target === undefined) return;
    const files = [...given.files];
    const folders = foldersAmong(given);
    const words = [...given.types]
      .filter((type) => type !== "Files")
      .flatMap((type) => [type, given.getData(type)]);
    const { dropEffect, effectAllowed } = given;
    event.preventDefault();
    event.stopImmediatePropagation();
    void decide(files, folders).then((decision) => {
      const transfer = transferOf(decision?.files ?? [], words);
      transfer.effectAllowed = effectAllowed;
      transfer.dropEffect = dropEffect;
      const replay = dragEvent(event, decision === null ? "dragleave" : "drop", transfer);
      const isLeftToBrowser = target.dispatchEvent(replay);
      if (decision !== null && isLeftToBrowser) dropInto(target, decision.files);
      releaseClicks();
    });
  }

  /**
   * What the browser does when files fall on a file input and the page leaves it to that.
   *
   * @param {EventTarget} target
   * @param {readonly File[]} files
   */
  function dropInto(target, files) {
    if (!isFileInput(target) || target.disabled) return;
    fill(target, target.multiple ? files : files.slice(0, 1));
    if (target.files !== null) handedOver.set(target, target.files);
    fire(target, "input");
    fire(target, "change");
  }

  /** @param {DragEvent} event */
  function onDragEnter(event) {
    if (event.isTrusted && event.dataTransfer?.types.includes("Files")) sharewiseReview.wake();
  }

  /** Adding a listener again changes nothing; after `document.open` it is needed. */
  function listen() {
    for (const type of sharewiseCard.EVENTS) window.addEventListener(type, onClick, true);
    window.addEventListener("input", onInput, true);
    window.addEventListener("change", onChange, true);
    window.addEventListener("submit", onSubmit, true);
    window.addEventListener("dragenter", onDragEnter, true);
    window.addEventListener("drop", onDrop, true);
  }

  function offer() {
    window.dispatchEvent(new MouseEvent("sharewise-join", { relatedTarget: post }));
  }

  listen();
  new MutationObserver(listen).observe(document, { childList: true });
  for (const what of ["opens", "listens"]) {
    post.addEventListener(what, /** @type {EventListener} */ (onNode));
  }
  post.addEventListener("opened", listen);
  post.addEventListener("joined", () => {
    window.removeEventListener("sharewise-ready", offer, true);
  });
  // Whichever world comes second finds the other one; both come before the page.
  window.addEventListener("sharewise-ready", offer, true);
  offer();
})();
