import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

/** What no browser does at will: a clipboard that cannot be read at one time and can at another. */

const SCRIPT = new URL("../../../extension/content/page_clipboard.js", import.meta.url);

/** Run the script with a page's realm that stands in for the real one. @returns what it hooks */
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
    install: (installer) => installer(world),
    tell: () => true,
    whenSettled: (promise, done, bad) => promise.then(done, bad),
    ...{ decisionOn, isUnchanged, review },
  };
  const world = vm.createContext({ Blob, ClipboardItem, DOMException, File, Promise });
  world.sharewiseRealm = sharewiseRealm;
  vm.runInContext(readFileSync(SCRIPT, "utf8"), world);
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
