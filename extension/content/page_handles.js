/**
 * Handles of files and folders, which a page gets by a picker or a drop: they stay real, but hand out
 * what was let through, and one that was not shared as it is gets to no place where nothing is hooked.
 *
 * Source: File System (WHATWG), File System Access (WICG).
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  const {
    aborted,
    apply,
    ask,
    bare,
    common,
    getterOf,
    hookMethod,
    hookMethods,
    install,
    isUnchanged,
    nativeOf,
    readAll,
    review,
    settle,
    tell,
    whenSettled,
    withholdHandle,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Reflect;
  const { asyncIterator } = Symbol;
  const { isArray } = Array;
  const NativePromise = Promise;
  const { add: addToSet, delete: removeFromSet, has: isInSet } = WeakSet.prototype;
  /** Not in every browser, and not on every page. @type {any} */
  const { FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemHandle, StorageManager } =
    /** @type {any} */ (globalThis);
  const getFile = FileSystemFileHandle?.prototype.getFile;
  const handleKindOf = getterOf(FileSystemHandle?.prototype ?? bare(), "kind");
  const valuesOf = FileSystemDirectoryHandle?.prototype.values;
  const placeOf = FileSystemDirectoryHandle?.prototype.resolve;
  const storage = globalThis.navigator.storage;
  const ownRoot = StorageManager?.prototype.getDirectory;
  /** Files of a folder that are looked at before the page gets it; the rest when they are read. */
  const MAX_WALKED = 1000;

  /**
   * What comes of a folder that is withheld is withheld, too.
   *
   * @type {Trap}
   */
  function onGetHandle(native, self, given) {
    const found = apply(native, self, given);
    if (apply(isInSet, common().held.handles, [self])) {
      whenSettled(found, withholdHandle, () => undefined);
    }
    return found;
  }

  /** How the next of a list is got; unknown until there is one. @type {any} */
  let nextOf;

  /**
   * The class of the lists of a folder has no name: it is met here, before the page has one.
   *
   * @param {any} list
   */
  function meetList(list) {
    /** @type {any} */
    const prototype = getPrototypeOf(list);
    hookMethod(prototype, "next", onNext);
    nextOf ??= nativeOf(getOwnPropertyDescriptor(prototype, "next")?.value);
  }

  /** Lists of such folders. @type {WeakSet<object>} */
  const lists = new WeakSet();

  /** @type {Trap} */
  function onList(native, self, given) {
    const list = apply(native, self, given);
    meetList(list);
    if (apply(isInSet, common().held.handles, [self])) apply(addToSet, lists, [list]);
    return list;
  }

  /** @type {Trap} */
  function onListOfNames(native, self, given) {
    const list = apply(native, self, given);
    meetList(list);
    return list;
  }

  /** @type {Trap} */
  function onNext(native, self, given) {
    const next = apply(native, self, given);
    if (apply(isInSet, lists, [self])) {
      const note = (/** @type {any} */ { done, value }) => {
        if (!done) withholdHandle(isArray(value) ? value[1] : value);
      };
      whenSettled(next, note, () => undefined);
    }
    return next;
  }

  /** @param {unknown} handle @param {(isOwn: boolean) => void} done told whether the page made it */
  function whenPlaced(handle, done) {
    const no = () => done(false);
    try {
      const tellPlace = (/** @type {any} */ place) => done(place !== null);
      const inRoot = (/** @type {any} */ root) =>
        whenSettled(apply(placeOf, root, [handle]), tellPlace, no);
      whenSettled(apply(ownRoot, storage, []), inRoot, no);
    } catch {
      no();
    }
  }

  /** @type {Trap} */
  function onGetFile(native, self, given) {
    const file = apply(native, self, given);
    // What is no file fails as soon as it would without us.
    if (ask(handleKindOf, self) !== "file") return file;
    return new NativePromise((resolve, reject) => {
      const look = (/** @type {any} */ found) => {
        const give = (/** @type {any} */ known) => {
          if (isUnchanged(found)) apply(removeFromSet, common().held.handles, [self]);
          resolve(known);
        };
        whenPlaced(self, (isOwn) => (isOwn ? resolve(found) : settle(found, give, reject)));
      };
      whenSettled(file, look, reject);
    });
  }

  /**
   * @param {any} folder
   * @param {(handles: any[]) => void} done with the files in it, at any depth, up to a bound
   */
  function walk(folder, done) {
    /** @type {any[]} */
    const found = [];
    const waiting = [folder];
    let waitingCount = 1;
    const open = () => {
      if (waitingCount === 0 || found.length >= MAX_WALKED) {
        done(found);
        return;
      }
      waitingCount -= 1;
      const list = apply(valuesOf, waiting[waitingCount], []);
      meetList(list);
      const step = () => whenSettled(apply(nextOf, list, []), take, open);
      const take = (/** @type {any} */ { done: isOver, value }) => {
        if (isOver || found.length >= MAX_WALKED) {
          open();
          return;
        }
        if (handleKindOf(value) === "file") found[found.length] = value;
        else waiting[waitingCount++] = value;
        step();
      };
      step();
    };
    open();
  }

  /**
   * @param {any} handle
   * @param {(file: any) => void} give
   * @param {() => void} skip
   */
  function read(handle, give, skip) {
    whenSettled(apply(getFile, handle, []), give, skip);
  }

  /** @param {any} handles a list of those that were picked, or one folder */
  function withholdAll(handles) {
    if (!isArray(handles)) {
      withholdHandle(handles);
      return;
    }
    for (let index = 0; index < handles.length; index += 1) withholdHandle(handles[index]);
  }

  /**
   * @param {(picked: any, done: (handles: any[]) => void) => void} filesOfPick
   * @returns {Trap} gives the page what was picked only after the look at it
   */
  const picking = (filesOfPick) => (native, self, given) => {
    tell("opens");
    const picked = apply(native, self, given);
    return new NativePromise((resolve, reject) => {
      const look = (/** @type {any} */ handles) =>
        filesOfPick(handles, (all) =>
          readAll(all, read, (/** @type {any[]} */ files) => {
            const give = (/** @type {boolean} */ isShared) => {
              if (!isShared) {
                reject(aborted());
                return;
              }
              let isSame = all.length < MAX_WALKED && files.length === all.length;
              for (let index = 0; index < files.length; index += 1) {
                isSame &&= isUnchanged(files[index]);
              }
              if (!isSame) withholdAll(handles);
              resolve(handles);
            };
            if (files.length === 0) give(true);
            else review(files, give);
          }),
        );
      whenSettled(picked, look, reject);
    });
  };

  install((/** @type {any} */ realm) => {
    hookMethod(realm.FileSystemFileHandle?.prototype, "getFile", onGetFile);
    const folder = realm.FileSystemDirectoryHandle?.prototype;
    hookMethods(folder, ["getDirectoryHandle", "getFileHandle"], onGetHandle);
    hookMethods(folder, ["entries", "values"], onList);
    hookMethod(folder, "keys", onListOfNames);
    /** The same function, as it is without us. @type {any} */
    const again = folder && getOwnPropertyDescriptor(folder, asyncIterator);
    if (again) {
      setPrototypeOf(again, null);
      again.value = folder.entries;
      defineProperty(folder, asyncIterator, again);
    }
    hookMethod(
      realm,
      "showOpenFilePicker",
      picking((handles, done) => done(handles)),
    );
    hookMethod(realm, "showDirectoryPicker", picking(walk));
  });
})();
//# sourceURL=native
