import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { audienceOf, partsFor } from "../../../extension/pages/guide/branch.js";
import { contactsFor, countriesOf, emergencyOf } from "../../../extension/pages/guide/contacts.js";
import { linesFor } from "../../../extension/pages/guide/parts.js";
import { leaveOnShift, leaver } from "../../../extension/pages/guide/quick_exit.js";

const GUIDE = new URL("../../../extension/pages/guide/", import.meta.url);
const [plan, emergency, { contacts }] = await Promise.all(
  ["plan.en.json", "emergency.json", "contacts.en.json"].map(async (name) =>
    JSON.parse(await readFile(new URL(name, GUIDE), "utf8")),
  ),
);
const words = JSON.parse(
  await readFile(new URL("../../../extension/_locales/en/messages.json", import.meta.url), "utf8"),
);
const PARTS = new Map([...plan.steps, ...plan.sections].map((part) => [part.id, part]));
const CALM = { device: "no", danger: "no", minor: "no", posted: "no", known: "no" };
const UNSURE = Object.fromEntries(Object.keys(CALM).map((name) => [name, "unsure"]));
const DAY = /^\d{4}-\d{2}-\d{2}$/;

test("danger comes before the device, the device before everything else", () => {
  const parts = partsFor({ ...CALM, device: "yes", danger: "yes", minor: "yes" });
  assert.deepEqual(parts.slice(0, 4), [
    "danger-now",
    "they-may-see-this-device",
    "under-18",
    "step-1",
  ]);
});

test("what was not answered is treated as if it might be so", () => {
  const parts = partsFor(UNSURE);
  for (const id of PARTS.keys()) assert.ok(parts.includes(id), id);
});

test("saving comes before reporting, and what is posted right after saving", () => {
  const parts = partsFor({ ...CALM, posted: "yes" });
  assert.equal(parts[parts.indexOf("step-4") + 1], "already-posted");
  assert.ok(parts.indexOf("already-posted") < parts.indexOf("step-5"));
  assert.ok(!parts.includes("threat-only"));
});

test("a stranger and somebody one knows are told apart", () => {
  assert.ok(!partsFor({ ...CALM, known: "no" }).includes("someone-you-know"));
  assert.ok(!partsFor({ ...CALM, known: "yes" }).includes("a-stranger"));
});

test("not sure of the age means under 18", () => {
  assert.equal(audienceOf({ minor: "unsure" }), "minor");
  assert.equal(audienceOf({ minor: "yes" }), "minor");
  assert.equal(audienceOf({ minor: "no" }), "adult");
});

test("whoever may be under 18 is never told to save pages or to use StopNCII", () => {
  const told = [...PARTS.values()].flatMap((part) =>
    linesFor([...(part.do ?? []), ...[part.tool ?? []].flat()], "minor"),
  );
  for (const line of told) {
    assert.doesNotMatch(line, /use StopNCII|Save their profile page|Save the messages/i);
    if (/\*Save this page\*/.test(line)) assert.match(line, /Do not use it/);
  }
});

test("every branch leads to parts that are there", () => {
  for (const reply of ["yes", "no", "unsure"]) {
    const answers = Object.fromEntries(Object.keys(CALM).map((name) => [name, reply]));
    for (const id of partsFor(answers)) assert.ok(PARTS.has(id), id);
  }
});

