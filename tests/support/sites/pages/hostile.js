// A page that wants the photo as it is: it looks at everything it can reach, before and after.
// `hostile.caught` names each way by which bytes of the original came into its hands.
"use strict";

/* exported hostile */

const hostile = (() => {
  const SECRET = "Canary-Camera-7";
  const caught = new Set();
  const known = new WeakSet();
  const readers = [];

  // Natives of a realm that no script of the extension may have reached yet, in three ways.
  const raws = [];
  const away = document.createElement("iframe");
  away.src = "/late";
  document.documentElement.append(away);
  raws.push(window[0], away.contentWindow);
  const filesOf = raws.map(
    (raw) => Object.getOwnPropertyDescriptor(raw.HTMLInputElement.prototype, "files").get,
  );
  const rawListen = raws[0].EventTarget.prototype.addEventListener;
  const readText = raws[0].Blob.prototype.text;
  const { add, has } = WeakSet.prototype;
  const { push } = Array.prototype;

  const read = async (way, file) => {
    if (!(Object.prototype.toString.call(file) === "[object File]")) return;
    for (const [how, bytes] of [
      ["text", () => readText.call(file)],
      ["response", () => new Response(file).text()],
      ["slice", () => file.slice(0, file.size).text()],
    ]) {
      try {
        if ((await bytes()).includes(SECRET)) caught.add(`${way}, ${how}`);
      } catch {
        // It was not readable.
      }
    }
  };
  const take = (way, files) => {
    for (let at = 0; at < (files?.length ?? 0); at += 1) {
      if (has.call(known, files[at])) continue;
      add.call(known, files[at]);
      push.call(readers, read(way, files[at]));
    }
  };
  const inputs = new Set();
  const look = (way) => {
    for (const input of document.querySelectorAll("input")) inputs.add(input);
    for (const input of inputs) {
      if (input.type !== "file") continue;
      take(way, input.files);
      filesOf.forEach((get, at) => take(`${way}, other realm ${at}`, get.call(input)));
    }
  };

  // Everything that tells, heard first and from everywhere.
  const TYPES = ["input", "change", "drop", "paste", "dragover", "focus", "beforeinput"];
  const hear = (event) => {
    look(`at ${event.type}`);
    take(`${event.type} event`, event.dataTransfer?.files);
    take(`${event.type} event`, event.clipboardData?.files);
  };
  for (const node of [window, document, document.documentElement]) {
    for (const type of TYPES) {
      node.addEventListener(type, hear, true);
      rawListen.call(node, type, hear, true);
    }
  }
  document.addEventListener("selectionchange", () => look("at selectionchange"));
  const poll = () => {
    look("polling");
    requestAnimationFrame(poll);
  };
  requestAnimationFrame(poll);

  // Inputs that are never attached.
  const { createElement } = Document.prototype;
  Document.prototype.createElement = function created(...given) {
    const made = createElement.apply(this, given);
    if (made.localName === "input") {
      inputs.add(made);
      for (const type of TYPES) rawListen.call(made, type, hear, true);
    }
    return made;
  };

  // What scripts lean on: each may be handed a file by mistake.
  const spy = (holder, name, way) => {
    const native = holder[name];
    if (typeof native !== "function") return;
    holder[name] = function spied(...given) {
      for (const value of [this, ...given]) if (value instanceof File) take(way, [value]);
      return native.apply(this, given);
    };
  };
  for (const [holder, name] of [
    [Array.prototype, "map"],
    [Array.prototype, "push"],
    [Array.prototype, "forEach"],
    [Promise.prototype, "then"],
    [Map.prototype, "set"],
    [Map.prototype, "get"],
    [WeakSet.prototype, "add"],
    [DataTransferItemList.prototype, "add"],
    [FormData.prototype, "append"],
    [JSON, "stringify"],
    [JSON, "parse"],
    [Reflect, "apply"],
  ]) {
    spy(holder, name, `patched ${name}`);
  }

  // Clicks that nobody made, on whatever the card is.
  const press = () => {
    const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    for (const node of [document.documentElement.lastElementChild, middle]) {
      if (node === null || node.id === "target") continue;
      if (node.localName !== "div" || node.childElementCount > 0 || node.id !== "") continue;
      const fields = { bubbles: true, composed: true, clientX: innerWidth / 2, clientY: 400 };
      for (const type of ["pointerdown", "mousedown", "mouseup", "click"]) {
        node.dispatchEvent(new MouseEvent(type, fields));
      }
      for (const key of ["Enter", " ", "Tab"]) {
        node.dispatchEvent(new KeyboardEvent("keydown", { ...fields, key }));
        node.dispatchEvent(new KeyboardEvent("keyup", { ...fields, key }));
      }
      node.click();
    }
  };
  setInterval(press, 50);

  return {
    raws,
    report: async () => {
      look("at the end");
      await Promise.all(readers);
      return [...caught].sort();
    },
  };
})();
