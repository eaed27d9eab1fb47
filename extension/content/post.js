/* exported sharewisePost */

/**
 * The line to the page's own realm: a node that is never attached, so that no page can hear or speak
 * there. What is sent arrives before `send` returns.
 *
 * It is a comment, and an input is only made for files: a browser sets up a world's classes when the
 * first node of them is met there, and those of elements are many.
 */
const sharewisePost = (() => {
  const { getRootNode } = Node.prototype;
  /** The node that both worlds share; words are its data. */
  const post = document.createComment("");
  /** Files go in an input, of HTML in any kind of document. @type {HTMLInputElement | null} */
  let carrier = null;
  let isJoined = false;

  /** @returns {HTMLInputElement} which the page's realm knows, too */
  function fileCarrier() {
    if (carrier !== null) return carrier;
    carrier = /** @type {HTMLInputElement} */ (
      document.createElementNS("http://www.w3.org/1999/xhtml", "input")
    );
    carrier.type = "file";
    carrier.multiple = true;
    show(carrier);
    return carrier;
  }

  /** @param {HTMLInputElement} input to the page's realm */
  function show(input) {
    post.dispatchEvent(new FocusEvent("carry", { relatedTarget: input }));
  }

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

  /**
   * A browser shows the host in the place of what is in a shadow tree, but not of a submitter.
   *
   * @param {EventTarget | null} node
   * @param {string} type
   * @returns {Event} that tells of the node
   */
  function eventAbout(node, type) {
    const isInTree = node instanceof HTMLElement && getRootNode.call(node) instanceof ShadowRoot;
    return isInTree
      ? new SubmitEvent(type, { submitter: node, cancelable: true })
      : new FocusEvent(type, { relatedTarget: node, cancelable: true });
  }

  /**
   * @param {string} type
   * @param {unknown} words what goes along, as JSON
   * @param {{files?: readonly File[], node?: EventTarget | null}} [more]
   * @returns {boolean} false if the page's realm said no
   */
  function send(type, words, { files = [], node = null } = {}) {
    const input = fileCarrier();
    input.files = listOf(files);
    post.data = JSON.stringify(words);
    const event = eventAbout(node, type);
    const isFine = post.dispatchEvent(event);
    input.value = "";
    post.data = "";
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
   * @param {(node: EventTarget | null, event: Event) => void} listener
   */
  function on(type, listener) {
    post.addEventListener(type, (event) => {
      if (event instanceof FocusEvent) listener(event.relatedTarget, event);
      else if (event instanceof SubmitEvent) listener(event.submitter, event);
    });
  }

  /** @returns {{files: File[], words: string}} what the page's realm has sent */
  function received() {
    const input = fileCarrier();
    const found = { files: [...(input.files ?? [])], words: post.data };
    input.value = "";
    post.data = "";
    return found;
  }

  /**
   * In Firefox the isolated worlds of two frames see nothing of each other's but the documents, so
   * the node is asked for by an event. Its type is this script's address, which is made for each
   * installation: a page does not know it, so none can listen to that event or send it. An error
   * tells it for less than `chrome.runtime`, which is set up in a frame when it is first used.
   */
  const ASKING = "wrappedJSObject" in window ? ownAddress() : null;

  /** @returns {string} */
  function ownAddress() {
    const { fileName = "" } = /** @type {{fileName?: string}} */ (new Error());
    return fileName.startsWith("moz-extension://") ? fileName : chrome.runtime.getURL("");
  }

  /** @param {Event} event from a frame of this origin: a node of its own, to be told ours at */
  function onAsked(event) {
    // Made in another window, so it is no FocusEvent of this one.
    const asker = /** @type {FocusEvent} */ (event).relatedTarget;
    asker?.dispatchEvent(new FocusEvent("kin", { relatedTarget: kin() }));
  }

  /**
   * @param {Window & {sharewiseKin?: Node}} other a window of this origin; of another it throws
   * @returns {Node | undefined} its node, if our script is there
   */
  function kinOf(other) {
    if (ASKING === null) return other.sharewiseKin;
    /** @type {Node | undefined} */
    let found;
    const asker = document.createComment("");
    asker.addEventListener("kin", (event) => {
      found = /** @type {Node} */ (/** @type {FocusEvent} */ (event).relatedTarget);
    });
    other.document.dispatchEvent(new FocusEvent(ASKING, { relatedTarget: asker }));
    return found;
  }

  /**
   * A node that frames of one origin share, so that their hooks look native to each other.
   *
   * @returns {Node}
   */
  function kin() {
    const own = /** @type {{sharewiseKin?: Node | undefined}} */ (window);
    if (own.sharewiseKin !== undefined) return own.sharewiseKin;
    try {
      const other = window.parent === window ? window.opener : window.parent;
      if (other) own.sharewiseKin = kinOf(other);
    } catch {
      // Of another origin.
    }
    own.sharewiseKin ??= document.createComment("");
    return own.sharewiseKin;
  }

  /** Called at the start, and again when the page has wiped all listeners of its document. */
  function listen() {
    if (ASKING !== null) document.addEventListener(ASKING, onAsked, true);
  }

  /** Show the node to the page's realm, before there is any script of the page to see it. */
  function offer() {
    document.removeEventListener("load", offer);
    document.append(post);
    document.dispatchEvent(new Event("load"));
    post.remove();
    if (!isJoined) document.addEventListener("load", offer);
  }

  on("joined", () => {
    isJoined = true;
    post.dispatchEvent(new FocusEvent("kin", { relatedTarget: kin() }));
  });
  on("lacks", () => show(fileCarrier()));
  listen();
  // Whichever world comes second finds the other one; both come before the page. A plain `load` at
  // the document does not pass the window, where the page may have listened before.
  offer();

  return Object.freeze({ isJoined: () => isJoined, lend, listOf, listen, on, received, send });
})();
