/**
 * The last line: a File that the person has not let through is neither read nor sent, however the
 * page came by it. It rewrites nothing: what would take such a file along fails as it would if the
 * file could not be read or the network were gone.
 *
 * A file is known by its name, size and date, and so are the parts that are cut from it. Until
 * something is withheld every hook passes straight on.
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  /** @typedef {import("./page_realm.d.ts").Realm} Realm */
  const {
    apply,
    ask,
    bare,
    common,
    getterOf,
    heard,
    hookAccessor,
    hookClass,
    hookMethod,
    hookMethods,
    install,
    keyOf,
    listen,
    nativeOf,
    offer,
    tell,
    withoutUs,
  } = /** @type {any} */ (globalThis).sharewiseRealm;
  const NativeDOMException = DOMException;
  const NativePromise = Promise;
  const NativeProxy = Proxy;
  const NativeTypeError = TypeError;
  const reject = Promise.reject;
  const { isArray } = Array;
  const { getOwnPropertyNames, getPrototypeOf } = Object;
  const { get } = Reflect;
  const { add, has } = WeakSet.prototype;
  const { forEach: eachOfForm } = FormData.prototype;
  const { forEach: eachOfMap } = Map.prototype;
  const { forEach: eachOfSet } = Set.prototype;
  const { item: fileAt } = FileList.prototype;
  const sizeOf = getterOf(Blob.prototype, "size");
  const countOf = getterOf(FileList.prototype, "length");
  const mapSizeOf = getterOf(Map.prototype, "size");
  const setSizeOf = getterOf(Set.prototype, "size");

  /** Bounds of the search through what a page posts; no real message comes near. */
  const MAX_DEPTH = 8;
  const MAX_NODES = 5000;

  // In common: a page may send with the calls of one frame what was held back in another.
  {
    const held = bare();
    /** Keys of the files that are not let through. @type {Record<string, boolean>} */
    held.keys = bare();
    held.isQuiet = true;
    held.isTold = false;
    /** Parts of such files. @type {WeakSet<object>} */
    held.parts = new WeakSet();
    /** Handles of files and folders that were not shared as they are. @type {WeakSet<object>} */
    held.handles = new WeakSet();
    common().held = held;
  }
  const isQuiet = () => common().held.isQuiet;

  /** @param {boolean} isOn @returns {() => void} */
  function mark(isOn) {
    return () => {
      const keys = heard();
      const { held } = common();
      for (let index = 0; index < keys.length; index += 1) {
        if (isOn) held.keys[keys[index]] = true;
        else delete held.keys[keys[index]];
      }
      if (isOn) {
        held.isQuiet = false;
        held.isTold = false;
      }
    };
  }
  listen("withhold", mark(true));
  listen("release", mark(false));

  /** @param {any} handle that must not get to where nothing is hooked, as into a worker */
  function withholdHandle(handle) {
    const { held } = common();
    apply(add, held.handles, [handle]);
    held.isQuiet = false;
  }

  /**
   * @param {unknown} value
   * @returns {boolean} whether it is a file that the person has not let through, a part of one, or
   *   a handle of one: a worker, where nothing is hooked, would get the file as it is
   */
  function isHeld(value) {
    if (isQuiet()) return false;
    const { handles, keys, parts } = common().held;
    if (apply(has, handles, [value])) return true;
    if (ask(sizeOf, value) === undefined) return false;
    if (apply(has, parts, [value])) return true;
    const key = keyOf(value);
    return key !== undefined && keys[key] === true;
  }

  /**
   * @param {any} value what a page sends, posts or makes something of
   * @param {number} [depth]
   * @param {{count: number}} [seen]
   * @returns {boolean} whether a held file is in it
   */
  function holds(value, depth = 0, seen = { count: 0 }) {
    if (isQuiet() || value === null || typeof value !== "object") return false;
    if (isHeld(value)) return true;
    if (depth === MAX_DEPTH || (seen.count += 1) > MAX_NODES) return false;
    let found = false;
    /** @param {any} inner */
    const look = (inner) => {
      found ||= holds(inner, depth + 1, seen);
    };
    try {
      apply(eachOfForm, value, [look]);
      return found;
    } catch {
      // No form.
    }
    const files = ask(countOf, value);
    if (files !== undefined) {
      for (let index = 0; index < files; index += 1) look(apply(fileAt, value, [index]));
    } else if (ask(mapSizeOf, value) !== undefined) {
      apply(eachOfMap, value, [
        (/** @type {any} */ inner, /** @type {any} */ key) => look(inner) ?? look(key),
      ]);
    } else if (ask(setSizeOf, value) !== undefined) {
      apply(eachOfSet, value, [look]);
    } else if (isArray(value) || isPlain(value)) {
      const names = getOwnPropertyNames(value);
      for (let index = 0; index < names.length && !found; index += 1) {
        look(value[names[index] ?? ""]);
      }
    }
    return found;
  }

  /** @param {object} value */
  function isPlain(value) {
    const prototype = getPrototypeOf(value);
    return prototype === null || getPrototypeOf(prototype) === null;
  }

  /** Have the person told, once for all frames that can reach each other. */
  function tellPerson() {
    const { held } = common();
    if (!held.isTold) held.isTold = tell("blocked");
  }

  /** @param {() => unknown} error @returns {() => unknown} the error, once the person is told */
  const told = (error) => () => {
    tellPerson();
    return error();
  };
  const unreadable = told(
    () => new NativeDOMException("The requested file could not be read.", "NotReadableError"),
  );
  const uncloneable = told(
    () => new NativeDOMException("A file could not be cloned.", "DataCloneError"),
  );
  const offline = told(() => new NativeDOMException("A network error occurred.", "NetworkError"));
  const failed = told(() => new NativeTypeError("Failed to fetch"));

  /**
   * @param {() => unknown} error
   * @param {(value: any) => boolean} [check]
   * @returns {Trap} throws if the first of what is given holds a file back
   */
  const throwing =
    (error, check = holds) =>
    (native, self, given) => {
      if (!isQuiet() && check(given[0])) throw error();
      return apply(native, self, given);
    };

  /** @param {() => unknown} error @returns {Trap} the same for all of what is given */
  const throwingAtAny = (error) => (native, self, given) => {
    if (holds(given)) throw error();
    return apply(native, self, given);
  };

  /** @param {() => unknown} error @param {(self: any, given: any[]) => boolean} check @returns {Trap} */
  const rejecting = (error, check) => (native, self, given) =>
    !isQuiet() && check(self, given)
      ? apply(reject, NativePromise, [withoutUs(error())])
      : apply(native, self, given);

  /** @type {Trap} */
  function onSlice(native, self, given) {
    const part = apply(native, self, given);
    if (isHeld(self)) apply(add, common().held.parts, [part]);
    return part;
  }

  /** @type {Trap} */
  function onAssign(native, self, given) {
    if (holds(given[0])) throw unreadable();
    const result = apply(native, self, given);
    // What a page puts in, it had before.
    if (ask(countOf, given[0])) tell("assigned", self);
    return result;
  }

  /**
   * @param {any[]} given
   * @returns {boolean} whether the second, by which a request is described, holds a file back
   */
  function sendsHeld(given) {
    const init = given[1];
    if (isQuiet() || !init || (typeof init !== "object" && typeof init !== "function")) {
      return false;
    }
    const { body } = init;
    // The browser would ask again, and might be told something else. All but the body is asked of
    // what the page gave, which may be a Request, or have fields that only it can read.
    const fixed = bare();
    fixed.get = (/** @type {any} */ target, /** @type {string} */ name) =>
      name === "body" ? body : get(target, name, target);
    given[1] = new NativeProxy(init, fixed);
    return holds(body);
  }

  /** @type {Trap} */
  function onBeacon(native, self, given) {
    if (isQuiet() || !holds(given[1])) return apply(native, self, given);
    tellPerson();
    return false;
  }

  /** @type {Trap} */
  function onStream(native, self, given) {
    if (isHeld(self)) throw unreadable();
    return apply(native, self, given);
  }

  /** @param {any[]} given @param {object} made of it */
  function onMade(given, made) {
    if (!isQuiet() && holds(given[0])) apply(add, common().held.parts, [made]);
  }

  const nothing = () => undefined;

  /** @param {Realm} realm */
  function hookReads(realm) {
    const blob = realm.Blob.prototype;
    const reading = rejecting(unreadable, (self) => isHeld(self));
    hookMethods(blob, ["arrayBuffer", "bytes", "text"], reading);
    hookMethod(blob, "stream", onStream);
    hookMethod(blob, "slice", onSlice);
    const kinds = ["readAsArrayBuffer", "readAsBinaryString", "readAsDataURL", "readAsText"];
    hookMethods(realm.FileReader.prototype, kinds, throwing(unreadable, isHeld));
    hookMethod(realm.URL, "createObjectURL", throwing(unreadable, isHeld));
    hookMethod(
      realm,
      "createImageBitmap",
      rejecting(unreadable, (_, given) => isHeld(given[0])),
    );
    hookClass(realm, "Blob", nothing, onMade);
    hookClass(realm, "File", nothing, onMade);
  }

  /** @param {Realm} realm */
  function hookSends(realm) {
    hookMethod(
      realm,
      "fetch",
      rejecting(failed, (_, given) => sendsHeld(given)),
    );
    hookClass(realm, "Request", (/** @type {any[]} */ given) => {
      if (sendsHeld(given)) throw failed();
    });
    hookClass(realm, "Response", (/** @type {any[]} */ given) => {
      if (!isQuiet() && holds(given[0])) throw failed();
    });
    const sends = throwing(offline);
    hookMethod(realm.XMLHttpRequest.prototype, "send", sends);
    hookMethod(realm.Navigator.prototype, "sendBeacon", onBeacon);
    hookMethod(realm.WebSocket.prototype, "send", sends);
    hookMethod(realm.RTCDataChannel?.prototype, "send", sends);
  }

  /** What a form takes along, and what is written where it can be read again. @param {any} realm */
  function hookStores(realm) {
    const puts = throwing(unreadable);
    hookAccessor(realm.HTMLInputElement.prototype, "files", "set", onAssign);
    hookMethods(realm.FormData.prototype, ["append", "set"], throwingAtAny(unreadable));
    hookMethod(realm.ElementInternals?.prototype, "setFormValue", puts);
    hookMethod(realm.ReadableStreamDefaultController?.prototype, "enqueue", puts);
    const writing = rejecting(unreadable, (_, given) => holds(given[0]));
    hookMethod(realm.FileSystemWritableFileStream?.prototype, "write", writing);
    hookMethod(realm.WritableStreamDefaultWriter?.prototype, "write", writing);
    hookMethod(realm.Navigator.prototype, "share", writing);
  }

  /** @type {Trap} */
  function onClone(native, self, given) {
    if (!isQuiet() && holds(given[0])) throw uncloneable();
    // Firefox says whether it was a function or a proxy that cannot be cloned.
    const shown = nativeOf(given[0]);
    if (shown !== undefined) given[0] = shown;
    return apply(native, self, given);
  }

  /** @param {any} realm */
  function hookPosts(realm) {
    const posts = throwing(uncloneable);
    const posting = ["BroadcastChannel", "Client", "MessagePort", "ServiceWorker", "Worker"];
    for (let index = 0; index < posting.length; index += 1) {
      hookMethod(realm[posting[index] ?? ""]?.prototype, "postMessage", posts);
    }
    hookMethods(realm, ["postMessage", "structuredClone"], onClone);
    hookMethods(realm.IDBObjectStore.prototype, ["add", "put"], posts);
    hookMethod(realm.IDBCursor.prototype, "update", posts);
    hookMethods(realm.History.prototype, ["pushState", "replaceState"], posts);
    const moving = ["navigate", "reload", "updateCurrentEntry"];
    hookMethods(realm.Navigation?.prototype, moving, throwingAtAny(uncloneable));
  }

  install(hookReads);
  install(hookSends);
  install(hookPosts);
  install(hookStores);

  offer({ withholdHandle });
})();
//# sourceURL=native