test("links inside the guide lead to parts of it", () => {
  const links = [...JSON.stringify(plan).matchAll(/\]\(#([a-z0-9-]+)\)/g)];
  assert.ok(links.length > 0);
  for (const [, id] of links) assert.ok(PARTS.has(id), id);
});

test("sentences are short enough to be read under stress", () => {
  const texts = [...PARTS.values()].flatMap((part) => [
    ...(part.text ?? []),
    part.why ?? "",
    ...["do", "do_not", "list"].flatMap((key) =>
      (part[key] ?? []).map((line) => (typeof line === "string" ? line : line.text)),
    ),
  ]);
  const lengths = texts
    .flatMap((text) => text.split(/[.!?:]\s/))
    .map((sentence) => sentence.split(/\s+/).length);
  assert.ok(Math.max(...lengths) <= 27, `${Math.max(...lengths)} words`);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  assert.ok(mean < 13, `${mean} words a sentence`);
});

test("titles of windows, buttons and menus do not tell what the guide is for", () => {
  const seen = ["name", "description", "command_capture"].concat(
    Object.keys(words).filter((key) => key.startsWith("popup_")),
  );
  for (const key of seen) {
    assert.doesNotMatch(
      words[key].message,
      /threat|blackmail|sextort|victim|abuse|nude|intimate|evidence|police/i,
      key,
    );
  }
});

test("every contact has an address, a source and the day it was seen", () => {
  assert.ok(contacts.length > 50);
  for (const contact of contacts) {
    assert.equal(new URL(contact.url).protocol, "https:", contact.id);
    assert.match(contact.date_seen, DAY, contact.id);
    assert.ok(contact.source.length > 0, contact.id);
    assert.match(contact.country, /^([A-Z]{2}|INT)$/, contact.id);
    for (const field of contact.unverified_fields) {
      assert.ok(words[`guide_field_${field}`], `${contact.id}: ${field}`);
    }
  }
});

test("an emergency number that is called verified has a source", () => {
  assert.match(emergency.checked, DAY);
  for (const { country, number, is_verified, source } of emergency.numbers) {
    assert.match(number, /^\d/, country);
    if (is_verified) assert.ok(source, country);
  }
});

test("a country's own lines come first and other countries' not at all", () => {
  const found = contactsFor(contacts, "GB", "adult");
  assert.equal(found[0].country, "GB");
  assert.deepEqual([...new Set(found.map(({ country }) => country))].sort(), ["GB", "INT"]);
});

test("what is for adults only is not shown to whoever may be under 18, and the other way", () => {
  const adult = contactsFor(contacts, "US", "adult").map(({ id }) => id);
  const minor = contactsFor(contacts, "US", "minor").map(({ id }) => id);
  assert.ok(adult.includes("stopncii") && !minor.includes("stopncii"));
  assert.ok(minor.includes("takeitdown") && !adult.includes("takeitdown"));
});

test("the European network is shown where it works", () => {
  assert.ok(contactsFor(contacts, "FI", "minor").some(({ country }) => country === "EU"));
  assert.ok(!contactsFor(contacts, "US", "minor").some(({ country }) => country === "EU"));
});

test("without a country only those are shown that help everywhere", () => {
  for (const { country } of contactsFor(contacts, "", "adult")) assert.equal(country, "INT");
  assert.equal(emergencyOf(emergency, ""), null);
  assert.equal(emergencyOf(emergency, "NZ").number, "111");
});

test("countries are named and sorted in the person's language", () => {
  const names = countriesOf(contacts, emergency, "de").map(({ name }) => name);
  assert.ok(names.includes("Deutschland"));
  assert.deepEqual(
    names,
    [...names].sort((a, b) => a.localeCompare(b, "de")),
  );
});

function shiftKeys() {
  const target = new EventTarget();
  let nowMs = 0;
  let left = 0;
  leaveOnShift({ target, leave: () => (left += 1), now: () => nowMs });
  const key = (type, name, repeat = false) => {
    target.dispatchEvent(Object.assign(new Event(type), { key: name, repeat }));
  };
  return {
    press: (name = "Shift") => {
      key("keydown", name);
      key("keyup", name);
    },
    chord: (name) => {
      key("keydown", "Shift");
      key("keydown", name);
      key("keyup", name);
      key("keyup", "Shift");
    },
    hold: () => key("keydown", "Shift", true),
    wait: (ms) => (nowMs += ms),
    timesLeft: () => left,
  };
}

test("Shift three times leaves, twice does not", () => {
  const keys = shiftKeys();
  keys.press();
  keys.press();
  assert.equal(keys.timesLeft(), 0);
  keys.press();
  assert.equal(keys.timesLeft(), 1);
});

test("capital letters and slow presses do not leave", () => {
  const keys = shiftKeys();
  for (const letter of "ABCD") keys.chord(letter);
  for (let count = 0; count < 6; count += 1) {
    keys.press();
    keys.wait(2_000);
  }
  assert.equal(keys.timesLeft(), 0);
});

test("another key in between starts the count anew", () => {
  const keys = shiftKeys();
  keys.press();
  keys.press();
  keys.press("a");
  keys.press();
  keys.hold();
  assert.equal(keys.timesLeft(), 0);
});

function fakeWindow() {
  const done = [];
  return {
    done,
    document: {
      documentElement: {
        set hidden(isHidden) {
          done.push(isHidden ? "hidden" : "shown");
        },
      },
      body: { replaceChildren: () => done.push("emptied") },
    },
    close: () => done.push("closed"),
    location: { replace: (url) => done.push(new URL(url).protocol) },
  };
}

test("leaving hides before anything else, and replaces the page in a tab", () => {
  const view = fakeWindow();
  leaver({ window: view, isPopup: false })();
  assert.deepEqual(view.done, ["hidden", "emptied", "https:"]);
});

test("leaving closes the add-on's own window, and asks nothing of the network", () => {
  const view = fakeWindow();
  leaver({ window: view, isPopup: true })();
  assert.deepEqual(view.done, ["hidden", "emptied", "closed"]);
});
