// What a hostile page does before a file is picked or while the card is shown: `attacks[NAME]`, each
// `{ before?(), during?(x, y), stop?() }` with the place of the button that shares the file as it is.
// `attacks.won()` tells what came into the page's hands.
"use strict";

/* exported attacks */

const attacks = (() => {
  const SECRETS = ["Canary-Camera-7", "45.750", "says where", "Share as it is"];
  const won = new Set();
  const readers = [];
  const toWords = Object.prototype.toString;
  const { addEventListener } = EventTarget.prototype;
  const { arrayBuffer, text } = Blob.prototype;
  const { apply } = Reflect;
  const interval = setInterval.bind(window);
  const frame = requestAnimationFrame.bind(window);
  const root = document.documentElement;
  const card = () => [...root.children].find(({ localName }) => localName === "div");
  const input = () => document.getElementById("file");

  const look = (way, value) => {
    const words = String(value);
    for (const secret of SECRETS) if (words.includes(secret)) won.add(`${way}: ${secret}`);
  };
  const take = (way, files, read = text) => {
    for (let at = 0; at < (files?.length ?? 0); at += 1) {
      readers[readers.length] = (async () => {
        try {
          const words = await apply(read, files[at], []);
          look(way, typeof words === "string" ? words : new TextDecoder().decode(words));
        } catch {
          // It was not readable.
        }
      })();
    }
  };

  const cover = (element) => {
    element.style.cssText =
      "position: fixed; inset: 0; width: 100vw; height: 100vh; max-width: none; border: 0;" +
      "max-height: none; margin: 0; background: white; font-size: 40px; pointer-events: none";
    element.textContent = "Press here to go on";
    return element;
  };
  let ending = [];
  /** Show something again and again, however often it is taken away. */
  const keepShown = (show) => {
    const again = () => {
      try {
        show();
      } catch {
        // It is there.
      }
    };
    again();
    const timer = interval(again, 0);
    ending.push(() => clearInterval(timer));
  };

  /** What scripts lean on; each may be handed a file, or a part of the card, by mistake. */
  const SPIED = [
    [Array.prototype, ["map", "filter", "push", "every", "forEach", "some", "values"]],
    [Promise.prototype, ["then", "catch", "finally"]],
    [Map.prototype, ["get", "set"]],
    [WeakMap.prototype, ["get", "set"]],
    [WeakSet.prototype, ["add", "has"]],
    [String.prototype, ["split", "includes", "replace"]],
    [DataTransferItemList.prototype, ["add"]],
    [FileList.prototype, ["item"]],
    [FormData.prototype, ["append"]],
    [Reflect, ["apply", "construct"]],
    [JSON, ["parse", "stringify"]],
  ];
  /** What a card is shown with: does nothing from now on. */
  const DEAF = [
    [Event.prototype, ["stopImmediatePropagation", "preventDefault", "composedPath"]],
    [EventTarget.prototype, ["addEventListener", "dispatchEvent", "removeEventListener"]],
    [Element.prototype, ["attachShadow", "append", "remove", "matches"]],
    [HTMLDialogElement.prototype, ["showModal", "close"]],
    [HTMLElement.prototype, ["focus", "hidePopover", "click"]],
    [Document.prototype, ["createElement", "createElementNS", "elementFromPoint"]],
    [window, ["setTimeout", "MutationObserver", "requestAnimationFrame", "CSSStyleSheet"]],
    [window, ["MouseEvent", "Event", "DataTransfer", "File", "confirm"]],
  ];
  const patch = () => {
    const undo = [];
    const replace = (holder, names, isDeaf) => {
      for (const name of names) {
        const descriptor = Object.getOwnPropertyDescriptor(holder, name);
        const native = descriptor?.value;
        if (typeof native !== "function" || !descriptor.configurable) continue;
        const spy = function spied(...given) {
          for (let at = 0; at < given.length; at += 1) {
            const kind = apply(toWords, given[at], []);
            if (kind === "[object File]") take(`patched ${name}`, [given[at]]);
            if (kind === "[object ShadowRoot]") won.add(`patched ${name}: a shadow root`);
          }
          return isDeaf ? undefined : apply(native, this, given);
        };
        undo.push(() => Object.defineProperty(holder, name, descriptor));
        Object.defineProperty(holder, name, { ...descriptor, value: spy });
      }
    };
    for (const [holder, names] of SPIED) replace(holder, names, false);
    for (const [holder, names] of DEAF) replace(holder, names, true);
    ending.push(() => {
      for (let at = undo.length - 1; at >= 0; at -= 1) undo[at]();
    });
  };

  const ATTACKS = {
    "listeners that stop everything": {
      before: () => {
        const TYPES = ["input", "change", "click", "pointerdown", "mousedown", "keydown", "submit"];
        for (const target of [window, document, root]) {
          for (const type of TYPES) {
            const stop = (event) => {
              // The page's own handlers get what is not the browser's own.
              if (!event.isTrusted || event.target === input()) return;
              event.stopImmediatePropagation();
              event.preventDefault();
            };
            target.addEventListener(type, stop, { capture: true, passive: false });
          }
        }
      },
    },
    "a dialog over the card, deaf to presses": {
      during: () => {
        const dialog = cover(document.createElement("dialog"));
        document.body.append(dialog);
        dialog.showModal();
        ending.push(() => dialog.remove());
      },
    },
    "a popover over the card, deaf to presses": {
      during: () => {
        const popover = cover(document.createElement("p"));
        popover.popover = "manual";
        document.body.append(popover);
        keepShown(() => popover.showPopover());
        ending.push(() => popover.remove());
      },
    },
    "a popover in a closed shadow tree": {
      during: () => {
        const host = document.createElement("section");
        const popover = cover(document.createElement("p"));
        popover.popover = "manual";
        host.attachShadow({ mode: "closed" }).append(popover);
        document.body.append(host);
        keepShown(() => popover.showPopover());
        ending.push(() => host.remove());
      },
    },
    "a picture of the page over the card": {
      during: async () => {
        const style = document.createElement("style");
        style.textContent = `::view-transition { background: white; pointer-events: none }
          ::view-transition-group(*), ::view-transition-old(*), ::view-transition-new(*) {
            animation-duration: 1000s; pointer-events: none }`;
        document.head.append(style);
        const transition = document.startViewTransition(() => undefined);
        ending.push(() => transition.skipTransition());
        await transition.ready;
      },
    },
    "a sheet of the highest z-index": {
      during: () => {
        const sheet = cover(document.createElement("p"));
        sheet.style.zIndex = "2147483647";
        document.body.append(sheet);
        ending.push(() => sheet.remove());
      },
    },
    "the card taken away again and again": {
      during: () => {
        const remove = () => card()?.remove();
        new MutationObserver(remove).observe(root, { childList: true });
        remove();
      },
    },
    "the document replaced under the card": {
      during: () => {
        const other = root.cloneNode(false);
        const old = document.documentElement;
        document.replaceChild(other, old);
        other.append(...[...old.children].filter(({ localName }) => localName !== "div"));
        // And taken away again where it comes back.
        setTimeout(() =>
          [...other.children].find(({ localName }) => localName === "div")?.remove(),
        );
      },
    },
    "styles that hide the card": {
      before: () => {
        const style = document.createElement("style");
        style.textContent = `html > div, html > div *, dialog { display: none !important;
          visibility: hidden !important; opacity: 0 !important; transform: scale(0) !important;
          clip-path: inset(50%) !important; pointer-events: none !important }`;
        document.head.append(style);
      },
      during: () => {
        const { style } = card();
        for (const [name, value] of Object.entries({
          display: "none",
          opacity: "0",
          zoom: "0.01",
        })) {
          style.setProperty(name, value, "important");
        }
      },
    },
    "clicks and keys that nobody made": {
      during: (x, y) => {
        const press = () => {
          for (const node of [card(), document.elementFromPoint(x, y), document.activeElement]) {
            const at = { bubbles: true, composed: true, clientX: x, clientY: y, detail: 1 };
            for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) {
              const kind = type.startsWith("pointer") ? PointerEvent : MouseEvent;
              node?.dispatchEvent(new kind(type, at));
            }
            for (const key of ["Enter", " ", "Escape", "Tab"]) {
              node?.dispatchEvent(new KeyboardEvent("keydown", { ...at, key }));
              node?.dispatchEvent(new KeyboardEvent("keyup", { ...at, key }));
            }
            node?.click?.();
          }
        };
        for (let round = 0; round < 20; round += 1) press();
        const timer = interval(press, 30);
        ending.push(() => clearInterval(timer));
      },
    },
    "reading the card": {
      during: (x, y) => {
        const host = card();
        const inShadow = (way, node) => {
          if (node && !document.contains(node)) won.add(`${way}: a node of the card`);
        };
        look("root", host.shadowRoot?.textContent);
        look("markup", host.getHTML?.({ serializableShadowRoots: true, shadowRoots: [] }));
        look("whole markup", new XMLSerializer().serializeToString(document));
        look("text", root.innerText + host.innerText + host.textContent);
        for (const node of document.elementsFromPoint(x, y)) inShadow("point", node);
        inShadow("caret", document.caretPositionFromPoint?.(x, y)?.offsetNode);
        inShadow("caret range", document.caretRangeFromPoint?.(x, y)?.startContainer);
        inShadow("focus", document.activeElement);
        for (const one of document.getAnimations()) inShadow("animation", one.effect?.target);
        for (const one of root.getAnimations({ subtree: true })) {
          inShadow("animation below", one.effect?.target);
        }
        const selection = getSelection();
        selection.selectAllChildren(root);
        look("selection", selection.toString());
        inShadow("selection", selection.anchorNode);
        document.execCommand("selectAll");
        look("select all", getSelection().toString());
        for (const entry of performance.getEntries()) {
          look("entry", JSON.stringify(entry));
          inShadow("entry", entry.element);
          if (/^blob:/.test(entry.url ?? entry.name)) won.add("entry: address of a picture");
        }
        selection.removeAllRanges();
        for (const words of ["says where", "45.750"]) {
          if (window.find?.(words, false, false, true, false, true)) won.add(`find: ${words}`);
          try {
            if (document.execCommand("findString", false, words)) won.add(`find string: ${words}`);
          } catch {
            // Not every browser has it.
          }
        }
        selection.removeAllRanges();
      },
    },
    "natives of frames": {
      before: () => {
        const empty = document.createElement("iframe");
        document.body.append(empty);
        const early = window[0];
        const written = document.createElement("iframe");
        written.srcdoc = "<p>inner";
        document.body.append(written);
        const realms = [early, empty.contentWindow, written.contentWindow];
        realms.forEach((realm, at) => {
          const get = Object.getOwnPropertyDescriptor(
            realm.HTMLInputElement.prototype,
            "files",
          ).get;
          const read = realm.Blob.prototype.text;
          const hear = (event) => {
            if (event.isTrusted) take(`frame ${at} at ${event.type}`, get.call(input()), read);
          };
          for (const type of ["input", "change", "focus", "beforeinput"]) {
            realm.EventTarget.prototype.addEventListener.call(window, type, hear, true);
            realm.EventTarget.prototype.addEventListener.call(input(), type, hear, true);
          }
          const timer = interval(() => take(`frame ${at}`, get.call(input()), read), 5);
          ending.push(() => clearInterval(timer));
        });
      },
    },
    "pictures that have the names of methods": {
      // The page finds them in the place of the document's own; our world must not.
      before: () => {
        const NAMES = ["append", "createElement", "createElementNS", "documentElement"];
        NAMES.push("elementFromPoint", "execCommand", "exitFullscreen", "visibilityState");
        for (const name of NAMES) {
          const picture = new Image();
          picture.name = name;
          document.body.append(picture);
          ending.push(() => picture.remove());
        }
      },
    },
    "prototypes patched before the pick": { before: patch },
    "prototypes patched under the card": { during: patch },
    "raw files by every reader": {
      before: () => {
        const poll = () => {
          const { files } = input();
          for (const read of [text, arrayBuffer]) take("polling", files, read);
          if (ending.length > 0) frame(poll);
        };
        ending.push(() => undefined);
        for (const type of ["input", "change", "cancel"]) {
          apply(addEventListener, window, [type, poll, true]);
        }
        frame(poll);
      },
    },
  };

  return {
    names: () => Object.keys(ATTACKS),
    before: (name) => ATTACKS[name].before?.(),
    during: (name, x, y) => ATTACKS[name].during?.(x, y),
    stop: () => {
      const all = ending;
      ending = [];
      for (const end of all.reverse()) end();
    },
    won: async () => {
      for (const reader of readers) await reader;
      return [...won].sort();
    },
  };
})();
