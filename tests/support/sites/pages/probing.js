// A page that wants to know whether somebody watches over it, before any file is picked. Every probe
// gives words; a test compares them with those from a browser that has no extension.
"use strict";

/* exported probe */

const changes = [];
new MutationObserver((found) => {
  for (const { type, addedNodes, removedNodes, target } of found) {
    const names = [...addedNodes, ...removedNodes].map((node) => node.nodeName);
    changes.push(`${type} ${target.nodeName} ${names.join()}`);
  }
}).observe(document, { attributes: true, childList: true, subtree: true });

const thrown = [];
addEventListener("error", ({ message }) => thrown.push(message));
addEventListener("unhandledrejection", ({ reason }) => thrown.push(String(reason)));

/** What an extension such as ours would put itself in the place of. */
const CALLED = {
  "Function.prototype": ["toString"],
  "EventTarget.prototype": ["addEventListener"],
  "HTMLElement.prototype": ["onchange", "oninput", "click"],
  "HTMLInputElement.prototype": ["files", "showPicker"],
  "HTMLFormElement.prototype": ["submit", "requestSubmit"],
  "HTMLIFrameElement.prototype": ["contentWindow", "contentDocument"],
  "Blob.prototype": ["slice", "stream", "text", "arrayBuffer"],
  "File.prototype": ["name", "webkitRelativePath"],
  "FileReader.prototype": ["readAsText", "readAsDataURL"],
  "XMLHttpRequest.prototype": ["send"],
  "Navigator.prototype": ["sendBeacon"],
  "WebSocket.prototype": ["send"],
  "RTCDataChannel.prototype": ["send"],
  "MessagePort.prototype": ["postMessage"],
  "IDBObjectStore.prototype": ["add", "put"],
  "History.prototype": ["pushState", "replaceState"],
  "DataTransferItem.prototype": ["getAsFile", "webkitGetAsEntry", "getAsFileSystemHandle"],
  "FileSystemFileHandle.prototype": ["getFile"],
  URL: ["createObjectURL"],
  "Document.prototype": ["execCommand"],
  window: ["find", "fetch", "open", "postMessage", "structuredClone", "createImageBitmap"],
  classes: ["FormData", "Blob", "File", "Request", "Response", "MouseEvent"],
  pickers: ["showOpenFilePicker", "showDirectoryPicker"],
};

const holderOf = (name, realm = window) => {
  if (["window", "classes", "pickers"].includes(name)) return realm;
  return name.split(".").reduce((from, key) => from?.[key], realm);
};

/** Each as `[name, function, realm's own toString]`. */
function functions(realm = window) {
  const found = [];
  for (const [holder, names] of Object.entries(CALLED)) {
    for (const name of names) {
      const held = holderOf(holder, realm);
      const descriptor = held && Object.getOwnPropertyDescriptor(held, name);
      for (const half of ["value", "get", "set"]) {
        if (descriptor?.[half]) found.push([`${holder} ${name} ${half}`, descriptor[half]]);
      }
    }
  }
  return found;
}

const neutral = (text) => String(text).replaceAll(location.origin, "SITE");
const outcome = (act) => {
  try {
    return neutral(act());
  } catch (error) {
    const own = JSON.stringify(Object.getOwnPropertyDescriptor(error, "stack"), (key, value) =>
      typeof value === "function" ? "function" : value,
    );
    return neutral([error, Object.getOwnPropertyNames(error), own, error.stack].join(" | "));
  }
};
const shape = (made) =>
  [
    Function.prototype.toString.call(made),
    made.name,
    made.length,
    // Firefox makes them as they are first asked for.
    Reflect.ownKeys(made).map(String).sort(),
    Object.getPrototypeOf(made) === Function.prototype,
  ].join(" ");

/** How each function of the window and of its interfaces looks. */
function looks() {
  const told = { names: Object.getOwnPropertyNames(window).sort().join(" ") };
  const describe = (holder) =>
    Reflect.ownKeys(holder).map((key) => {
      const descriptor = Object.getOwnPropertyDescriptor(holder, key);
      const { configurable, enumerable, writable } = descriptor;
      const halves = ["value", "get", "set"]
        .filter((half) => typeof descriptor[half] === "function")
        .map((half) => `${half} ${shape(descriptor[half])}`);
      return `${String(key)} ${configurable} ${enumerable} ${writable} ${halves.join()}`;
    });
  for (const name of Object.getOwnPropertyNames(window)) {
    const { value } = Object.getOwnPropertyDescriptor(window, name);
    if (typeof value !== "function" || !value.prototype) continue;
    told[name] = [shape(value), ...describe(value.prototype)].join("\n");
  }
  told.window = describe(window).sort().join("\n");
  return told;
}

