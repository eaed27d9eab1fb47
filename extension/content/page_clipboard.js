/**
 * Pictures that a page reads from the clipboard without a paste. They come as the other program
 * copied them, with all that they say, so they are looked at before the page has them.
 *
 * Source: Clipboard API and events (W3C), `Clipboard.read` and `ClipboardItem.getType`.
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  const {
    apply,
    ask,
    bare,
    decisionOn,
    getterOf,
    hookMethod,
    install,
    isUnchanged,
    readAll,
    review,
    tell,
    whenSettled,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  const NativeBlob = Blob;
  const NativeDOMException = DOMException;
  const NativeFile = File;
  const NativePromise = Promise;
  const { startsWith } = String.prototype;
  const { get: mapGet, set: mapSet } = WeakMap.prototype;
  /** Only in a secure context. @type {any} */
  const { ClipboardItem: NativeItem } = /** @type {any} */ (globalThis);
  const getType = NativeItem?.prototype.getType;
  const typesOf = getterOf(NativeItem?.prototype ?? bare(), "types");
  const PICTURES = ["image/", "video/", "web image/", "web video/"];

  /** The pictures of an item that was read, each by its type; null for one that could not be. */
  /** @type {WeakMap<object, any>} */
  const pictures = new WeakMap();
  let count = 0;

  /** @param {string} type @returns {boolean} */
  function isPicture(type) {
    for (let index = 0; index < PICTURES.length; index += 1) {
      if (apply(startsWith, type, [PICTURES[index]])) return true;
    }
    return false;
  }

  /**
   * @param {any[]} items
   * @param {(files: any[]) => void} done told of all pictures in them, those that can be read
   */
  function takePictures(items, done) {
    /** @type {any[]} */
    const places = [];
    for (let at = 0; at < items.length; at += 1) {
      const types = ask(typesOf, items[at]) ?? [];
      const known = bare();
      apply(mapSet, pictures, [items[at], known]);
      for (let index = 0; index < types.length; index += 1) {
        if (!isPicture(types[index])) continue;
        known[types[index]] = null;
        places[places.length] = [items[at], types[index]];
      }
    }
    readAll(places, readPicture, done);
  }

  /**
   * @param {[any, string]} place an item and a type
   * @param {(file: any) => void} give
   * @param {() => void} skip
   */
  function readPicture(place, give, skip) {
    const item = place[0];
    const type = place[1];
    const take = (/** @type {any} */ blob) => {
      // A name of its own: a decision is found again by it.
      count += 1;
      const file = new NativeFile([blob], `image-${count}`, { type });
      apply(mapGet, pictures, [item])[type] = file;
      give(file);
    };
    whenSettled(apply(getType, item, [type]), take, skip);
  }

  const refused = () => new NativeDOMException("Read permission denied.", "NotAllowedError");

  /** @type {Trap} */
  function onRead(native, self, given) {
    tell("opens");
    const read = apply(native, self, given);
    return new NativePromise((resolve, reject) => {
      const look = (/** @type {any} */ items) =>
        takePictures(items, (files) => {
          const done = (/** @type {boolean} */ isShared) =>
            isShared ? resolve(items) : reject(refused());
          if (files.length === 0) done(true);
          else review(files, done);
        });
      whenSettled(read, look, reject);
    });
  }

  /** @type {Trap} */
  function onGetType(native, self, given) {
    const known = apply(mapGet, pictures, [self]);
    if (known === undefined || given.length === 0) return apply(native, self, given);
    const type = `${given[0]}`;
    given[0] = type;
    const file = known[type];
    if (file === undefined || (file !== null && isUnchanged(file))) {
      return apply(native, self, given);
    }
    return new NativePromise((resolve, reject) => {
      const decided = file === null ? null : decisionOn(file);
      if (decided) resolve(new NativeBlob([decided], { type }));
      else reject(refused());
    });
  }

  install((/** @type {any} */ realm) => {
    hookMethod(realm.Clipboard?.prototype, "read", onRead);
    hookMethod(realm.ClipboardItem?.prototype, "getType", onGetType);
  });
})();
//# sourceURL=native
