/**
 * What only the page's own realm can do for the guard; it decides nothing and knows no secret.
 *
 * 1. The isolated world does not see inputs that were never attached: tell it of each node before
 *    the page uses it to open a file picker or listens to it.
 * 2. Firefox lets a page read only a DataTransfer of its own realm: make one of given files.
 * 3. `document.open` takes every listener away: tell the isolated world to listen again.
 *
 * The two worlds share one element that is never attached, so no page can hear or speak there.
 * Everything used later is kept at the start, before the page can replace it.
 */
(() => {
  const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;

  /**
   * @param {object} prototype
   * @param {string} name
   * @returns {(self: unknown) => unknown} throws if `self` is not of that kind: a brand check
   */
  function getterOf(prototype, name) {
    const getter = getOwnPropertyDescriptor(prototype, name)?.get;
    if (getter === undefined) return () => undefined;
    return (self) => apply(getter, self, []);
  }

  const NativeDataTransfer = DataTransfer;
  const NativeDragEvent = DragEvent;
  const NativeMouseEvent = MouseEvent;
  const parseJson = JSON.parse;
  const { addEventListener, dispatchEvent, removeEventListener } = EventTarget.prototype;
  const { add: addItem } = DataTransferItemList.prototype;
  const { setData } = DataTransfer.prototype;
  const { item: fileAt } = FileList.prototype;
  const { stopImmediatePropagation } = Event.prototype;
  const filesOf = getterOf(HTMLInputElement.prototype, "files");
  const inputTypeOf = getterOf(HTMLInputElement.prototype, "type");
  const altOf = getterOf(HTMLInputElement.prototype, "alt");
  const isConnectedOf = getterOf(Node.prototype, "isConnected");
  const itemsOf = getterOf(DataTransfer.prototype, "items");
  const countOf = getterOf(FileList.prototype, "length");
  const relatedOf = getterOf(MouseEvent.prototype, "relatedTarget");

  /** The element that both worlds share. @type {EventTarget | null} */
  let post = null;

  /**
   * @param {string} type
   * @param {object} [fields]
   */
  function tell(type, fields) {
    if (post !== null) apply(dispatchEvent, post, [new NativeMouseEvent(type, fields)]);
  }

  /**
   * @param {(self: unknown) => unknown} getter
   * @param {unknown} self
   * @returns {unknown} undefined if `self` is not of the getter's kind
   */
  function ask(getter, self) {
    try {
      return getter(self);
    } catch {
      return undefined;
    }
  }

  /**
   * @param {"opens" | "listens"} what the page does with the node
   * @param {unknown} node what may be about to open a picker, also from another realm
   */
  function tellOfNode(what, node) {
    if (ask(inputTypeOf, node) !== undefined || ask(isConnectedOf, node) === false) {
      // No prototype: a page could put further fields on Object.prototype.
      tell(what, { __proto__: null, relatedTarget: node });
    }
  }

  /** @param {unknown} node */
  function opens(node) {
    tellOfNode("opens", node);
  }

  /**
   * Have `before` called ahead of a method; to the page the method looks and works as it did.
   *
   * @param {object} prototype
   * @param {string} name
   * @param {((self: unknown, given: unknown[]) => void) | null} before
   * @param {(() => void) | null} [after]
   */
  function hook(prototype, name, before, after = null) {
    const descriptor = getOwnPropertyDescriptor(prototype, name);
    if (descriptor === undefined || typeof descriptor.value !== "function") return;
    descriptor.value = new Proxy(descriptor.value, {
      // @ts-expect-error a handler without prototype: a page could add traps to Object.prototype
      __proto__: null,
      /**
       * @param {Function} native
       * @param {unknown} self
       * @param {unknown[]} given
       */
      apply(native, self, given) {
        before?.(self, given);
        const result = apply(native, self, given);
        after?.();
        return result;
      },
    });
    defineProperty(prototype, name, descriptor);
  }

  /** Make a DataTransfer of the files and words in the shared element, and hand it back. */
  function makeTransfer() {
    const transfer = new NativeDataTransfer();
    const files = filesOf(post);
    const count = Number(countOf(files));
    for (let index = 0; index < count; index += 1) {
      apply(addItem, itemsOf(transfer), [apply(fileAt, files, [index])]);
    }
    const words = parseJson(String(altOf(post)));
    for (let index = 0; index < words.length; index += 2) {
      apply(setData, transfer, [words[index], words[index + 1]]);
    }
    const made = new NativeDragEvent("transfer-made", {
      // @ts-expect-error no prototype, as above
      __proto__: null,
      dataTransfer: transfer,
    });
    if (post !== null) apply(dispatchEvent, post, [made]);
  }

  /** @param {Event} event from the isolated world, with the element to share */
  function join(event) {
    apply(stopImmediatePropagation, event, []);
    apply(removeEventListener, globalThis, ["sharewise-join", join, true]);
    post = /** @type {EventTarget} */ (relatedOf(event));
    apply(addEventListener, post, ["transfer", makeTransfer]);
    tell("joined");
  }

  hook(HTMLElement.prototype, "click", opens);
  hook(HTMLInputElement.prototype, "showPicker", opens);
  hook(EventTarget.prototype, "dispatchEvent", opens);
  hook(EventTarget.prototype, "addEventListener", (self, given) => {
    const type = given[0];
    if ((type === "input" || type === "change") && ask(inputTypeOf, self) !== undefined) {
      tellOfNode("listens", self);
    }
  });
  for (const name of ["open", "write", "writeln"]) {
    hook(Document.prototype, name, null, () => tell("opened"));
  }

  // Whichever world comes second finds the other one; both come before the page.
  apply(addEventListener, globalThis, ["sharewise-join", join, true]);
  apply(dispatchEvent, globalThis, [new NativeMouseEvent("sharewise-ready")]);
})();
// Stacks of errors show the name below instead of an address that says who we are.
//# sourceURL=native
