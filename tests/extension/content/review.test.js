import assert from "node:assert/strict";
import test from "node:test";

import { englishWords, load } from "./load.js";

/** From files to a decision; the background, the looks and the person are stood in for. */

const FINDING = { kind: "location", where: "JPEG", summary: "s", value: "1,2" };
const TELLING = { state: "private", findings: [FINDING], plan: [] };
const UNPROVEN = { state: "doubt", why: "unproven", findings: [] };
const BEGUN = { rule: "ask", site: "a.example", neutral_names: false, neutral_dates: false };

/** What the parts below are told by, and tell; each test has its own. @type {any} */
let world;

globalThis.chrome = { i18n: { getMessage: englishWords() } };
globalThis.sharewiseLine = () => ({
  openLine: () => ({
    ask: () => Promise.resolve({}),
    count: (counts) => world.counts.push(counts),
    cuts: () => 0,
    open: () => undefined,
    close: () => undefined,
  }),
  tell: (method, params) => world.tell(method, params),
});
globalThis.sharewiseInspection = () => ({
  judge: (file) => Promise.resolve(world.judge(file)),
  clean: (file) => Promise.resolve(world.clean(file)),
  eachLimited: (items, _, work) => Promise.all(items.map(work)),
});
globalThis.sharewiseCard = () => ({ inTurn: (work) => work() });
globalThis.sharewiseCardParts = () => ({ language: () => "en" });
globalThis.sharewiseTopCard = () => ({
  open: (view) => {
    world.views.push(view);
    const early = [];
    let last = 0;
    let isOpen = true;
    return {
      update: (next) => world.views.push(next),
      choose: (choice) => early.push({ choice }),
      close: () => {
        isOpen = false;
      },
      // As on the card: nothing is chosen while it works, and only the last to ask is answered.
      reply: async () => {
        last += 1;
        const mine = last;
        do await settled();
        while (isOpen && mine === last && world.views.at(-1).isBusy);
        if (!isOpen || mine !== last) return new Promise(() => undefined);
        return early.shift() ?? world.person(world.views.at(-1));
      },
    };
  },
});

const { review } = load("sharewiseReview", "naming.js", "words.js", "view.js", "review.js");

/** Let every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
/** @param {string} name */
const photo = (name = "a.jpg", text = "as it was") =>
  Object.assign(new File([text], name, { type: "image/jpeg" }), { webkitRelativePath: "" });
/** @param {File} file */
const copyOf = ({ name }) => photo(name, "cleaned");

/**
 * @param {object} given
 * @param {object[]} [given.replies] what the person does, in turn
 */
function start({ begun = BEGUN, judge = () => TELLING, clean, replies = [] } = {}) {
  const asked = [];
  world = {
    asked,
    counts: [],
    views: [],
    judge,
    clean: clean ?? ((file) => ({ file: copyOf(file), doubt: null })),
    tell: async (method, params) => {
      asked.push([method, params]);
      return method === "sharing.begin" ? begun : {};
    },
    person: ({ headline }) => {
      assert.notEqual(replies.length, 0, `asked more than was foreseen: ${headline}`);
      return replies.shift();
    },
  };
  return world;
}

/** @param {object} given */
const remembered = ({ asked }) =>
  asked.filter(([method]) => method === "sharing.remember").map(([, { rule }]) => rule);

for (const choice of ["remove", "share"]) {
  test(`"always" remembers what was chosen with it: ${choice}`, async () => {
    const made = start({ replies: [{ check: "always", isOn: true }, { choice }] });
    await review([photo()]);
    assert.deepEqual(remembered(made), [choice]);
  });
}

for (const [name, rule] of [
  ["IMG_20260509_204117.jpg", "remove_rename"],
  ["a.jpg", "remove"],
]) {
  test(`"always" remembers neutral names where the card offers them: ${rule}`, async () => {
    const made = start({
      replies: [
        { check: "neutral", isOn: true },
        { check: "always", isOn: true },
        { choice: "remove" },
      ],
    });
    await review([photo(name)]);
    assert.deepEqual(remembered(made), [rule]);
  });
}

test('"always" that was ticked to remove never turns into sharing without a check', async () => {
  const made = start({
    clean: (file) => ({ file: copyOf(file), doubt: UNPROVEN }),
    replies: [{ check: "always", isOn: true }, { choice: "remove" }, { choice: "share_cleaned" }],
  });
  const decision = await review([photo()]);
  assert.equal(await decision.files[0].text(), "cleaned");
  assert.deepEqual(remembered(made), []);
});

test("what is shared cleaned but not proved gets its neutral name all the same", async () => {
  start({
    begun: { ...BEGUN, neutral_names: true },
    clean: (file) => ({ file: copyOf(file), doubt: UNPROVEN }),
    replies: [{ choice: "remove" }, { choice: "share_cleaned" }],
  });
  const decision = await review([photo("IMG_20260509_204117.jpg")]);
  assert.deepEqual(
    decision.files.map(({ name }) => name),
    ["photo-1.jpg"],
  );
});

test("what is shared as it is keeps its name", async () => {
  start({ begun: { ...BEGUN, neutral_names: true }, replies: [{ choice: "share" }] });
  const decision = await review([photo("IMG_20260509_204117.jpg")]);
  assert.equal(decision.files[0].name, "IMG_20260509_204117.jpg");
});

test("a background that gives no answer is asked once more what the person chose", async () => {
  const answers = [null, { ...BEGUN, neutral_names: true }];
  const made = start({ judge: () => ({ state: "fine" }) });
  made.tell = async () => answers.shift();
  const decision = await review([photo("IMG_20260509_204117.jpg")]);
  assert.equal(decision.files[0].name, "photo-1.jpg");
});

test("what the person chose before holds though the background is slow to say it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let say = () => undefined;
  const begun = new Promise((resolve) => {
    say = resolve;
  });
  start({ begun, judge: () => ({ state: "fine" }) });
  const deciding = review([photo("IMG_20260509_204117.jpg")]);
  await settled();
  t.mock.timers.tick(2000);
  await settled();
  say({ ...BEGUN, neutral_names: true });
  assert.equal((await deciding).files[0].name, "photo-1.jpg");
});

test("what was found is counted, also where it could not be removed or not be proved", async () => {
  const outcomes = new Map([
    ["stuck.jpg", { state: "doubt", why: "stuck", findings: [FINDING] }],
    ["kind.jpg", { state: "doubt", why: "kind", findings: [] }],
    ["fine.jpg", { state: "fine" }],
  ]);
  const made = start({
    judge: ({ name }) => outcomes.get(name) ?? TELLING,
    clean: (file) => ({ file: copyOf(file), doubt: file.name === "b.jpg" ? UNPROVEN : null }),
    replies: [{ choice: "remove" }, { choice: "share_cleaned" }],
  });
  await review(["a.jpg", "b.jpg", ...outcomes.keys()].map((name) => photo(name)));
  assert.deepEqual(made.counts, [{ found: 3, cleaned: 1 }]);
});
