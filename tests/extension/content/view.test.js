import assert from "node:assert/strict";
import test from "node:test";

import { englishWords, load } from "./load.js";

const { view: viewOf } = load("sharewiseView", "naming.js", "words.js", "view.js");
const message = englishWords();

const DOUBTS = ["kind", "damaged", "stuck", "unproven", "daemon", "unreadable", "failed"];

/** @param {string} kind */
const finding = (kind, value = null) => ({ kind, where: "JPEG", summary: "English", value });

/** @param {object | null} outcome */
const item = (outcome, name = "a.jpg") => ({
  file: { name, size: 3_400_000, type: "image/jpeg", webkitRelativePath: "" },
  outcome,
  cleaned: null,
});
/** @param {object[]} findings */
const revealing = (...findings) => item({ state: "private", findings, plan: [] });
/** @param {string} why */
const doubtful = (why, ...findings) => item({ state: "doubt", why, findings });
const fine = item({ state: "fine" });

/** @param {object[]} items */
const view = (...items) => viewOf(items, message, "en");
/** @param {object} shown */
const choices = (shown) => shown.buttons.map(({ choice }) => choice);
test("one private photo: the headline says the worst, the default removes it", () => {
  const shown = view(revealing(finding("time", "2025-05-03"), finding("location", "1.5,2.5")));
  assert.equal(shown.headline, "This photo says where it was taken");
  assert.equal(shown.caption, "a.jpg · 3.4 MB");
  assert.deepEqual(choices(shown), ["remove", "share", "cancel"]);
  assert.deepEqual(shown.rows, []);
});

test("a film or a document is not called a photo", () => {
  const placed = revealing(finding("location", "1.5,2.5"));
  const film = { ...placed, file: { ...placed.file, type: "video/mp4" } };
  assert.equal(view(film).headline, "This file says where it was made");
  const titled = revealing(finding("person", "Anna"));
  const document = { ...titled, file: { ...titled.file, type: "application/pdf" } };
  assert.equal(view(document).headline, "This file carries private details");
  // A browser may not know the type of a new kind of picture.
  const unknown = { ...placed, file: { ...placed.file, type: "" } };
  assert.equal(view(unknown).headline, "This photo says where it was taken");
});

test("where some files were checked, the note does not say that none was", () => {
  assert.match(view(doubtful("daemon"), doubtful("daemon")).note, /^So nothing was checked/);
  assert.match(view(doubtful("daemon"), fine).note, /^1 of the files could not be checked/);
});

test("many files: one list, and the count of those that matter", () => {
  const shown = view(revealing(finding("location", "1,2")), revealing(finding("time")), fine);
  assert.equal(shown.headline, "1 of these 3 files say where they were taken");
  assert.deepEqual(
    shown.rows.map(({ topic, line }) => [topic, line]),
    [
      ["where", "place"],
      ["when", "date"],
      ["fine", "Nothing private found"],
    ],
  );
  assert.deepEqual(shown.groups, []);
  assert.deepEqual(
    shown.buttons.map(({ label }) => label),
    ["Remove and share", "Share as they are", "Cancel"],
  );
});

test("a card writes its numbers in one way", () => {
  const timed = revealing(finding("time"));
  const shown = viewOf([timed, fine, doubtful("kind")], message, "ar-EG");
  assert.match(shown.caption, /٣/);
  assert.match(shown.headline, /١ of these ٣ files/);
  assert.match(shown.note, /^١ of the files/);
});

test("when it is true of all files, the headline says so", () => {
  const placed = revealing(finding("location", "1,2"));
  assert.equal(view(placed, placed).headline, "All 2 files say where they were taken");
  const timed = revealing(finding("time"));
  assert.equal(view(timed, timed).headline, "All 2 files carry private details");
  assert.equal(view(timed, fine).headline, "1 of these 2 files carry private details");
});

test("what could not be checked is said before it is shared along with the rest", () => {
  const shown = view(revealing(finding("time")), doubtful("damaged"));
  assert.match(shown.note, /^1 of the files could not be checked/);
});

test("each doubt has words for one file and for many, and a way out", () => {
  for (const why of DOUBTS) {
    for (const items of [[doubtful(why)], [doubtful(why), fine]]) {
      const shown = view(...items);
      assert.notEqual(shown.headline, "");
      assert.notEqual(shown.note, "");
      assert.ok(choices(shown).includes("cancel"));
      assert.ok(choices(shown).some((choice) => choice.startsWith("share")));
      assert.ok(!choices(shown).includes("remove"));
    }
  }
});

