import assert from "node:assert/strict";
import { test } from "node:test";

import { Pacer } from "../../../extension/shared/pacer.js";

const BROWSER_WINDOW_MS = 1000;

/** Counts as Chromium does: two calls in a second that begins with a call. */
class Browser {
  #endsAtMs = -Infinity;
  #left = 0;

  /** @param {number} atMs */
  takes(atMs) {
    if (atMs > this.#endsAtMs) {
      this.#endsAtMs = atMs + BROWSER_WINDOW_MS;
      this.#left = 2;
    }
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** @param {{ nowMs: number }} clock */
function pacerWith(clock) {
  return new Pacer({ calls: 2, windowMs: 1006, now: () => clock.nowMs });
}

test("two calls may follow at once, and the third waits for the next window", () => {
  const clock = { nowMs: 1000 };
  const pacer = pacerWith(clock);
  assert.equal(pacer.waitMs(), 0);
  pacer.count();
  clock.nowMs += 100;
  assert.equal(pacer.waitMs(), 0);
  pacer.count();
  assert.equal(pacer.waitMs(), 906);
  clock.nowMs += 906;
  assert.equal(pacer.waitMs(), 0);
});

test("time that passed is not waited for again", () => {
  const clock = { nowMs: 0 };
  const pacer = pacerWith(clock);
  pacer.count();
  clock.nowMs = 900;
  pacer.count();
  clock.nowMs = 5_000;
  for (let call = 0; call < 2; call += 1) {
    assert.equal(pacer.waitMs(), 0);
    pacer.count();
  }
  assert.equal(pacer.waitMs(), 1006);
});

for (const busyMs of [0, 40, 300, 700, 1500]) {
  test(`the browser refuses none when a call takes ${busyMs} ms`, () => {
    const clock = { nowMs: 0 };
    const pacer = pacerWith(clock);
    const browser = new Browser();
    for (let call = 0; call < 40; call += 1) {
      clock.nowMs += pacer.waitMs();
      pacer.count();
      assert.ok(browser.takes(clock.nowMs));
      clock.nowMs += busyMs;
    }
    assert.ok(clock.nowMs <= 40 * Math.max(busyMs, 503) + 1006);
  });
}

test("a call that reached the browser late costs a pause and no window", () => {
  const clock = { nowMs: 0 };
  const pacer = pacerWith(clock);
  const browser = new Browser();
  let calls = 0;
  let refusals = 0;
  while (calls < 26) {
    clock.nowMs += pacer.waitMs();
    pacer.count();
    // The first call of a window is on its way for longer than the one that opens the next.
    const delayMs = calls % 4 === 0 ? 30 : 1;
    if (browser.takes(clock.nowMs + delayMs)) calls += 1;
    else {
      refusals += 1;
      pacer.refused(25);
    }
  }
  assert.ok(refusals > 0);
  assert.ok(clock.nowMs < 12 * 1006 + refusals * 25 + 40);
});

test("a turn comes once the window is over", async () => {
  const clock = { nowMs: 0 };
  const pacer = pacerWith(clock);
  pacer.count();
  pacer.count();
  clock.nowMs = 1005.5;
  const turn = pacer.turn();
  clock.nowMs = 1006;
  await turn;
  assert.equal(pacer.waitMs(), 0);
});
