import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PageSaver } from "../../../extension/background/capture.js";
import { PART_BYTES } from "../../../extension/generated/wire.js";
import { Failure } from "../../../extension/shared/failure.js";
import { SAVING_KEY } from "../../../extension/shared/saving.js";

const TAB = { id: 7, windowId: 1, url: "https://a.example/", title: "A page", active: true };
const MEASURE = {
  url: TAB.url,
  viewport: { width: 100, height: 100 },
  page: { width: 100, height: 100 },
  device_pixel_ratio: 1,
  loaded_from: TAB.url,
  has_inner_pane: false,
};
const SEALED = { case_id: "c", item_id: "i", missing: [], parts: [], size_bytes: 1 };

/** What the functions that run in the page answer, by their name. */
let inPage;
let calls;
let badges;
let kept;

beforeEach(() => {
  calls = [];
  badges = [];
  kept = new Map();
  inPage = {
    begin: () => MEASURE,
    step: () => ({ x: 0, y: 0, page: MEASURE.page }),
    position: () => ({ x: 0, y: 0 }),
    putBack: () => true,
    visibleText: () => "words of the page",
  };
  globalThis.chrome = {
    scripting: {
      executeScript: async ({ func, args, files }) => {
        if (files) return [{}];
        return [{ result: await inPage[func.name]?.(...args) }];
      },
    },
    tabs: {
      get: async () => TAB,
      captureVisibleTab: async () => "data:image/png;base64,QUJD",
    },
    runtime: {
      getPlatformInfo: async () => ({ os: "linux", arch: "x86-64" }),
      getManifest: () => ({ version: "0.1.0" }),
      getBrowserInfo: async () => ({ name: "Browser", version: "1" }),
    },
    webRequest: {},
    i18n: { getMessage: (key) => key },
  };
});

/** @param {Record<string, (params: any) => unknown>} answers of the daemon */
function newSaver(answers = {}) {
  return new PageSaver({
    daemon: {
      call: async (method, params, sender) => {
        assert.equal(sender, "background");
        calls.push([method, params]);
        const given = {
          "capture.begin": () => ({ capture_id: "k", age_answer: "adults" }),
          ...answers,
        };
        return given[method]?.(params) ?? {};
      },
    },
    loads: { of: async () => null },
    store: {
      get: async (key) => (kept.has(key) ? { [key]: kept.get(key) } : {}),
      set: async (values) => Object.entries(values).forEach(([key, value]) => kept.set(key, value)),
      remove: async (key) => kept.delete(key),
    },
    badge: (_tab, text) => badges.push(text),
    askPerson: () => badges.push("asked"),
  });
}

async function ended() {
  for (let turn = 0; turn < 400; turn += 1) {
    const state = kept.get(SAVING_KEY);
    if (state && state.state !== "running") return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it never ended");
}

function methods() {
  return calls.map(([method]) => method);
}

test("a page is called saved once the daemon has sealed it, not before", async () => {
  let stateAtSeal;
  const saver = newSaver({
    "capture.seal": () => {
      stateAtSeal = kept.get(SAVING_KEY).state;
      return SEALED;
    },
  });
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "sealed", sealed: SEALED, is_text_only: false });
  assert.equal(stateAtSeal, "running");
  assert.deepEqual(badges, ["…", "✓"]);
  assert.ok(!methods().includes("capture.cancel"));
});

test("the window is pictured before anything else", async () => {
  const saver = newSaver({ "capture.seal": () => SEALED });
  await saver.start(TAB);
  await ended();
  const names = calls.filter(([method]) => method === "capture.part").map(([, { name }]) => name);
  assert.equal(names[0], "screenshot-window.png");
  assert.deepEqual(names.slice(1), ["tiles/0001.png", "text.txt"]);
});

/** A page that is five windows high. */
function longPage() {
  const page = { width: 100, height: 500 };
  inPage.begin = () => ({ ...MEASURE, page });
  let at;
  inPage.step = (_token, x, y) => ({ ...(at = { x, y }), page });
  inPage.position = () => at;
}

