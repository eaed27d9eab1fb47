/* global sharewiseHolding, sharewiseOnce, sharewiseParts, sharewisePost */
/* exported sharewiseInputs */

/**
 * File inputs, wherever they are: what a person picked is taken out before the page sees it, and
 * put in again once it is decided, with the events that the page waits for.
 *
 * Nodes may be of any realm that the page reaches, so they are told by what they are, not by class.
 */
const sharewiseInputs = sharewiseOnce(() => {
  const FIREFOX_ROOT = "openOrClosedShadowRoot";
  const { apply } = Reflect;
  const { addEventListener } = EventTarget.prototype;
  const { getRootNode } = Node.prototype;
  const nodeTypeOf = getterOf(Node.prototype, "nodeType");
  const localNameOf = getterOf(Element.prototype, "localName");
  const elementsOf = getterOf(HTMLFormElement.prototype, "elements");
  /** What the page was last given for an input: what it goes on to see while more is held. */
  /** @type {WeakMap<HTMLInputElement, readonly File[]>} */
  const handedOver = new WeakMap();
  /** Inputs whose files are held. @type {Set<HTMLInputElement>} */
  const held = new Set();
  /** Inputs whose own `change` is still to come and must not arrive. @type {Set<HTMLInputElement>} */
  const muted = new Set();
  /** Nodes that have listeners of ours. @type {WeakSet<Node>} */
  const armed = new WeakSet();

  /**
   * Not asked of the node itself: in Chromium a form shows its fields by their names before anything
   * of its own, to this world, too.
   *
   * @param {object} prototype
   * @param {string} name
   * @returns {(node: EventTarget) => any}
   */
  function getterOf(prototype, name) {
    const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get;
    return (node) => getter && apply(getter, node, []);
  }

  /**
   * @param {Node} root
   * @returns {Iterable<Element>} all elements in it, without those of shadow trees
   */
  function elementsIn(root) {
    switch (nodeTypeOf(root)) {
      case Node.ELEMENT_NODE:
        return apply(Element.prototype.querySelectorAll, root, ["*"]);
      case Node.DOCUMENT_NODE:
        return apply(Document.prototype.querySelectorAll, root, ["*"]);
      case Node.DOCUMENT_FRAGMENT_NODE:
        return apply(DocumentFragment.prototype.querySelectorAll, root, ["*"]);
      default:
        return [];
    }
  }

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

  /** @param {Node} node @returns {Node} */
  function rootOf(node) {
    return apply(getRootNode, node, []);
  }

  /**
   * @param {EventTarget | null | undefined} target
   * @returns {target is Node}
   */
  function isNode(target) {
    return target !== null && target !== undefined && "nodeType" in target;
  }

  /**
   * @param {EventTarget | null | undefined} target
   * @returns {target is Element}
   */
  function isElement(target) {
    return isNode(target) && nodeTypeOf(target) === Node.ELEMENT_NODE;
  }

  /**
   * @param {EventTarget | null | undefined} target
   * @returns {target is HTMLInputElement}
   */
  function isFileInput(target) {
    return (
      isElement(target) &&
      localNameOf(target) === "input" &&
      /** @type {HTMLInputElement} */ (target).type === "file"
    );
  }

  /**
   * Every file input in a tree and in the shadow trees of it.
   *
   * @param {Node} root
   * @returns {HTMLInputElement[]}
   */
  function fileInputsIn(root) {
    /** @type {HTMLInputElement[]} */
    const found = isFileInput(root) ? [root] : [];
    /** @type {Node[]} */
    const roots = [root];
    for (let tree = roots.pop(); tree !== undefined; tree = roots.pop()) {
      const own = isElement(tree) ? shadowRootOf(tree) : null;
      if (own !== null) roots.push(own);
      for (const element of elementsIn(tree)) {
        if (isFileInput(element)) found.push(element);
        const inner = shadowRootOf(element);
        if (inner !== null) roots.push(inner);
      }
    }
    return found;
  }

  /**
   * Put files into an input without an event.
   *
   * @param {HTMLInputElement} input
   * @param {readonly File[]} files
   */
  function fill(input, files) {
    input.files = sharewisePost.listOf(files);
  }

  /**
   * Files as the page is to see them; cleaned ones keep their place in a picked folder.
   *
   * @param {HTMLInputElement} input
   * @param {readonly File[]} files
   * @param {readonly string[]} paths where each was in its folder, "" if it is in none
   */
  function fillWithPaths(input, files, paths) {
    const { files: named, names } = sharewiseHolding().inPlace(files, paths);
    fill(input, named);
    if (names.some((name) => name !== null)) {
      sharewisePost.send("paths", names, { files: [...(input.files ?? [])] });
    }
  }

  /**
   * @param {EventTarget} target
   * @param {"input" | "change" | "cancel"} type
   */
  function fire(target, type) {
    target.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
  }

  /**
   * Put in what was decided, and tell the page.
   *
   * @param {HTMLInputElement} input
   * @param {readonly File[]} originals as they were picked
   * @param {Decision} decision
   */
  function handOver(input, originals, decision) {
    if (decision === null) {
      // As if the person had closed the file picker: the old files stay.
      fire(input, "cancel");
      return;
    }
    const { files, from } = decision;
    const isSame =
      files.length === originals.length && files.every((file, at) => file === originals[at]);
    if (isSame) fill(input, files);
    else {
      const paths = from.map((at) => originals[at]?.webkitRelativePath ?? "");
      fillWithPaths(input, files, paths);
    }
    accept(input);
    fire(input, "input");
    fire(input, "change");
  }

  /**
   * Take the files out of an input, decide, and put in what the person wants to share.
   *
   * @param {HTMLInputElement} input whose files the person picked just now
   */
  function hold(input) {
    const files = [...(input.files ?? [])];
    if (files.length === 0) return;
    fill(input, handedOver.get(input) ?? []);
    muted.add(input);
    // The browser sends `input` and `change` in one task.
    setTimeout(() => muted.delete(input), 0);
    held.add(input);
    void sharewiseHolding()
      .decide(files)
      .then((decision) => {
        held.delete(input);
        handOver(input, files, decision);
        sharewiseHolding().settle();
      });
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
    if (!isElement(target) || event instanceof InputEvent) return [];
    const root = shadowRootOf(target);
    return root === null ? [] : fileInputsIn(root).filter(isNew);
  }

  /** @param {HTMLInputElement} input @returns {boolean} whether it has files that were not let through */
  function isNew(input) {
    const now = input.files;
    if (now === null || now.length === 0) return false;
    const known = handedOver.get(input);
    if (known === undefined || known.length !== now.length) return true;
    return known.some((file, index) => file !== now[index]);
  }

  /** @param {HTMLInputElement} input whose files the page may have */
  function accept(input) {
    // A copy: a browser may go on to use the same list for the next files.
    if (input.files !== null) handedOver.set(input, [...input.files]);
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
      if (!muted.has(input) && isNew(input)) hold(input);
      if (muted.has(input)) {
        event.stopImmediatePropagation();
        return;
      }
    }
  }

  /** @param {Node} node */
  function listenAt(node) {
    apply(addEventListener, node, ["input", onInput, true]);
    apply(addEventListener, node, ["change", onChange, true]);
  }

  /**
   * Listen at an input and at the root of its tree; more than once does no harm.
   *
   * @param {HTMLInputElement} input
   */
  function arm(input) {
    for (const node of [input, rootOf(input)]) {
      if (armed.has(node) || node === document) continue;
      armed.add(node);
      listenAt(node);
      // A form in a shadow tree: its `submit` does not leave it.
      apply(addEventListener, node, ["submit", onSubmit, true]);
    }
  }

  /** @param {EventTarget | null} node that the page is about to listen to */
  function onListens(node) {
    if (isFileInput(node)) {
      arm(node);
      // The page reacts to a click, so a picker is likely to follow.
      if (navigator.userActivation.isActive) sharewiseParts().wake();
    } else if (isElement(node) && localNameOf(node) === "input") {
      // Not yet of type file, but the page listens already: be there first.
      listenAt(node);
    } else if (isNode(node)) {
      const root = rootOf(node);
      listenAt(root);
      for (const input of fileInputsIn(root)) arm(input);
    }
  }

  /** @param {EventTarget | null} node an input with files that the page wants to read */
  function onReads(node) {
    if (!isFileInput(node) || !isNew(node)) return;
    arm(node);
    hold(node);
  }

  /**
   * Hold what a form would take along unseen.
   *
   * @param {HTMLFormElement} form
   * @returns {boolean} whether files of it are held
   */
  function holdIn(form) {
    const inputs = [.../** @type {HTMLFormControlsCollection} */ (elementsOf(form))].filter(
      isFileInput,
    );
    for (const input of inputs) if (!held.has(input) && isNew(input)) hold(input);
    return inputs.some((input) => held.has(input));
  }

  /** @param {EventTarget | null | undefined} target @returns {target is HTMLFormElement} */
  function isForm(target) {
    return isElement(target) && localNameOf(target) === "form";
  }

  /** @param {Event} event */
  function onSubmit(event) {
    const [form] = event.composedPath();
    if (!isForm(form) || !holdIn(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event instanceof SubmitEvent ? event.submitter : null;
    sharewiseHolding().after(() => HTMLFormElement.prototype.requestSubmit.call(form, submitter));
  }

  /**
   * Listen in the shadow trees, whose `submit` does not leave them: an input that nobody listens to
   * may have come there with its files.
   *
   * @param {EventTarget | null | undefined} top a host, or a document with many
   */
  function listenBelow(top) {
    if (!isNode(top)) return;
    const first = isElement(top) ? shadowRootOf(top) : top;
    /** @type {Node[]} */
    const roots = first === null ? [] : [first];
    for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
      apply(addEventListener, root, ["submit", onSubmit, true]);
      for (const element of elementsIn(root)) {
        const inner = shadowRootOf(element);
        if (inner !== null) roots.push(inner);
      }
    }
  }

  /**
   * An input may be opened here and taken out of the page before the person has picked, and a form
   * may be sent from here.
   *
   * @param {EventTarget | null | undefined} target of a click, or of Enter
   */
  function onPress(target) {
    if (!isElement(target)) return;
    if (isFileInput(target)) arm(target);
    const root = rootOf(target);
    if (nodeTypeOf(root) === Node.DOCUMENT_FRAGMENT_NODE) {
      apply(addEventListener, root, ["submit", onSubmit, true]);
    }
    const own = shadowRootOf(target);
    if (own === null) return;
    listenBelow(target);
    for (const input of fileInputsIn(own)) arm(input);
  }

  /** @param {EventTarget | null} node an input that the page has put files into */
  function onAssigned(node) {
    if (isFileInput(node) && !held.has(node)) accept(node);
  }

  /** @param {EventTarget | null} node a form whose fields the page reads */
  function onGathers(node) {
    if (isForm(node)) holdIn(node);
  }

  /**
   * @param {EventTarget | null} node a form that the page submits by itself
   * @param {Event} event of the page's realm, which waits for what becomes of it
   */
  function onSubmits(node, event) {
    if (!isForm(node) || !holdIn(node)) return;
    event.preventDefault();
    sharewiseHolding().after(() => HTMLFormElement.prototype.submit.call(node));
  }

  return Object.freeze({
    accept,
    fill,
    fillWithPaths,
    fire,
    hasHeld: () => held.size > 0,
    isElement,
    isFileInput,
    listenBelow,
    onAssigned,
    onChange,
    onGathers,
    onInput,
    onListens,
    onPress,
    onReads,
    onSubmit,
    onSubmits,
    shadowRootOf,
  });
});
