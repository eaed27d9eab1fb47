/* exported sharewisePost */

/**
 * The line to the page's own realm: one element that is never attached, so that no page can hear or
 * speak there. What is sent arrives before `send` returns.
 */
const sharewisePost = (() => {
  /** The element that both worlds share; of HTML in any kind of document. */
  const post = /** @type {HTMLInputElement} */ (
    document.createElementNS("http://www.w3.org/1999/xhtml", "input")
  );
  // Until files are sent: one that can hold them costs more, and most frames never need it.
  post.type = "hidden";
  let isJoined = false;

  /**
   * A list of files as an input has it.
   *
   * @param {readonly File[]} files
   * @returns {FileList}
   */
  function listOf(files) {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    return transfer.files;
  }

  /** Let the element hold files. */
  function makeRoom() {
    if (post.type === "file") return;
    post.type = "file";
    post.multiple = true;
  }

  /**
   * @param {string} type
   * @param {unknown} words what goes along, as JSON
   * @param {{files?: readonly File[], node?: EventTarget | null}} [more]
   * @returns {boolean} false if the page's realm said no
   */
  function send(type, words, { files = [], node = null } = {}) {
    makeRoom();
    post.files = listOf(files);
    post.alt = JSON.stringify(words);
    const event = new MouseEvent(type, { relatedTarget: node, cancelable: true });
    const isFine = post.dispatchEvent(event);
    post.value = "";
    post.alt = "";
    return isFine;
  }

  /**
   * Show the page's realm a DataTransfer of the browser, while it is alive.
   *
   * @param {DataTransfer} dataTransfer
   */
  function lend(dataTransfer) {
    post.dispatchEvent(new DragEvent("keep", { dataTransfer }));
  }

  /**
   * @param {string} type
   * @param {(node: EventTarget | null, event: MouseEvent) => void} listener
   */
  function on(type, listener) {
    post.addEventListener(type, (event) => {
      if (event instanceof MouseEvent) listener(event.relatedTarget, event);
    });
  }

  /** @returns {{files: File[], words: string}} what the page's realm put into the element */
  function received() {
    const found = { files: [...(post.files ?? [])], words: post.alt };
    post.value = "";
    post.alt = "";
    return found;
  }

  /**
   * In Firefox the isolated worlds of two frames see nothing of each other's but the documents, so
   * the node is asked for by an event. Its type is the extension's address, which is made for each
   * installation: a page does not know it, so none can listen to that event or send it.
   */
  const ASKING = "wrappedJSObject" in window ? chrome.runtime.getURL("") : null;

  /** @param {Event} event from a frame of this origin: a node of its own, to be told ours at */
  function onAsked(event) {
    // Made in another window, so it is no MouseEvent of this one.
    const asker = /** @type {MouseEvent} */ (event).relatedTarget;
    asker?.dispatchEvent(new MouseEvent("kin", { relatedTarget: kin() }));
  }

  /**
   * @param {Window & {sharewiseKin?: Element}} other a window of this origin; of another it throws
   * @returns {Element | undefined} its node, if our script is there
   */
  function kinOf(other) {
    if (ASKING === null) return other.sharewiseKin;
    /** @type {Element | undefined} */
    let found;
    const asker = document.createElement("div");
    asker.addEventListener("kin", (event) => {
      found = /** @type {Element} */ (/** @type {MouseEvent} */ (event).relatedTarget);
    });
    other.document.dispatchEvent(new MouseEvent(ASKING, { relatedTarget: asker }));
    return found;
  }

  /**
   * A node that frames of one origin share, so that their hooks look native to each other.
   *
   * @returns {Element}
   */
  function kin() {
    const own = /** @type {{sharewiseKin?: Element | undefined}} */ (window);
    if (own.sharewiseKin !== undefined) return own.sharewiseKin;
    try {
      const other = window.parent === window ? window.opener : window.parent;
      if (other) own.sharewiseKin = kinOf(other);
    } catch {
      // Of another origin.
    }
    own.sharewiseKin ??= document.createElementNS("http://www.w3.org/1999/xhtml", "div");
    return own.sharewiseKin;
  }

  /** Called at the start, and again when the page has wiped all listeners of its document. */
  function listen() {
    if (ASKING !== null) document.addEventListener(ASKING, onAsked, true);
  }

  /** Show the element to the page's realm, before there is any script of the page to see it. */
  function offer() {
    const root = document.documentElement;
    if (root === null) return;
    document.removeEventListener("load", offer);
    root.append(post);
    document.dispatchEvent(new Event("load"));
    post.remove();
    if (!isJoined) document.addEventListener("load", offer);
  }

  on("joined", () => {
    isJoined = true;
    post.dispatchEvent(new MouseEvent("kin", { relatedTarget: kin() }));
  });
  listen();
  // Whichever world comes second finds the other one; both come before the page. A plain `load` at
  // the document does not pass the window, where the page may have listened before.
  offer();

  return Object.freeze({ isJoined: () => isJoined, lend, listOf, listen, on, received, send });
})();