test("each shot is placed once it was sent whole, before the next one is", async () => {
  longPage();
  const saver = newSaver({ "capture.seal": () => SEALED });
  await saver.start(TAB);
  assert.equal((await ended()).state, "sealed");
  const shots = calls.filter(([, { name, tile }]) => (name ?? tile?.name)?.startsWith("tiles/"));
  const expected = [1, 2, 3, 4, 5].flatMap((number) => [
    ["capture.part", `tiles/000${number}.png`],
    ["capture.place", { name: `tiles/000${number}.png`, x: 0, y: number * 100 - 100 }],
  ]);
  assert.deepEqual(
    shots.map(([method, { name, tile }]) => [method, name ?? tile]),
    expected,
  );
  const [, { record }] = calls.find(([method]) => method === "capture.seal");
  assert.deepEqual(
    record.tiles,
    expected.filter(([method]) => method === "capture.place").map(([, tile]) => tile),
  );
});

for (const [code, state] of [
  ["unknown_method", "sealed"],
  ["bad_part", "sealed"],
  ["disk_full", "failed"],
]) {
  test(`a shot that is not placed because of ${code}: ${state}`, async () => {
    const saver = newSaver({
      "capture.place": () => {
        throw new Failure(code, "No.");
      },
      "capture.seal": () => SEALED,
    });
    await saver.start(TAB);
    assert.equal((await ended()).state, state);
    const sealing = calls.find(([method]) => method === "capture.seal");
    const names = sealing?.[1].record.missing.map(({ name }) => name);
    assert.ok(!names?.includes("screenshot-full.png"));
  });
}

test("a seal that fails is a failure, and the capture is given up", async () => {
  const saver = newSaver({
    "capture.seal": () => {
      throw new Failure("disk_full", "The disk is full.");
    },
  });
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "failed", code: "disk_full" });
  assert.deepEqual(badges, ["…", "!"]);
  assert.equal(methods().at(-1), "capture.cancel");
});

test("a part that cannot be had is listed, and the others are kept", async () => {
  const saver = newSaver({ "capture.seal": () => SEALED });
  chrome.tabs.captureVisibleTab = async () => {
    throw new Error("image readback failed");
  };
  await saver.start(TAB);
  await ended();
  const [, { record }] = calls.find(([method]) => method === "capture.seal");
  const names = record.missing.map(({ name }) => name);
  for (const name of ["screenshot-window.png", "screenshot-full.png", "page.html"]) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(!names.includes("text.txt"));
});

test("parts go out in order and in pieces that the wire takes", async () => {
  const long = "é".repeat(PART_BYTES);
  inPage.visibleText = () => long;
  const saver = newSaver({ "capture.seal": () => SEALED });
  await saver.start(TAB);
  await ended();
  const pieces = calls
    .filter(([method, { name }]) => method === "capture.part" && name === "text.txt")
    .map(([, params]) => params);
  assert.deepEqual(
    pieces.map(({ sequence }) => sequence),
    [0, 1],
  );
  const bytes = pieces.map(({ data }) => Buffer.from(data, "base64"));
  assert.ok(bytes.every(({ length }) => length <= PART_BYTES));
  assert.equal(Buffer.concat(bytes).toString("utf8"), long);
});

test("a page that is not the one that was clicked is not begun", async () => {
  inPage.begin = () => ({ ...MEASURE, url: "https://b.example/" });
  const saver = newSaver();
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "failed", code: "page_changed" });
  assert.deepEqual(methods(), []);
});

test("a page that was replaced at the end is not sealed", async () => {
  inPage.putBack = () => false;
  const saver = newSaver({ "capture.seal": () => assert.fail("sealed") });
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "failed", code: "page_changed" });
  assert.equal(methods().at(-1), "capture.cancel");
});

test("stopping ends at once what never answers", async () => {
  inPage.step = () => new Promise(() => undefined);
  const saver = newSaver();
  await saver.start(TAB);
  await new Promise((resolve) => setTimeout(resolve, 50));
  saver.stop();
  assert.deepEqual(await ended(), { state: "failed", code: "stopped" });
});

