import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.js";

const { watch } = load("sharewiseCardSettling", "card_settling.js");

/** A card whose frames are drawn by the test. */
function shown() {
  const state = { isInSight: true, said: [], next: null, now: 0 };
  const settling = watch(
    () => state.isInSight,
    (isSettled) => state.said.push(isSettled),
    (work) => {
      state.next = work;
    },
  );
  /** @param {number} milliseconds since the frame before */
  const draw = (milliseconds) => {
    state.now += milliseconds;
    state.next(state.now);
  };
  return { state, settling, draw };
}

test("a card that has stood still in sight for half a second is settled", () => {
  const { state, settling, draw } = shown();
  draw(5000);
  for (let frame = 0; frame < 31; frame += 1) draw(16);
  assert.equal(settling.isSettled(), false);
  draw(16);
  assert.equal(settling.isSettled(), true);
  assert.deepEqual(state.said, [false, true]);
});

test("a change starts the time anew", () => {
  const { settling, draw } = shown();
  for (let frame = 0; frame < 20; frame += 1) draw(100);
  assert.equal(settling.isSettled(), true);
  settling.restart();
  assert.equal(settling.isSettled(), false);
  // The frame that draws the change does not count, however long it was in coming.
  draw(5000);
  for (let frame = 0; frame < 4; frame += 1) draw(100);
  assert.equal(settling.isSettled(), false);
  draw(100);
  assert.equal(settling.isSettled(), true);
});

test("what lies over the card starts the time anew, though the card was settled", () => {
  const { state, settling, draw } = shown();
  for (let frame = 0; frame < 20; frame += 1) draw(100);
  state.isInSight = false;
  draw(16);
  state.isInSight = true;
  draw(16);
  assert.equal(settling.isSettled(), false);
});

test("a page that keeps its thread busy makes no time pass", () => {
  const { settling, draw } = shown();
  draw(0);
  for (let frame = 0; frame < 4; frame += 1) draw(10_000);
  assert.equal(settling.isSettled(), false);
  draw(10_000);
  assert.equal(settling.isSettled(), true);
});

test("a clock that goes back makes no time pass, and a closed card draws no more", () => {
  const { state, settling, draw } = shown();
  draw(0);
  for (let frame = 0; frame < 20; frame += 1) draw(-100);
  assert.equal(settling.isSettled(), false);
  settling.stop();
  const { next } = state;
  state.next = null;
  next(1);
  assert.equal(state.next, null);
});
