/**
 * The line to the isolated world, and from frame to frame: what is told, who is told, and what is
 * heard. `post.js` is its other end.
 */
(() => {
  const {
    apply,
    ask,
    bare,
    common,
    descriptorOf,
    getterOf,
    isOrphan,
    joinCommon,
    offer,
    setterOf,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  /** The `nodeType` of a comment. */
  const COMMENT = 8;
  /** That of the root of a shadow tree. */
  const FRAGMENT = 11;
  const { defineProperty } = Reflect;
  const NativeEvent = Event;
  const NativeFocusEvent = FocusEvent;
  const NativeSubmitEvent = SubmitEvent;
  const NativeWeakRef = WeakRef;
  const { deref } = WeakRef.prototype;
  const { addEventListener, dispatchEvent, removeEventListener } = EventTarget.prototype;
  const ownDocument = document;
  const parseJson = JSON.parse;
  const { get: mapGet, set: mapSet } = WeakMap.prototype;
  const focusedOf = getterOf(FocusEvent.prototype, "relatedTarget");
  const titleOf = getterOf(HTMLElement.prototype, "title");
  const submitterOf = getterOf(SubmitEvent.prototype, "submitter");
  const { getRootNode } = Node.prototype;
  const dataOf = getterOf(CharacterData.prototype, "data");
  const setData = setterOf(CharacterData.prototype, "data");
  const nodeTypeOf = getterOf(Node.prototype, "nodeType");
  const lastOf = getterOf(Node.prototype, "lastChild");
  const ownerOf = getterOf(Node.prototype, "ownerDocument");
  const nameOf = getterOf(File.prototype, "name");
  const sizeOf = getterOf(Blob.prototype, "size");
  const modifiedOf = getterOf(File.prototype, "lastModified");

  // How the guard of each frame is told: by its document, and in a row.
  {
    const shared = common();
    shared.tellers = new WeakMap();
    shared.row = bare();
    shared.count = 0;
  }

  /** The node that both worlds share. @type {EventTarget | null} */
  let post = null;
  /** The input that files go in, once there are any. @type {any} */
  let carrier = null;
  /** What the isolated world may ask for: pairs of a type and its listener. @type {any} */
  const wanted = bare();
  let wantedCount = 0;

  /**
   * Natives of one frame can be called on what is in another: the guard there is told.
   *
   * @param {unknown} node
   * @returns {((type: string, node: unknown) => boolean) | undefined} nothing if it is ours, or if
   *   nobody else guards it: a document without a window has no guard of its own
   */
  function tellerOf(node) {
    const owner = ask(ownerOf, node);
    if (owner === ownDocument || owner === null || owner === undefined) return undefined;
    return isOrphan(owner) ? undefined : apply(mapGet, common().tellers, [owner]);
  }

  /**
   * @param {string} type
   * @param {unknown} [node] what it is about
   * @returns {boolean} false if the isolated world says no
   */
  function tell(type, node = null) {
    const teller = node === null ? undefined : tellerOf(node);
    if (teller !== undefined) return teller(type, node);
    if (post === null) return true;
    // No prototype: a page could put further fields on Object.prototype.
    /** @type {any} */
    const fields = { __proto__: null, cancelable: true };
    // Only an element of HTML can be a submitter; inputs and forms are.
    const root = ask(titleOf, node) === undefined ? null : apply(getRootNode, node, []);
    if (root !== null && nodeTypeOf(root) === FRAGMENT) {
      // In the place of what is in a shadow tree a browser shows its host, but not of a submitter.
      fields.submitter = node;
      return apply(dispatchEvent, post, [new NativeSubmitEvent(type, fields)]);
    }
    fields.relatedTarget = node;
    return apply(dispatchEvent, post, [new NativeFocusEvent(type, fields)]);
  }

  /** @param {Event} event of the isolated world @returns {any} the node that it is about */
  function relatedOf(event) {
    return ask(submitterOf, event) ?? focusedOf(event);
  }

  /** @param {string} type of what the guards of all frames that can reach each other are told */
  function tellAll(type) {
    const shared = common();
    for (let index = 0; index < shared.count; index += 1) {
      apply(deref, shared.row[index], [])?.(type);
    }
  }

  function joinRow() {
    const shared = common();
    apply(mapSet, shared.tellers, [ownDocument, tell]);
    // Weak: nothing is kept of a frame that is gone.
    shared.row[shared.count] = new NativeWeakRef(tell);
    shared.count += 1;
  }

  /**
   * @param {string} type
   * @param {(event: Event) => void} listener
   */
  function listen(type, listener) {
    wanted[wantedCount] = [type, listener];
    wantedCount += 1;
  }

  listen("carry", (event) => {
    carrier = relatedOf(event);
  });

  /** @returns {any} the input that files go in between the worlds; null if there is no other world */
  function fileCarrier() {
    if (carrier === null) tell("lacks");
    return carrier;
  }

  /** @param {Event} event from the isolated world, with a node that frames of one origin share */
  function meetKin(event) {
    const kin = relatedOf(event);
    // An own property: pages of the other frame may have put accessors on the prototypes.
    const known = descriptorOf(kin, "common")?.value;
    if (known === undefined) {
      const descriptor = bare();
      descriptor.value = common();
      defineProperty(kin, "common", descriptor);
      return;
    }
    joinCommon(known);
    joinRow();
  }

  /** The isolated world shows the node to share as the last one of a document that is new. */
  function join() {
    const shown = lastOf(ownDocument);
    if (ask(nodeTypeOf, shown) !== COMMENT) return;
    apply(removeEventListener, ownDocument, ["load", join]);
    post = /** @type {EventTarget} */ (shown);
    apply(addEventListener, post, ["kin", meetKin]);
    for (let index = 0; index < wantedCount; index += 1) {
      apply(addEventListener, post, wanted[index]);
    }
    tell("joined");
  }

  /**
   * Called by the last script. Whichever world comes second finds the other one, at the document:
   * that is new, while the page may have listened at the window before it was filled; and a plain
   * `load` is the one event that does not pass a document's window.
   */
  function start() {
    joinRow();
    apply(addEventListener, ownDocument, ["load", join]);
    apply(dispatchEvent, ownDocument, [new NativeEvent("load")]);
  }

  /**
   * By what a file is known again however the page came by it; the isolated world says the same.
   *
   * @param {unknown} file
   * @returns {string | undefined} undefined if it is no File
   */
  function keyOf(file) {
    const name = ask(nameOf, file);
    return name === undefined ? undefined : `${sizeOf(file)}:${modifiedOf(file)}:${name}`;
  }

  offer({
    fileCarrier,
    heard: () => parseJson(dataOf(post)),
    keyOf,
    listen,
    relatedOf,
    setWords: (/** @type {string} */ words) => setData(post, words),
    start,
    tell,
    tellAll,
  });
})();
//# sourceURL=native
