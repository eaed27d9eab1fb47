/**
 * Files that come as objects of the page's own realm: drops and pastes that are repeated, entries
 * that stay real but hand out what was let through, and the paths of a picked folder.
 *
 * Entries and handles give a new File at each call, so a decision is found again by name, size and
 * date; a file that nobody has decided about yet is asked about then.
 *
 * Source: File and Directory Entries API (W3C).
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  const {
    apply,
    ask,
    bare,
    fileCarrier,
    getterOf,
    heard,
    hookAccessor,
    hookMethod,
    hookMethods,
    install,
    keyOf,
    listen,
    nativeOf,
    offer,
    relatedOf,
    setterOf,
    setWords,
    tell,
    withholdHandle,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const NativeClipboardEvent = ClipboardEvent;
  const NativeDataTransfer = DataTransfer;
  const NativeDragEvent = DragEvent;
  const NativeDOMException = DOMException;
  const NativePromise = Promise;
  const { then } = Promise.prototype;
  const { dispatchEvent } = EventTarget.prototype;
  const { preventDefault } = Event.prototype;
  const { get: mapGet, set: mapSet } = WeakMap.prototype;
  const { setData } = DataTransfer.prototype;
  const { add: addItem } = DataTransferItemList.prototype;
  const { getAsFile, webkitGetAsEntry } = DataTransferItem.prototype;
  const getAsHandle = /** @type {any} */ (DataTransferItem.prototype).getAsFileSystemHandle;
  const { item: fileAt } = FileList.prototype;
  const filesOf = getterOf(HTMLInputElement.prototype, "files");
  const setFiles = setterOf(HTMLInputElement.prototype, "files");
  const countOf = getterOf(FileList.prototype, "length");
  const itemsOf = getterOf(DataTransfer.prototype, "items");
  const itemCountOf = getterOf(DataTransferItemList.prototype, "length");
  const kindOf = getterOf(DataTransferItem.prototype, "kind");
  const filesIn = getterOf(DataTransfer.prototype, "files");
  const transferOf = getterOf(DragEvent.prototype, "dataTransfer");
  const clipboardOf = getterOf(ClipboardEvent.prototype, "clipboardData");

  /** @param {any} promise @param {(value: any) => void} done @param {(error: unknown) => void} bad */
  function whenSettled(promise, done, bad) {
    // The page may have replaced `then`, and `await` would ask it.
    apply(then, promise, [(/** @type {any} */ value) => void done(value), bad]);
  }

  const aborted = () => new NativeDOMException("The user aborted a request.", "AbortError");

  // ---- Decisions of the isolated world -----------------------------------------------------------

  /** What was let through, by the key of the original; null if it was left out. */
  /** @type {Record<string, File | null>} */
  const decided = bare();
  /** Whether that is the file as it was. @type {Record<string, boolean>} */
  const isAsItWas = bare();
  /** @type {Record<string, (isShared: boolean) => void>} */
  const asked = bare();
  let askedCount = 0;

  /** @returns {any[]} the files that the isolated world has sent */
  function postedFiles() {
    const files = filesOf(fileCarrier());
    const list = [];
    for (let index = 0; index < countOf(files); index += 1) {
      list[index] = apply(fileAt, files, [index]);
    }
    return list;
  }

  /**
   * @param {any[]} files that nobody has decided about
   * @param {(isShared: boolean) => void} done false if the person cancels
   */
  function review(files, done) {
    const carrier = fileCarrier();
    if (carrier === null) {
      done(false);
      return;
    }
    const transfer = new NativeDataTransfer();
    for (let index = 0; index < files.length; index += 1) {
      apply(addItem, itemsOf(transfer), [files[index]]);
    }
    askedCount += 1;
    asked[askedCount] = done;
    setWords(`${askedCount}`);
    setFiles(carrier, filesIn(transfer));
    tell("review");
  }

  listen("reviewed", () => {
    const { id, isShared } = heard();
    const done = asked[id];
    delete asked[id];
    done?.(isShared);
  });

  listen("decided", () => {
    const { given, left, names, same } = heard();
    const files = postedFiles();
    nameFiles(files, names);
    for (let index = 0; index < given.length; index += 1) {
      decided[given[index]] = files[index];
      isAsItWas[given[index]] = same[index];
    }
    for (let index = 0; index < left.length; index += 1) decided[left[index]] = null;
  });

  /** @param {any} file @returns {boolean} whether it was let through as it is */
  function isUnchanged(file) {
    return isAsItWas[keyOf(file)] === true;
  }

  /** @param {any} file @returns {File | null | undefined} what was let through in its place */
  function decisionOn(file) {
    return decided[keyOf(file)];
  }

  /**
   * @param {any} file as the browser gave it
   * @param {(file: any) => void} done
   * @param {(error: unknown) => void} bad
   */
  function settle(file, done, bad) {
    const give = () => {
      const known = decisionOn(file);
      if (known) done(known);
      else bad(aborted());
    };
    if (decisionOn(file) === undefined) review([file], give);
    else give();
  }

  /**
   * Get files one after the other; what cannot be read is left out.
   *
   * @param {any[]} sources
   * @param {(source: any, give: (file: any) => void, skip: () => void) => void} read calls one of both
   * @param {(files: any[]) => void} done
   */
  function readAll(sources, read, done) {
    /** @type {any[]} */
    const files = [];
    let index = -1;
    const next = () => {
      index += 1;
      if (index === sources.length) {
        done(files);
        return;
      }
      const give = (/** @type {any} */ file) => {
        files[files.length] = file;
        next();
      };
      read(sources[index], give, next);
    };
    next();
  }

  // ---- Drops and pastes -------------------------------------------------------------------------

  /** The entry and the handle that the browser gave for a dropped file. @type {WeakMap<object, any>} */
  const origins = new WeakMap();
  /** @type {Record<number, any>} */
  let kept = bare();

  /** @param {Event} event with the DataTransfer of a drop, whose items are dead after this task */
  function keep(event) {
    const items = itemsOf(transferOf(event));
    kept = bare();
    let at = 0;
    for (let index = 0; index < itemCountOf(items); index += 1) {
      const item = items[index];
      if (kindOf(item) !== "file") continue;
      const entry = apply(webkitGetAsEntry, item, []);
      const handle = getAsHandle && apply(getAsHandle, item, []);
      kept[at] = { entry, handle };
      at += 1;
      meet(entry);
    }
  }

  /** @param {Event} event from the isolated world: what to send to which node */
  function replay(event) {
    const { type, words, isFileFirst, fields, places, same } = heard();
    const files = postedFiles();
    const transfer = new NativeDataTransfer();
    fillTransfer(transfer, files, words, isFileFirst);
    for (let index = 0; places !== null && index < files.length; index += 1) {
      const origin = kept[places[index]];
      // Before the page can ask for it: what is done first comes first.
      const handle = same[index] ? null : origin.handle;
      if (handle) whenSettled(handle, withholdHandle, () => undefined);
      apply(mapSet, origins, [files[index], origin]);
    }
    const given = { ...fields, __proto__: null, view: globalThis.window };
    let again;
    if (type === "paste") {
      again = new NativeClipboardEvent(type, { ...given, clipboardData: transfer });
      const own = clipboardOf(again);
      // Firefox makes one of its own.
      if (own !== null && countOf(filesIn(own)) === 0) fillTransfer(own, files, words, isFileFirst);
    } else {
      again = new NativeDragEvent(type, { ...given, dataTransfer: transfer });
    }
    if (!apply(dispatchEvent, relatedOf(event), [again])) apply(preventDefault, event, []);
  }

  /**
   * @param {DataTransfer} transfer
   * @param {any[]} files
   * @param {string[]} words types and texts in turn
   * @param {boolean} isFileFirst
   */
  function fillTransfer(transfer, files, words, isFileFirst) {
    const addFiles = () => {
      for (let index = 0; index < files.length; index += 1) {
        apply(addItem, itemsOf(transfer), [files[index]]);
      }
    };
    if (isFileFirst) addFiles();
    for (let index = 0; index < words.length; index += 2) {
      apply(setData, transfer, [words[index], words[index + 1]]);
    }
    if (!isFileFirst) addFiles();
  }

  listen("keep", keep);
  listen("replay", replay);

  /** @param {any} item @returns {any} what was kept for a dropped file */
  function originOf(item) {
    const file = ask((/** @type {any} */ self) => apply(getAsFile, self, []), item);
    return file ? apply(mapGet, origins, [file]) : undefined;
  }

  /** @type {Trap} */
  function onGetAsEntry(native, self, given) {
    const entry = originOf(self)?.entry ?? apply(native, self, given);
    meet(entry);
    return entry;
  }

  /** @type {Trap} */
  function onGetAsHandle(native, self, given) {
    return originOf(self)?.handle ?? apply(native, self, given);
  }

  // ---- Entries ----------------------------------------------------------------------------------

  /**
   * Chromium has no names for the classes of entries: they are met here first, one by one.
   *
   * @param {any} entry of a file or a folder
   */
  function meet(entry) {
    if (entry === null || entry === undefined) return;
    /** @type {any} */
    const prototype = getPrototypeOf(entry);
    hookMethod(prototype, "file", onEntryFile);
    hookMethod(prototype, "createReader", onCreateReader);
    hookMethod(prototype, "getFile", onGetEntry);
    /** What files and folders have in common. @type {any} */
    const every = getPrototypeOf(prototype);
    urlOf ??= getOwnPropertyDescriptor(every, "toURL")?.value;
    fileOf ??= nativeOf(getOwnPropertyDescriptor(prototype, "file")?.value);
    hookMethods(every, ["copyTo", "moveTo"], onCopy);
  }

  /** Of entries; unknown until one is met. @type {any} */
  let urlOf;
  /** @type {any} */
  let fileOf;

  /**
   * A page with a file system of its own (Chromium) has entries without a drop.
   *
   * @param {(found: any) => any} entryOf what is found
   * @returns {Trap}
   */
  const meeting = (entryOf) => (native, self, given) => {
    for (let index = 0; index < given.length; index += 1) {
      const done = given[index];
      if (typeof done !== "function") continue;
      given[index] = (/** @type {any} */ found) => {
        meet(entryOf(found));
        done(found);
      };
      break;
    }
    return apply(native, self, given);
  };

  /**
   * A copy in a file system of the page's own could be read where nothing is hooked.
   *
   * @type {Trap}
   */
  function onCopy(native, self, given) {
    // Its own entries have addresses; those of a drop have none.
    if (apply(urlOf, self, []) !== "") return apply(native, self, given);
    const refuse = () => {
      tell("blocked");
      const bad = given[3];
      const error = new NativeDOMException("The file could not be read.", "NotReadableError");
      if (typeof bad === "function") bad(error);
    };
    const go = (/** @type {any} */ file) => {
      if (isUnchanged(file)) apply(native, self, given);
      else refuse();
    };
    const look = (/** @type {any} */ done, /** @type {any} */ bad) =>
      apply(fileOf, self, [done, bad]);
    whenSettled(new NativePromise(look), go, refuse);
    return undefined;
  }

  /** @type {Trap} */
  function onCreateReader(native, self, given) {
    const reader = apply(native, self, given);
    hookMethod(getPrototypeOf(reader), "readEntries", onReadEntries);
    return reader;
  }

  /** @type {Trap} */
  function onReadEntries(native, self, given) {
    const done = given[0];
    if (typeof done !== "function") return apply(native, self, []);
    const give = (/** @type {any} */ entries) => {
      for (let index = 0; index < entries.length; index += 1) meet(entries[index]);
      done(entries);
    };
    return apply(native, self, [give, given[1]]);
  }

  /** @type {Trap} */
  function onGetEntry(native, self, given) {
    const done = given[2];
    if (typeof done !== "function") return apply(native, self, [given[0], given[1]]);
    const give = (/** @type {any} */ entry) => {
      meet(entry);
      done(entry);
    };
    return apply(native, self, [given[0], given[1], give, given[3]]);
  }

  /** @type {Trap} */
  function onEntryFile(native, self, given) {
    const done = given[0];
    const bad = given[1];
    if (typeof done !== "function") return apply(native, self, [done]);
    const give = (/** @type {any} */ file) => void done(file);
    const fail = (/** @type {unknown} */ error) => {
      if (typeof bad === "function") bad(error);
    };
    return apply(native, self, [(/** @type {any} */ file) => settle(file, give, fail), bad]);
  }

  // ---- Paths ------------------------------------------------------------------------------------

  /** What a cleaned file of a picked folder shows instead of its own. @type {WeakMap<object, any>} */
  const shown = new WeakMap();
  let isNamed = false;

  /** @param {any[]} files @param {any[]} names what each is to show, null for its own */
  function nameFiles(files, names) {
    for (let index = 0; index < files.length; index += 1) {
      if (names[index] === null) continue;
      apply(mapSet, shown, [files[index], names[index]]);
      isNamed = true;
    }
  }

  listen("paths", () => {
    const names = heard();
    nameFiles(postedFiles(), names);
  });

  /** @param {"name" | "path"} what @returns {Trap} */
  const showing = (what) => (native, self, given) =>
    (isNamed && apply(mapGet, shown, [self])?.[what]) || apply(native, self, given);

  install((/** @type {any} */ realm) => {
    hookMethod(realm.DataTransferItem.prototype, "webkitGetAsEntry", onGetAsEntry);
    hookMethod(realm.DataTransferItem.prototype, "getAsFileSystemHandle", onGetAsHandle);
    hookMethod(
      realm,
      "webkitRequestFileSystem",
      meeting(({ root }) => root),
    );
    hookMethod(
      realm,
      "webkitResolveLocalFileSystemURL",
      meeting((entry) => entry),
    );
    hookMethod(realm.FileSystemFileEntry?.prototype, "file", onEntryFile);
    hookAccessor(realm.File.prototype, "name", "get", showing("name"));
    hookAccessor(realm.File.prototype, "webkitRelativePath", "get", showing("path"));
  });

  offer({ aborted, decisionOn, isUnchanged, readAll, review, settle, whenSettled });
})();
//# sourceURL=native
