import assert from "node:assert/strict";
import test from "node:test";

import { Sharing } from "../../../extension/background/sharing.js";

/** A storage area as the browser's, in memory. */
function store() {
  const kept = new Map();
  return {
    kept,
    get: async (key) => (kept.has(key) ? { [key]: structuredClone(kept.get(key)) } : {}),
    set: async (items) => {
      for (const [key, value] of Object.entries(items)) kept.set(key, structuredClone(value));
    },
    remove: async (key) => void kept.delete(key),
  };
}

function world() {
  const local = store();
  const session = store();
  const shown = [];
  const clock = { day: "2026-05-09" };
  const sharing = new Sharing({
    local,
    session,
    day: () => clock.day,
    badge: (text) => shown.push(text),
  });
  const routes = sharing.routes();
  /** @param {string} method */
  const ask = (method, params = {}, speaker = guard()) =>
    routes.get(method).handle(params, speaker);
  /** @param {object} counts */
  const count = (counts, speaker = guard()) => sharing.count(counts, speaker);
  return { local, session, shown, clock, routes, sharing, ask, count };
}

const guard = ({
  url = "https://a.example/up?load",
  origin = undefined,
  top = url,
  incognito = false,
} = {}) => ({
  url,
  origin,
  tab: { id: 1, url: top, incognito },
});

test("at first it asks, everywhere, and changes no names", async () => {
  const { ask } = world();
  assert.deepEqual(await ask("sharing.begin"), {
    rule: "ask",
    site: "a.example",
    neutral_names: false,
    neutral_dates: false,
  });
});

test("a site is remembered as the browser names it, listed, and forgotten", async () => {
  const { ask, local } = world();
  await ask("sharing.remember", { rule: "remove", origin: "https://b.example" });
  await ask("sharing.remember", { rule: "share" }, guard({ url: "https://c.example:8443/" }));
  assert.equal((await ask("sharing.begin")).rule, "remove");
  assert.equal((await ask("sharing.begin", {}, guard({ url: "http://a.example/" }))).rule, "ask");
  assert.deepEqual((await ask("sharing.overview")).sites, [
    { origin: "https://c.example:8443", rule: "share" },
    { origin: "https://a.example", rule: "remove" },
  ]);
  await ask("sharing.forget", { origin: "https://a.example" });
  assert.equal((await ask("sharing.begin")).rule, "ask");
  await ask("sharing.forget", { origin: "https://c.example:8443" });
  assert.deepEqual([...local.kept.keys()], []);
});

test("nothing is remembered from a private window or for what is of no site", async () => {
  const { ask, local, count } = world();
  const others = [
    guard({ incognito: true }),
    guard({ origin: "null" }),
    guard({ url: "about:blank" }),
    guard({ url: "file:///home/photo.html" }),
  ];
  for (const speaker of others) {
    assert.equal((await ask("sharing.begin", {}, speaker)).site, null);
    await assert.rejects(ask("sharing.remember", { rule: "share" }, speaker));
  }
  await assert.rejects(ask("sharing.remember", { rule: "ask" }));
  await count({ found: 2, cleaned: 2 }, guard({ incognito: true }));
  assert.deepEqual([...local.kept.keys()], []);
});

test("neutral names that were ticked along with always are used there, and nowhere else", async () => {
  const { ask } = world();
  await ask("sharing.remember", { rule: "remove_rename" });
  const { rule, neutral_names } = await ask("sharing.begin");
  assert.deepEqual([rule, neutral_names], ["remove", true]);
  const other = guard({ url: "https://b.example/" });
  assert.equal((await ask("sharing.begin", {}, other)).neutral_names, false);
  assert.deepEqual((await ask("sharing.overview")).sites, [
    { origin: "https://a.example", rule: "remove_rename" },
  ]);
});

test("a frame is of its own site, whatever page is around it", async () => {
  const { ask } = world();
  await ask("sharing.remember", { rule: "share" });
  const inner = guard({ url: "https://inner.example/", top: "https://a.example/" });
  assert.equal((await ask("sharing.begin", {}, inner)).rule, "ask");
});