test("a page that is left ends the capture, one that loads a part of itself does not", async () => {
  inPage.step = () => new Promise(() => undefined);
  const saver = newSaver();
  await saver.start(TAB);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await saver.tabLoads(TAB.id);
  assert.equal(kept.get(SAVING_KEY).state, "running");
  inPage.position = () => null;
  await saver.tabLoads(8);
  assert.equal(kept.get(SAVING_KEY).state, "running");
  await saver.tabLoads(TAB.id);
  assert.deepEqual(await ended(), { state: "failed", code: "page_changed" });
});

test("a daemon that is gone ends the capture", async () => {
  const saver = newSaver({
    "capture.part": () => {
      throw new Failure("daemon_gone", "The connection to the program ended.");
    },
  });
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "failed", code: "daemon_gone" });
});

test("only one page is saved at a time", async () => {
  inPage.step = () => new Promise(() => undefined);
  const saver = newSaver();
  await saver.start(TAB);
  await assert.rejects(saver.start(TAB), { code: "busy" });
  saver.stop();
  await ended();
});

test("a tab without an address is refused", async () => {
  await assert.rejects(newSaver().start({ id: 7, windowId: 1 }), { code: "page_refused" });
});

test("a capture under which the worker died is told of as failed", async () => {
  kept.set(SAVING_KEY, { state: "running", tab_id: 7, step: "full_page", done: 3, total: 9 });
  await newSaver().recover();
  assert.deepEqual(kept.get(SAVING_KEY), { state: "failed", code: "daemon_gone" });
  assert.deepEqual(badges, ["!"]);
});

test("a result is not touched when the worker starts again", async () => {
  kept.set(SAVING_KEY, { state: "sealed", sealed: SEALED, is_text_only: false });
  await newSaver().recover();
  assert.deepEqual(kept.get(SAVING_KEY), { state: "sealed", sealed: SEALED, is_text_only: false });
});

const UNASKED = { "capture.begin": () => ({ capture_id: "k", age_answer: "unasked" }) };

test("before the first pixel of a new case the one question is asked, and nothing is kept", async () => {
  chrome.tabs.captureVisibleTab = async () => assert.fail("a picture was taken");
  const saver = newSaver(UNASKED);
  await saver.start(TAB);
  assert.deepEqual(await ended(), { state: "asking", tab_id: 7 });
  assert.deepEqual(methods(), ["capture.begin", "capture.cancel"]);
  assert.deepEqual(badges, ["…", "?", "asked"]);
});

test("what was answered goes to the daemon, and is not asked again", async () => {
  const saver = newSaver({ ...UNASKED, "capture.seal": () => SEALED });
  await saver.start(TAB, { case_id: "c", age_answer: "adults" });
  assert.equal((await ended()).state, "sealed");
  assert.deepEqual(calls[0], ["capture.begin", { case_id: "c", age_answer: "adults" }]);
});

for (const [how, begun, wish] of [
  ["answered now", "unasked", { case_id: null, age_answer: "minor_or_unsure" }],
  ["known of the case", "minor_or_unsure", { case_id: null, age_answer: null }],
]) {
  test(`under 18 or not sure, ${how}: words only, and every picture missing for that`, async () => {
    chrome.tabs.captureVisibleTab = async () => assert.fail("a picture was taken");
    const saver = newSaver({
      "capture.begin": () => ({ capture_id: "k", age_answer: begun }),
      "capture.seal": () => SEALED,
    });
    await saver.start(TAB, wish);
    assert.deepEqual(await ended(), { state: "sealed", sealed: SEALED, is_text_only: true });
    const sent = calls.filter(([method]) => method === "capture.part").map(([, { name }]) => name);
    assert.deepEqual([...new Set(sent)], ["text.txt"]);
    const [, { record }] = calls.find(([method]) => method === "capture.seal");
    const under = record.missing.filter(({ why }) => why === "missing_under_18");
    assert.deepEqual(
      under.map(({ name }) => name),
      ["screenshot-window.png", "screenshot-full.png", "page.html"],
    );
  });
}