test("sharing what was not checked is never the default", () => {
  for (const why of DOUBTS) assert.doesNotMatch(choices(view(doubtful(why)))[0], /^share/);
  assert.equal(choices(view(item(null)))[0], "cancel");
});

test("a dropped folder can only be taken back, whatever lies beside it", () => {
  const shown = view(revealing(finding("location")), doubtful("folder"));
  assert.equal(shown.headline, "Sharewise cannot check a dropped folder yet");
  assert.deepEqual(choices(shown), ["cancel"]);
});

test("trying again is offered where it can help", () => {
  assert.equal(choices(view(doubtful("daemon")))[0], "retry");
  assert.ok(!choices(view(doubtful("kind"))).includes("retry"));
});

test("a copy that is not proved is shared only as such", () => {
  assert.ok(choices(view(doubtful("unproven"))).includes("share_cleaned"));
});

test("what cannot be removed is still named", () => {
  const shown = view(doubtful("stuck", finding("location", "1.234,2.345")));
  assert.equal(shown.groups[0].topic, "where");
});

test("while files are looked at, the person can wait or decide", () => {
  const shown = view(item(null), fine);
  assert.deepEqual(choices(shown), ["cancel", "share"]);
  assert.equal(shown.headline, "Still checking");
});

test("each of many files has a fate of its own, and the worst ones come first", () => {
  const shown = view(fine, revealing(finding("time")), doubtful("kind"));
  assert.deepEqual(
    shown.rows.map(({ index, topic }) => [index, topic]),
    [
      [2, "doubt"],
      [1, "when"],
      [0, "fine"],
    ],
  );
  assert.deepEqual(
    shown.rows.map(({ fates }) =>
      fates.map(({ fate, isChosen }) => `${fate}${isChosen ? "*" : ""}`),
    ),
    [
      ["share*", "leave"],
      ["remove*", "share", "leave"],
      ["share*", "leave"],
    ],
  );
});

test("once something is chosen for one file, the choice is said in numbers", () => {
  const kept = { ...revealing(finding("time")), wish: "leave" };
  const shown = view(kept, revealing(finding("time")), fine);
  assert.deepEqual(choices(shown), ["chosen", "cancel"]);
  assert.equal(shown.note, "Cleaned: 1. As they are: 1. Left out: 1.");
  assert.deepEqual(shown.checks, []);
  assert.deepEqual(choices(view(kept, kept)), ["cancel"]);
  assert.equal(choices(view(kept, doubtful("kind")))[0], "cancel");
});

test("always is offered for a site that can be remembered, where nothing is in doubt", () => {
  const placed = revealing(finding("location", "1,2"));
  const offered = (items, setting) =>
    viewOf(items, message, "en", setting).checks.map(({ check, isOn }) => [check, isOn]);
  assert.deepEqual(offered([placed], { site: "a.example" }), [["always", false]]);
  assert.deepEqual(offered([placed], { site: "a.example", isAlways: true }), [["always", true]]);
  assert.deepEqual(offered([placed], { site: null }), []);
  assert.deepEqual(offered([placed, doubtful("kind")], { site: "a.example" }), []);
  assert.deepEqual(offered([item(null)], { site: "a.example" }), []);
});

test("a name that gives something away is said, and a neutral one offered", () => {
  const named = {
    ...revealing(finding("time")),
    file: { ...fine.file, name: "2025-05-03 14.02.jpg" },
  };
  const shown = view(named);
  const text = shown.groups.find(({ topic }) => topic === "text");
  assert.match(text.lines[0], /^The file name holds Saturday, May 3, 2025 at 2:02.PM$/);
  assert.deepEqual(
    shown.checks.map(({ label }) => label),
    ["Also rename it to photo-1.jpg"],
  );
  assert.equal(view({ ...named, file: { ...named.file, type: "text/plain" } }).checks.length, 0);
});

test("places are dots on a map, once each, and none where there is no place on earth", () => {
  const at = (value) => revealing(finding("location", value));
  assert.deepEqual(
    view(at("45.5,4.5"), at("45.501,4.501"), at("-1,2"), at("99,0"), at("x")).places,
    [
      { latitude: 45.501, longitude: 4.501 },
      { latitude: -1, longitude: 2 },
    ],
  );
  assert.deepEqual(view(fine, fine).places, []);
});

test("a long look at many files says how far it is, and lists nothing yet", () => {
  const shown = view(item(null), fine, fine);
  assert.deepEqual(shown.progress, { done: 2, total: 3 });
  assert.deepEqual(shown.rows, []);
  assert.equal(view(item(null)).progress, null);
});