test("a pause is for the page in front and its frames, until the browser is closed", async () => {
  const { ask, local, session, sharing } = world();
  await ask("sharing.pause", { origin: "https://a.example", is_paused: true });
  assert.equal((await ask("sharing.begin")).rule, "pause");
  const inner = guard({ url: "about:blank", top: "https://a.example/" });
  assert.equal((await ask("sharing.begin", {}, inner)).rule, "pause");
  assert.deepEqual(await ask("sharing.site", { origin: "https://a.example" }), {
    rule: "ask",
    is_paused: true,
  });
  assert.equal(local.kept.size, 0);
  assert.equal(session.kept.size, 1);
  await ask("sharing.pause", { origin: "https://a.example", is_paused: false });
  assert.equal((await ask("sharing.begin")).rule, "ask");
  await ask("sharing.pause", { origin: "https://a.example", is_paused: true });
  await sharing.endPauses();
  assert.equal((await ask("sharing.begin")).rule, "ask");
});

test("of the day two numbers are kept, of past days nothing", async () => {
  const { ask, clock, local, shown, count } = world();
  await Promise.all([count({ found: 3, cleaned: 2 }), count({ found: 1, cleaned: 1 })]);
  assert.deepEqual((await ask("sharing.overview")).today, { found: 4, cleaned: 3 });
  assert.deepEqual(local.kept.get("sharing_today"), { day: "2026-05-09", found: 4, cleaned: 3 });
  assert.equal(shown.at(-1), "3");
  clock.day = "2026-05-10";
  assert.deepEqual((await ask("sharing.overview")).today, { found: 0, cleaned: 0 });
  await count({ found: 1, cleaned: 0 });
  assert.deepEqual(local.kept.get("sharing_today"), { day: "2026-05-10", found: 1, cleaned: 0 });
  assert.equal(shown.at(-1), "");
});

test("on a new day the button shows no count of the day before, and nothing of it is kept", async () => {
  const { ask, clock, local, sharing, shown, count } = world();
  await count({ found: 3, cleaned: 2 });
  const times = shown.length;
  await sharing.noteDay();
  assert.equal(shown.length, times, "the same day, drawn again");
  clock.day = "2026-05-10";
  await sharing.noteDay();
  assert.equal(shown.at(-1), "");
  assert.deepEqual([...local.kept.keys()], []);
  await count({ found: 1, cleaned: 1 });
  clock.day = "2026-05-11";
  await ask("sharing.overview");
  assert.equal(shown.at(-1), "");
  assert.deepEqual([...local.kept.keys()], []);
});

test("what is no count, option or site is refused", async () => {
  const { ask, count } = world();
  await assert.rejects(count({ found: -1, cleaned: 0 }));
  await assert.rejects(count({ found: 1e9, cleaned: 0 }));
  await assert.rejects(ask("sharing.option", { name: "toString", is_on: true }));
  await assert.rejects(ask("sharing.option", { name: "neutral_names", is_on: 1 }));
  for (const origin of ["x", "about:blank", "moz-extension://abc", 5]) {
    await assert.rejects(ask("sharing.pause", { origin, is_paused: true }));
  }
});

test("options reach the guard, and the number on the button can be switched off", async () => {
  const { ask, shown, count } = world();
  await count({ found: 1, cleaned: 1 });
  await ask("sharing.option", { name: "shows_count", is_on: false });
  assert.equal(shown.at(-1), "");
  const options = await ask("sharing.option", { name: "neutral_names", is_on: true });
  assert.deepEqual(options, { neutral_names: true, neutral_dates: false, shows_count: false });
  assert.equal((await ask("sharing.begin")).neutral_names, true);
});

test("a page's guard may begin and remember; the rest is for our own pages", () => {
  const { routes } = world();
  const forGuards = [...routes].filter(([, { senders }]) => senders.has("content"));
  assert.deepEqual(
    forGuards.map(([method]) => method),
    ["sharing.begin", "sharing.remember"],
  );
  for (const [, { senders }] of forGuards) assert.ok(!senders.has("page"));
});
