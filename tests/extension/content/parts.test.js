import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const CONTENT = new URL("../../../extension/content/", import.meta.url);

/** A frame of its own; `ports` are the questions that it has asked. */
function frame() {
  const ports = [];
  const timers = [];
  let woken = 0;
  const connect = ({ name }) => {
    const listeners = [];
    const port = { onDisconnect: { addListener: (listener) => listeners.push(listener) } };
    ports.push({ name, end: () => listeners.forEach((listener) => listener()) });
    return port;
  };
  const chrome = { runtime: { connect } };
  const shown = new Set();
  const window = {
    addEventListener: (type, listener) => void (type === "pageshow" && shown.add(listener)),
    removeEventListener: (_, listener) => void shown.delete(listener),
  };
  const world = vm.createContext({
    chrome,
    window,
    setTimeout: (work) => timers.push(work),
    sharewiseReview: () => ({ wake: () => (woken += 1) }),
  });
  const run = (name) => vm.runInContext(readFileSync(new URL(name, CONTENT), "utf8"), world);
  run("once.js");
  run("parts.js");
  const parts = vm.runInContext("sharewiseParts()", world);
  /** As the browser does when it puts the parts in: the last of them tells. */
  const putIn = () => run("parts_end.js");
  /** What the browser tells, or a page pretends, when a page is shown. */
  const show = (event) => [...shown].forEach((listener) => listener(event));
  return { chrome, parts, ports, putIn, show, timers, woken: () => woken };
}

/** Let every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is asked for before files come near", () => {
  const { parts, ports, timers } = frame();
  assert.equal(parts.areHere(), false);
  assert.deepEqual([ports.length, timers.length], [0, 0]);
});

test("two files ask once, and go on as soon as the last part has run", async () => {
  const { parts, ports, putIn } = frame();
  const both = Promise.all([parts.come(), parts.come()]);
  assert.deepEqual(
    ports.map(({ name }) => name),
    ["parts"],
  );
  putIn();
  assert.deepEqual(await both, [true, true]);
  assert.equal(await parts.come(), true);
  assert.equal(ports.length, 1);
});

test("an answer without the parts is asked about once more, and then they are not to be had", async () => {
  const { parts, ports } = frame();
  const coming = parts.come();
  ports[0].end();
  await settled();
  assert.equal(ports.length, 2);
  ports[1].end();
  assert.equal(await coming, false);
  assert.equal(parts.areHere(), false);
});

test("a page that was put aside meanwhile asks anew when it is back, and a made-up return is none", async () => {
  const { parts, ports, putIn, show } = frame();
  const coming = parts.come();
  show({ isTrusted: true, persisted: false });
  show({ isTrusted: false, persisted: true });
  await settled();
  assert.equal(ports.length, 1);
  show({ isTrusted: true, persisted: true });
  await settled();
  assert.equal(ports.length, 2);
  putIn();
  assert.equal(await coming, true);
});

test("the next file asks anew", async () => {
  const { parts, ports, putIn } = frame();
  const first = parts.come();
  ports[0].end();
  await settled();
  ports[1].end();
  assert.equal(await first, false);
  const second = parts.come();
  assert.equal(ports.length, 3);
  putIn();
  assert.equal(await second, true);
});

test("a background that ended while it put them in is not asked again", async () => {
  const { parts, ports, putIn } = frame();
  const coming = parts.come();
  putIn();
  ports[0].end();
  assert.equal(await coming, true);
  await settled();
  assert.equal(ports.length, 1);
});

test("a background that never answers is waited for so long and no longer", async () => {
  const { parts, ports, putIn, timers } = frame();
  const coming = parts.come();
  timers[0]();
  assert.equal(await coming, false);
  // The question is still open: the next file waits for the same.
  const next = parts.come();
  assert.equal(ports.length, 1);
  putIn();
  assert.equal(await next, true);
});

test("an extension that was updated under the page has no parts to give", async () => {
  const { chrome, parts } = frame();
  chrome.runtime.connect = () => {
    throw new Error("Extension context invalidated.");
  };
  assert.equal(await parts.come(), false);
  delete chrome.runtime;
  assert.equal(await parts.come(), false);
});

test("a review is made ready once its parts are there, and not without them", async () => {
  const fine = frame();
  fine.parts.wake();
  assert.equal(fine.woken(), 0);
  fine.putIn();
  await settled();
  assert.equal(fine.woken(), 1);
  const broken = frame();
  broken.parts.wake();
  for (const at of [0, 1]) {
    broken.ports[at].end();
    await settled();
  }
  assert.equal(broken.woken(), 0);
});
