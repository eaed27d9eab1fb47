import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

/** What no browser does at will: a clipboard that cannot be read at one time and can at another. */

const CONTENT = new URL("../../../extension/content/", import.meta.url);
/** What the scripts ask the browser for while they start, but never use here. */
const UNUSED = [
  ...["ClipboardEvent", "DataTransfer", "DataTransferItem", "DataTransferItemList", "DragEvent"],
  ...["FileList", "HTMLInputElement"],
];

/** Run the script with hooks that stand in for the real ones. @returns what it hooks */
function hooked({ review, decisionOn = () => undefined, isUnchanged = () => false }) {
  class ClipboardItem {
    constructor(blobs) {
      this.blobs = blobs;
    }
    get types() {
      return Object.keys(this.blobs);
    }
    async getType(type) {
      const blob = this.blobs[type].shift();
      if (blob === undefined) throw new Error("gone");
      return blob;
    }
  }
  const traps = {};
  const sharewiseRealm = {
    apply: Reflect.apply,
    ask: (of, self) => of(self),
    bare: () => ({ __proto__: null }),
    getterOf: (prototype, name) => (self) =>
      Reflect.apply(Object.getOwnPropertyDescriptor(prototype, name).get, self, []),
    hookMethod: (_, name, trap) => (traps[name] = trap),
    hookAccessor: () => undefined,
    install: (installer) => installer(world),
    listen: () => undefined,
    offer: (more) => Object.assign(sharewiseRealm, more),
    setterOf: () => () => undefined,
    tell: () => true,
  };
  const unused = Object.fromEntries(UNUSED.map((name) => [name, class {}]));
  const own = { Blob, ClipboardItem, DOMException, Event, EventTarget, File, Promise };
  const world = vm.createContext({ ...unused, ...own, sharewiseRealm });
  const run = (name) => vm.runInContext(readFileSync(new URL(name, CONTENT), "utf8"), world);
  run("page_files.js");
  sharewiseRealm.offer({ decisionOn, isUnchanged, review });
  run("page_clipboard.js");
  const getType = (item, type) => traps.getType(ClipboardItem.prototype.getType, item, [type]);
  const read = (items) => traps.read(async () => items, {}, []);
  return { ClipboardItem, getType, read };
}

const picture = () => new Blob(["telling"], { type: "image/png" });

test("a picture that could not be looked at is not given later either", async () => {
  const asked = [];
  const { ClipboardItem, getType, read } = hooked({ review: (files) => asked.push(files) });
  const item = new ClipboardItem({ "image/png": [undefined, picture()] });
  assert.deepEqual(await read([item]), [item]);
  assert.equal(asked.length, 0);
  await assert.rejects(getType(item, "image/png"), { name: "NotAllowedError" });
});

test("a picture that was left out is refused, and words pass", async () => {
  const { ClipboardItem, getType, read } = hooked({
    review: (_, done) => done(true),
    decisionOn: () => null,
  });
  const words = new Blob(["words"], { type: "text/plain" });
  const item = new ClipboardItem({ "image/png": [picture(), picture()], "text/plain": [words] });
  assert.deepEqual(await read([item]), [item]);
  await assert.rejects(getType(item, "image/png"), { name: "NotAllowedError" });
  assert.equal(await getType(item, "text/plain"), words);
});

test("nobody is asked about words alone, nor about an item that the page made", async () => {
  const { ClipboardItem, getType, read } = hooked({ review: () => assert.fail("asked") });
  const item = new ClipboardItem({ "text/plain": [new Blob(["words"])] });
  assert.deepEqual(await read([item]), [item]);
  const own = picture();
  assert.equal(await getType(new ClipboardItem({ "image/png": [own] }), "image/png"), own);
});
