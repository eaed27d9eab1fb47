/**
 * Inputs, forms and frames, as only the page's own realm sees them; it decides nothing.
 *
 * The isolated world does not see inputs that were never attached. It is told when the page listens
 * to one, and whatever way the page goes, it reads the files at last: then nothing is given that
 * was not let through. Realms that the page reaches before any script of ours get the same hooks.
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  /** @typedef {import("./page_realm.d.ts").Realm} Realm */
  const {
    apply,
    ask,
    common,
    enter,
    getterOf,
    hookAccessor,
    hookClass,
    hookMethod,
    install,
    listen,
    precede,
    tell,
    tellAll,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  const { toLowerCase } = String.prototype;
  const filesOf = getterOf(HTMLInputElement.prototype, "files");
  const inputTypeOf = getterOf(HTMLInputElement.prototype, "type");
  const isConnectedOf = getterOf(Node.prototype, "isConnected");
  const countOf = getterOf(FileList.prototype, "length");
  const lengthOf = getterOf(HTMLFormElement.prototype, "length");
  const viewOf = getterOf(Document.prototype, "defaultView");

  /** @param {unknown} node that the page listens to */
  function listens(node) {
    if (ask(inputTypeOf, node) !== undefined || ask(isConnectedOf, node) === false) {
      tell("listens", node);
    }
  }

  /** @type {Trap} */
  function onAddEventListener(native, self, given) {
    const type = given[0];
    if (type === "input" || type === "change") listens(self);
    return apply(native, self, given);
  }

  /** @type {Trap} */
  function onHandler(native, self, given) {
    listens(self);
    return apply(native, self, given);
  }

  /** @type {Trap} */
  function onFiles(native, self, given) {
    const files = apply(native, self, given);
    if (files === null || countOf(files) === 0) return files;
    tell("reads", self);
    return filesOf(self);
  }

  /** @type {Trap} */
  function onSubmit(native, self, given) {
    if (ask(lengthOf, self) === undefined || tell("submits", self)) {
      return apply(native, self, given);
    }
    return undefined;
  }

  /** @type {Trap} */
  function onWindow(native, self, given) {
    const other = apply(native, self, given);
    enter(other);
    return other;
  }

  /** @type {Trap} */
  function onDocument(native, self, given) {
    const other = apply(native, self, given);
    if (other !== null) enter(ask(viewOf, other));
    return other;
  }

  /** @param {any} kind of element that holds a frame */
  function hookFrames(kind) {
    hookAccessor(kind.prototype, "contentWindow", "get", onWindow);
    hookAccessor(kind.prototype, "contentDocument", "get", onDocument);
  }

  // A search of the page reaches into closed trees: it would tell word by word what the card says.
  // In common: the search of one frame can be called on another.
  listen("shown", () => {
    common().isCardShown = true;
  });
  listen("hidden", () => {
    common().isCardShown = false;
  });

  /** @type {Trap} */
  function onFind(native, self, given) {
    return common().isCardShown ? false : apply(native, self, given);
  }

  /** @type {Trap} */
  function onCommand(native, self, given) {
    if (common().isCardShown) {
      given[0] = `${given[0]}`;
      if (apply(toLowerCase, given[0], []) === "findstring") return false;
    }
    return apply(native, self, given);
  }

  install((/** @type {Realm} */ realm) => {
    hookMethod(realm, "find", onFind);
    hookMethod(realm.Document.prototype, "execCommand", onCommand);
    hookMethod(realm.EventTarget.prototype, "addEventListener", onAddEventListener);
    hookAccessor(realm.HTMLElement.prototype, "onchange", "set", onHandler);
    hookAccessor(realm.HTMLElement.prototype, "oninput", "set", onHandler);
    hookAccessor(realm.HTMLInputElement.prototype, "files", "get", onFiles);
    hookMethod(realm.HTMLFormElement.prototype, "submit", onSubmit);
    precede(realm.HTMLFormElement.prototype, "requestSubmit", () => tellAll("requests"));
    hookClass(realm, "FormData", (/** @type {any[]} */ given) => {
      if (ask(lengthOf, given[0]) !== undefined) tell("gathers", given[0]);
    });
    hookFrames(realm.HTMLIFrameElement);
    hookFrames(realm.HTMLFrameElement);
    hookFrames(realm.HTMLObjectElement);
    hookMethod(realm, "open", onWindow);
  });
})();
//# sourceURL=native
