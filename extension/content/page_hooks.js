/**
 * In the page's own realm: natives kept before the page can replace them, and hooks that look like
 * the natives they stand for. The scripts after this one take `sharewiseRealm`; the last removes it.
 *
 * Nothing here may use what a page can change later: no iterator, no method of a prototype, no
 * `await` on what a page may not see. Lists are walked by index; at the start, too, where a browser
 * would have to make its iterators first, in each frame.
 */
(() => {
  /** @typedef {import("./page_realm.d.ts").Trap} Trap */
  /** @typedef {import("./page_realm.d.ts").Realm} Realm */
  /** @type {() => any} an object that nothing is inherited by: a page could change what is */
  const bare = () => ({ __proto__: null });
  const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { get, getPrototypeOf, setPrototypeOf } = Reflect;
  const { create, setPrototypeOf: setByObject } = Object;
  const NativeProxy = Proxy;
  const NativeError = Error;
  const NativeTypeError = TypeError;
  /** Not in every browser. @type {any} */
  const { captureStackTrace } = /** @type {any} */ (Error);
  const isStackAsked = getOwnPropertyDescriptor(Error.prototype, "stack")?.get !== undefined;
  const { get: mapGet, set: mapSet } = WeakMap.prototype;
  const { add, has } = WeakSet.prototype;
  const { split, includes } = String.prototype;
  const showSource = Function.prototype.toString;

  /**
   * What frames that can reach each other have in common: `natives`, which the hooks stand for, and
   * what the other scripts put beside it while they start.
   *
   * @type {any}
   */
  let common = bare();
  common.natives = new WeakMap();

  /** @param {unknown} hook @returns {Function | undefined} */
  function nativeOf(hook) {
    if (typeof hook !== "function") return undefined;
    return apply(mapGet, common.natives, [hook]);
  }

  /**
   * @param {object} holder
   * @param {string} name
   * @returns {PropertyDescriptor | undefined} inherits nothing: a page could add halves to it
   */
  function descriptorOf(holder, name) {
    const found = getOwnPropertyDescriptor(holder, name);
    if (found !== undefined) setPrototypeOf(found, null);
    return found;
  }

  /**
   * @param {object} prototype
   * @param {string} name
   * @returns {(self: unknown) => any} throws if `self` is not of that kind: a brand check
   */
  function getterOf(prototype, name) {
    const found = descriptorOf(prototype, name)?.get;
    if (found === undefined) return () => undefined;
    const getter = nativeOf(found) ?? found;
    return (self) => apply(getter, self, []);
  }

  /**
   * @param {object} prototype
   * @param {string} name
   * @returns {(self: unknown, value: unknown) => void}
   */
  function setterOf(prototype, name) {
    const found = descriptorOf(prototype, name)?.set;
    const setter = nativeOf(found) ?? found;
    return (self, value) => setter && apply(setter, self, [value]);
  }

  /**
   * @param {(self: unknown) => any} getter
   * @param {unknown} self
   * @returns {any} undefined if `self` is not of the getter's kind
   */
  function ask(getter, self) {
    try {
      return getter(self);
    } catch {
      return undefined;
    }
  }

  /** @returns {string} what this browser says of an object that would become its own prototype */
  function cycleWords() {
    try {
      const base = bare();
      setByObject(base, create(base));
      return "";
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }

  /** The hooks of this realm, to be made known to the others. @type {Record<number, Function>} */
  const own = bare();
  let ownCount = 0;

  /** @param {any} known what other frames have in common, and this one from now on, too */
  function joinCommon(known) {
    for (let index = 0; index < ownCount; index += 1) {
      apply(mapSet, known.natives, [own[index], nativeOf(own[index])]);
    }
    common = known;
  }

  /** @param {string} text of a stack @returns {string} the same without our own lines */
  function withoutOurLines(text) {
    const lines = apply(split, text, ["\n"]);
    let kept = "";
    let separator = "";
    for (let index = 0; index < lines.length; index += 1) {
      if (apply(includes, lines[index], ["native:"])) continue;
      kept += separator + lines[index];
      separator = "\n";
    }
    return kept;
  }

  /**
   * A browser tells so many lines and no more: those of ours would be missing at the end.
   *
   * @param {string} text of a stack
   * @param {Function} from our function that the page called
   * @returns {string} what stands above our own lines, and then who called us
   */
  function toldAnew(text, from) {
    const lines = apply(split, text, ["\n"]);
    let told = lines[0];
    let count = 1;
    for (; count < lines.length; count += 1) {
      if (apply(includes, lines[count], ["native:"])) break;
      told += `\n${lines[count]}`;
    }
    if (count === lines.length) return text;
    const now = bare();
    apply(captureStackTrace, NativeError, [now, from]);
    const callers = apply(split, now.stack, ["\n"]);
    for (let index = 1; index < callers.length && count < lines.length; index += 1) {
      told += `\n${callers[index]}`;
      count += 1;
    }
    return told;
  }

  /**
   * Take our own lines out of the stack that an error tells the page. Firefox has a getter for it,
   * which is hooked; in Chromium it is a property of the error.
   *
   * @param {any} error
   * @param {Function} [from] our function that the page called
   * @returns {unknown} the same error
   */
  function withoutUs(error, from) {
    if (isStackAsked) return error;
    try {
      if ("prepareStackTrace" in NativeError) {
        // The page has its say in how a stack is told, and is given the calls: then it is taken
        // anew before anybody has asked for it.
        if (from !== undefined) apply(captureStackTrace, NativeError, [error, from]);
        return error;
      }
      const { stack } = error;
      const text = from === undefined ? withoutOurLines(stack) : toldAnew(stack, from);
      const descriptor = descriptorOf(error, "stack");
      if (descriptor === undefined) error.stack = text;
      else if (descriptor.set !== undefined) apply(descriptor.set, error, [text]);
      else {
        descriptor.value = text;
        defineProperty(error, "stack", descriptor);
      }
    } catch {
      // No error, or one whose stack is not to be changed.
    }
    return error;
  }

  /**
   * @param {any} object
   * @param {any} proto
   * @returns {boolean} whether an object would become its own prototype
   */
  function isCycle(object, proto) {
    let at = proto;
    for (let depth = 0; at !== null && depth < 100; depth += 1) {
      if (at === object) return true;
      at = getPrototypeOf(at);
    }
    return false;
  }

  /**
   * What all hooks do; the handler of each inherits it and says what is its own. Nothing is inherited
   * by it in turn: a page could add traps to Object.prototype.
   *
   * @type {any}
   */
  const handling = {
    __proto__: null,
    /** @param {Function} target @param {unknown} self @param {unknown[]} given */
    apply(target, self, given) {
      try {
        return this["trap"](target, self, given);
      } catch (error) {
        throw withoutUs(error, handling.apply);
      }
    },
    /** @param {any} target @param {PropertyKey} name @param {unknown} receiver */
    get(target, name, receiver) {
      try {
        // Not by Reflect.get where it can be helped: a stack would show it.
        return receiver === this["hook"] ? target[name] : get(target, name, receiver);
      } catch (error) {
        throw withoutUs(error, handling.get);
      }
    },
    /** @param {object} target @param {object | null} proto */
    setPrototypeOf(target, proto) {
      if (isCycle(this["hook"], proto)) {
        throw withoutUs(new NativeTypeError(cycleWords()), handling.setPrototypeOf);
      }
      return setPrototypeOf(target, proto);
    },
  };
  /** @type {any} */
  const handlingClass = {
    __proto__: handling,
    /** @param {Function} target @param {unknown[]} given @param {Function} maker */
    construct(target, given, maker) {
      try {
        return this["making"](target, maker, given);
      } catch (error) {
        throw withoutUs(error, handlingClass.construct);
      }
    },
  };

  /**
   * @param {Function} native
   * @param {any} handler that inherits `handling`, with the trap that is its own
   * @returns {any} to a page the native itself
   */
  function disguise(native, handler) {
    const hook = new NativeProxy(native, handler);
    handler.hook = hook;
    apply(mapSet, common.natives, [hook, native]);
    own[ownCount] = hook;
    ownCount += 1;
    return hook;
  }

  /**
   * Put a hook in the place of a method; nothing happens where there is none.
   *
   * @param {object | undefined} holder
   * @param {string} name
   * @param {Trap} trap
   */
  function hookMethod(holder, name, trap) {
    const descriptor = holder && descriptorOf(holder, name);
    if (!holder || typeof descriptor?.value !== "function") return;
    if (nativeOf(descriptor.value) !== undefined) return;
    descriptor.value = disguise(descriptor.value, { __proto__: handling, trap, hook: null });
    defineProperty(holder, name, descriptor);
  }

  /**
   * @param {object | undefined} holder
   * @param {readonly string[]} names
   * @param {Trap} trap
   */
  function hookMethods(holder, names, trap) {
    for (let index = 0; index < names.length; index += 1) {
      hookMethod(holder, names[index] ?? "", trap);
    }
  }

  /**
   * @param {object | undefined} holder
   * @param {string} name
   * @param {"get" | "set"} half
   * @param {Trap} trap
   */
  function hookAccessor(holder, name, half, trap) {
    const descriptor = holder && descriptorOf(holder, name);
    const native = descriptor?.[half];
    if (!holder || !descriptor || native === undefined || nativeOf(native) !== undefined) return;
    descriptor[half] = disguise(native, { __proto__: handling, trap, hook: null });
    defineProperty(holder, name, descriptor);
  }

  /**
   * Do something before each call of a method, without being in it: the browser asks for a trap,
   * finds none and calls the native itself. Listeners that are called meanwhile find no line of ours
   * in any stack. The price is that nobody knows what the method is called on.
   *
   * @param {object} holder
   * @param {string} name
   * @param {() => void} before
   */
  function precede(holder, name, before) {
    const descriptor = descriptorOf(holder, name);
    if (typeof descriptor?.value !== "function" || nativeOf(descriptor.value)) return;
    descriptor.value = disguise(descriptor.value, {
      __proto__: handling,
      hook: null,
      get apply() {
        before();
        return undefined;
      },
    });
    defineProperty(holder, name, descriptor);
  }

  /**
   * Put a hook in the place of a class; `new` of it and of what extends it goes through `check`.
   *
   * @param {Realm} realm
   * @param {string} name
   * @param {(given: any[], made: object | null) => void} before may throw
   * @param {(given: any[], made: object) => void} [after]
   */
  function hookClass(realm, name, before, after) {
    const descriptor = descriptorOf(realm, name);
    if (typeof descriptor?.value !== "function" || nativeOf(descriptor.value)) return;
    const native = descriptor.value;
    /** @type {Trap} */
    const trap = (target, self, given) => apply(target, self, given);
    /** @type {Trap} */
    const making = (target, maker, given) => {
      before(given, null);
      const made = construct(target, given, /** @type {Function} */ (maker));
      after?.(given, made);
      return made;
    };
    const hook = disguise(native, { __proto__: handlingClass, trap, making, hook: null });
    descriptor.value = hook;
    defineProperty(realm, name, descriptor);
    const back = descriptorOf(native.prototype, "constructor");
    if (back !== undefined) {
      back.value = hook;
      defineProperty(native.prototype, "constructor", back);
    }
  }

  /** What is done in this realm and in those that the page reaches before any script of ours. */
  /** @type {Record<number, (realm: Realm) => void>} */
  const installers = bare();
  let installerCount = 0;

  /** Documents that the page reached before any script of ours. @type {WeakSet<object>} */
  const orphans = new WeakSet();

  /** @param {object} owner a document @returns {boolean} */
  function isOrphan(owner) {
    return apply(has, orphans, [owner]);
  }

  /** @param {(realm: Realm) => void} installer */
  function install(installer) {
    installers[installerCount] = installer;
    installerCount += 1;
    installer(globalThis);
  }

  /**
   * By what the hook itself looks like to a native: a frame's own hooks may be unknown here.
   *
   * @param {Realm} realm
   * @returns {boolean}
   */
  function isHooked(realm) {
    return !apply(includes, apply(showSource, realm.Function.prototype.toString, []), ["toString"]);
  }

  /** @param {any} realm a window that the page is about to get; another origin's is left alone */
  function enter(realm) {
    try {
      if (realm === null || realm === undefined || isHooked(realm)) return;
      apply(add, orphans, [realm.document]);
      for (let index = 0; index < installerCount; index += 1) installers[index]?.(realm);
    } catch {
      // Of another origin: the page cannot use its natives on anything either.
    }
  }

  /**
   * @param {any} object
   * @returns {object | undefined} what inherits a native as the object inherits a hook
   */
  function heirOfNative(object) {
    if (object === null || typeof object !== "object") return undefined;
    const native = nativeOf(getPrototypeOf(object));
    return native && create(native);
  }

  install((realm) => {
    hookMethod(realm.Function.prototype, "toString", (native, self, given) => {
      let shown = self;
      for (let next = nativeOf(shown); next !== undefined; next = nativeOf(shown)) shown = next;
      try {
        return apply(native, shown, given);
      } catch (error) {
        // In Chromium the stack tells what the object that was asked about inherits.
        const kin = heirOfNative(shown);
        if (kin === undefined) throw error;
        return apply(native, kin, given);
      }
    });
  });

  if (isStackAsked) {
    /** @type {Trap} */
    const onStack = (native, self, given) => {
      const text = apply(native, self, given);
      return typeof text === "string" ? withoutOurLines(text) : text;
    };
    install((realm) => {
      hookAccessor(realm.Error.prototype, "stack", "get", onStack);
      hookAccessor(realm.DOMException.prototype, "stack", "get", onStack);
    });
  }

  offer({
    apply,
    ask,
    bare,
    common: () => common,
    descriptorOf,
    enter,
    getterOf,
    hookAccessor,
    hookClass,
    hookMethod,
    hookMethods,
    install,
    isOrphan,
    joinCommon,
    nativeOf,
    offer,
    precede,
    setterOf,
    withoutUs,
  });

  /** @param {object} more that the scripts after the one that calls this take, too */
  function offer(more) {
    const { sharewiseRealm: given } = /** @type {any} */ (globalThis);
    const value = Object.freeze({ ...given, ...more });
    defineProperty(globalThis, "sharewiseRealm", { configurable: true, value });
  }
})();
// Stacks of errors show the name below instead of an address that says who we are.
//# sourceURL=native