/** How each answers to what a function of the browser is never asked. */
function answers() {
  const told = {};
  const ASKED = {
    "called on nothing": (made) => Reflect.apply(made, undefined, []),
    "called on another": (made) => made.call({}),
    "called deep": (made) => {
      const dive = (depth) => (depth === 0 ? made.call({}) : [dive(depth - 1)]);
      return dive(30);
    },
    "made new": (made) => (made.prototype ? "class" : new made()),
    "class of it": (made) => (made.prototype ? "class" : class extends made {}),
    "its own prototype": (made) => Object.setPrototypeOf(made, made),
    "its heir's prototype": (made) => Object.setPrototypeOf(made, Object.create(made)),
    "its heir told": (made) => Object.create(made).toString(),
    "told of its heir": (made) => Function.prototype.toString.call(Object.create(made)),
    caller: (made) => made.caller,
    arguments: (made) => made.arguments,
    "has caller": (made) => "caller" in made,
    bound: (made) => `${made.bind().name} ${made.bind().length}`,
    cloned: (made) => structuredClone(made),
    "as words": (made) => `${made}`,
    kind: (made) => Object.prototype.toString.call(made),
  };
  const isSafe = (name) => !/fetch|open|Picker|postMessage|createImage|arrayBuffer|text/.test(name);
  for (const [name, made] of functions()) {
    for (const [how, ask] of Object.entries(ASKED)) {
      if (how.startsWith("called") && !isSafe(name)) continue;
      told[`${name}: ${how}`] = outcome(() => ask(made));
    }
  }
  return told;
}

/** Stacks as a page of Chromium may have them told. */
function calls() {
  const told = {};
  Error.prepareStackTrace = (error, sites) =>
    sites.map((site) => `${site.getFunctionName()} ${site.getFileName()}`).join("; ");
  for (const [name, made] of functions()) {
    if (/fetch|open|Picker|postMessage|createImage|arrayBuffer|text/.test(name)) continue;
    try {
      made.call({});
    } catch (error) {
      told[name] = neutral(error.stack);
    }
  }
  delete Error.prepareStackTrace;
  return told;
}

/** Stacks of calls that fail later. */
async function rejections() {
  const told = {};
  const FAILING = {
    "Blob text": () => Blob.prototype.text.call({}),
    "Blob arrayBuffer": () => Blob.prototype.arrayBuffer.call({}),
    fetch: () => fetch("http://["),
    createImageBitmap: () => createImageBitmap({}),
  };
  for (const [name, fail] of Object.entries(FAILING)) {
    told[name] = await fail().then(
      () => "done",
      (error) => neutral(`${error} ${Object.getOwnPropertyNames(error)} ${error.stack}`),
    );
  }
  return told;
}

/** What the page's own code sees of who called it, where the browser calls it within a call. */
function callers() {
  const told = {};
  const asking = (name) => ({
    get [name]() {
      told[name] = neutral(new Error("asked").stack);
      return undefined;
    },
  });
  new Request(location.href, asking("method"));
  structuredClone(asking("cloned"));
  document.addEventListener("probe", () => undefined, asking("once"));
  return told;
}

/** What frames say of this page's functions, and this page of theirs. */
async function acrossFrames() {
  const told = {};
  const KINDS = { empty: {}, written: { srcdoc: "<p>inner" } };
  for (const [kind, fields] of Object.entries(KINDS)) {
    const frame = Object.assign(document.createElement("iframe"), fields);
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    document.body.append(frame);
    for (const when of ["at once", "later"]) {
      if (when === "later") {
        await loaded;
        await new Promise((resolve) => setTimeout(resolve));
      }
      const inner = frame.contentWindow;
      for (const [name, made] of functions()) {
        told[`${kind} ${when}: ${name}`] = inner.Function.prototype.toString.call(made);
      }
      for (const [name, made] of functions(inner)) {
        told[`${kind} ${when}, inner: ${name}`] = Function.prototype.toString.call(made);
      }
    }
    frame.remove();
  }
  return told;
}

