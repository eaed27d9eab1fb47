/** The rules of a press, with events and buttons made here: real ones are in the browser tests. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { load } from "./load.js";

class FakeElement {
  /** @param {string} key */
  constructor(key) {
    this.dataset = { key };
  }

  closest() {
    return this;
  }
}
class FakeEvent {
  isTrusted = true;
  isStopped = false;

  constructor(type, given = {}) {
    Object.assign(this, { type, target: host, detail: 1, clientX: 0, clientY: 0 }, given);
  }

  stopImmediatePropagation() {
    this.isStopped = true;
  }
}
class FakeKey extends FakeEvent {}
Object.assign(globalThis, {
  HTMLElement: FakeElement,
  MouseEvent: FakeEvent,
  KeyboardEvent: FakeKey,
});

const { intercept, serve } = load("sharewiseCardPresses", "card_presses.js");
const host = new FakeElement("");
const [share, cancel] = [new FakeElement("choice:share"), new FakeElement("choice:cancel")];
/** @type {{under: FakeElement, isSettled: boolean, isCovered: boolean, restarts: number, pressed: Array<[string, boolean]>}} */
let state;

function open() {
  state = { under: share, isSettled: true, isCovered: false, restarts: 0, pressed: [] };
  serve({
    host,
    root: {
      elementFromPoint: () => state.under,
      get activeElement() {
        return state.under;
      },
    },
    settling: {
      isSettled: () => state.isSettled,
      restart: () => {
        state.restarts += 1;
        state.isSettled = false;
      },
    },
    uncover: () => state.isCovered,
    press: (button, isMeant) => state.pressed.push([button.dataset.key, isMeant]),
  });
}

afterEach(() => serve(null));

/** @param {string} key @param {boolean} isRepeat */
function pressKey(key, isRepeat) {
  intercept(new FakeKey("keydown", { key, repeat: isRepeat }));
  intercept(new FakeEvent("click", { detail: 0 }));
}

test("a click that began before the card stood still is not meant, though it ends later", () => {
  open();
  state.isSettled = false;
  intercept(new FakeEvent("pointerdown"));
  state.isSettled = true;
  intercept(new FakeEvent("click"));
  assert.deepEqual(state.pressed, [["choice:share", false]]);
});

test("a click during which the card changed is not meant", () => {
  open();
  intercept(new FakeEvent("pointerdown"));
  state.isSettled = false;
  intercept(new FakeEvent("click"));
  assert.deepEqual(state.pressed, [["choice:share", false]]);
});

test("a click that begins and ends on a card that stands still is meant", () => {
  open();
  intercept(new FakeEvent("pointerdown"));
  intercept(new FakeEvent("click"));
  assert.deepEqual(state.pressed, [["choice:share", true]]);
});

test("a click that begins on one button and ends on another is none, whichever they are", () => {
  open();
  for (const [from, to] of [
    [cancel, share],
    [share, cancel],
  ]) {
    state.under = from;
    intercept(new FakeEvent("pointerdown"));
    state.under = to;
    const click = new FakeEvent("click");
    intercept(click);
    assert.equal(click.isStopped, true);
  }
  assert.deepEqual(state.pressed, []);
});

test("a press through something that lay over the card is not meant", () => {
  open();
  state.isCovered = true;
  intercept(new FakeEvent("pointerdown"));
  intercept(new FakeEvent("click"));
  state.isSettled = true;
  pressKey("Enter", false);
  assert.deepEqual(state.pressed, [
    ["choice:share", false],
    ["choice:share", false],
  ]);
});

test("a key that is held down is meant once", () => {
  open();
  pressKey("Enter", false);
  pressKey("Enter", true);
  pressKey("Enter", true);
  assert.deepEqual(
    state.pressed.map(([, isMeant]) => isMeant),
    [true, false, false],
  );
});

test("a press on anything else starts the time anew, one that a page makes up does not", () => {
  open();
  intercept(new FakeEvent("pointerdown", { target: null }));
  intercept(new FakeKey("keydown", { target: null, key: "a" }));
  assert.equal(state.restarts, 2);
  intercept(new FakeEvent("pointerdown", { target: null, isTrusted: false }));
  intercept(new FakeEvent("pointermove", { target: null }));
  assert.equal(state.restarts, 2);
});
