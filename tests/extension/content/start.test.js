import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

/** What a frame pays for is what runs before any file is there: all of it is listed here. */

const ROOT = new URL("../../../extension/", import.meta.url);
const { content_scripts: worlds } = JSON.parse(readFileSync(new URL("manifest.json", ROOT)));
const { js: scripts } = worlds.find(({ world }) => world === undefined);

/** A browser has to make them first, in each frame, for longer than most of what is done there. */
const NO_ITERATORS = `Array.prototype[Symbol.iterator] = () => {
  throw new Error("an iterator is asked for at the start");
};`;

/** @returns {any} an event target that only notes what is asked of it */
function noting() {
  const listeners = new Map();
  const node = {
    listeners,
    addEventListener: (type, listener) => listeners.set(type, listener),
    removeEventListener: (type) => listeners.delete(type),
    dispatchEvent: () => true,
    append: () => undefined,
    remove: () => undefined,
  };
  return node;
}

/** Run the isolated world's scripts as at page load. @returns what they made and listen to */
function started({ isTop = true } = {}) {
  const made = [];
  const ports = [];
  const window = noting();
  const document = Object.assign(noting(), {
    createComment: noting,
    documentElement: noting(),
  });
  const world = vm.createContext({
    ...{ window, document, made, top: isTop ? "top" : "other", self: "top" },
    Event: class {},
    FocusEvent: class {},
    // Classes of nodes, with nothing to ask of them.
    ...{ Document: class {}, DocumentFragment: class {}, Element: class {} },
    ...{ EventTarget: class {}, HTMLFormElement: class {}, Node: class {} },
    MutationObserver: class {
      observe() {}
    },
    chrome: { runtime: { onConnect: { addListener: (listener) => ports.push(listener) } } },
  });
  window.parent = window;
  window.opener = null;
  vm.runInContext(NO_ITERATORS, world);
  for (const script of scripts) {
    const source = readFileSync(new URL(script, ROOT), "utf8");
    // In the place of the real one, which keeps what it made to itself.
    const spied = "const sharewiseOnce = (make) => () => { made.push(1); return make(); };";
    vm.runInContext(script.endsWith("/once.js") ? spied : source, world, { filename: script });
  }
  return { made, ports, window };
}

test("a page that takes no files has nothing made for it but listeners", () => {
  const { made, window } = started();
  assert.deepEqual(made, []);
  for (const type of ["input", "change", "submit", "drop", "paste", "click", "keydown"]) {
    assert.ok(window.listeners.has(type), type);
  }
});

test("what a listener needs is made when it is called", () => {
  const { made, window } = started();
  window.listeners.get("input")({ isTrusted: false });
  assert.ok(made.length > 0);
});

test("only a top frame listens for the cards of others", () => {
  assert.equal(started().ports.length, 1);
  assert.equal(started({ isTop: false }).ports.length, 0);
});