/** How often plain use of the hooked functions goes through what the page has replaced. */
async function uses() {
  const counts = {};
  const restore = [];
  const count = (holder, holderName, name) => {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    const half = ["value", "get"].find((one) => typeof descriptor?.[one] === "function");
    if (half === undefined) return;
    const native = descriptor[half];
    const told = `${holderName} ${String(name)}`;
    const replacement = {
      replaced() {
        counts[told] = (counts[told] ?? 0) + 1;
        return Reflect.apply(native, this, arguments);
      },
    }.replaced;
    restore.push(() => Object.defineProperty(holder, name, descriptor));
    Object.defineProperty(holder, name, { ...descriptor, [half]: replacement });
  };
  const SPIED = [Array, Map, WeakMap, WeakSet, Set, String, Promise, Event, MouseEvent, Node];
  SPIED.push(Document, FileList, EventTarget, HTMLInputElement, DataTransfer, HTMLFormElement);
  for (const kind of SPIED) {
    for (const name of Reflect.ownKeys(kind.prototype)) {
      if (name !== "constructor") count(kind.prototype, kind.name, name);
    }
  }
  for (const trap of ["apply", "construct", "cancelable", "relatedTarget", "set", "get", "value"]) {
    Object.defineProperty(Object.prototype, trap, {
      configurable: true,
      get: () => {
        counts[`inherited ${trap}`] = (counts[`inherited ${trap}`] ?? 0) + 1;
        return undefined;
      },
    });
    restore.push(() => delete Object.prototype[trap]);
  }
  const input = document.getElementById("file");
  const form = document.getElementById("form");
  try {
    input.addEventListener("change", () => undefined);
    input.oninput = null;
    void input.files;
    new FormData(form);
    new File(["a"], "a.txt").slice(0, 1);
    URL.revokeObjectURL(URL.createObjectURL(new Blob(["a"])));
    document.createElement("iframe").contentWindow;
    structuredClone({ a: 1 });
    history.replaceState(history.state, "");
    new MessageChannel().port1.postMessage(1);
    new Request(location.href, { method: "POST", body: "a" });
    String(HTMLElement.prototype.click);
  } finally {
    for (const undo of restore.reverse()) undo();
  }
  return counts;
}

/** Whether anybody answers to events that the page makes up. */
function echoes() {
  const TYPES = ["load", "joined", "kin", "keep", "replay", "review", "reviewed", "decided"];
  TYPES.push("withhold", "release", "blocked", "paths", "listens", "reads", "opens", "submits");
  const input = document.getElementById("file");
  const told = {};
  for (const type of TYPES) {
    for (const target of [window, document, document.documentElement, input]) {
      let heard = 0;
      const hear = () => {
        heard += 1;
      };
      addEventListener(type, hear, true);
      const event = new MouseEvent(type, { relatedTarget: input, cancelable: true });
      const isLeft = target.dispatchEvent(event);
      removeEventListener(type, hear, true);
      told[`${type} at ${target.constructor.name}`] = `${heard} ${isLeft}`;
    }
  }
  return told;
}

/** What can be loaded of an extension at these addresses. */
async function resources(addresses) {
  const told = {};
  for (const address of addresses) {
    for (const name of ["manifest.json", "icons/16.png", "pages/popup.html", "content/guard.js"]) {
      const url = `${address}/${name}`;
      told[`fetch ${url}`] = await fetch(url).then(
        ({ status }) => String(status),
        ({ name: kind }) => kind,
      );
      for (const [tag, field] of Object.entries({ img: "src", script: "src", link: "href" })) {
        told[`${tag} ${url}`] = await new Promise((resolve) => {
          const element = document.createElement(tag);
          element.onload = () => resolve("load");
          element.onerror = () => resolve("error");
          if (tag === "link") element.rel = "stylesheet";
          element[field] = url;
          document.head.append(element);
        });
      }
    }
  }
  return told;
}

/** What the page's own clocks and lists hold. */
function traces() {
  const types = new Set(["navigation", "resource", "mark", "measure", "visibility-state"]);
  const entries = performance
    .getEntries()
    .filter(({ entryType, name }) => types.has(entryType) && !name.endsWith("/favicon.ico"));
  return {
    entries: entries.map(({ entryType, name }) => neutral(`${entryType} ${name}`)).sort(),
    sheets: [document.styleSheets.length, document.adoptedStyleSheets.length],
    root: [...document.documentElement.children].map(({ localName }) => localName),
    attributes: document.documentElement.getAttributeNames(),
    runtime: [typeof chrome, typeof browser, globalThis.chrome && Object.keys(chrome).sort()],
    sends: typeof globalThis.chrome?.runtime?.sendMessage,
    text: document.documentElement.textContent.trim(),
    frames: window.length,
    changes,
    thrown,
  };
}

async function probe(addresses) {
  return {
    looks: looks(),
    answers: answers(),
    calls: calls(),
    callers: callers(),
    rejections: await rejections(),
    uses: await uses(),
    echoes: echoes(),
    frames: await acrossFrames(),
    resources: await resources(addresses),
    traces: traces(),
  };
}
