import assert from "node:assert/strict";
import test from "node:test";

import { READING, load } from "./load.js";

const inspection = load("sharewiseInspection", ...READING, "inspection.js");

const VERDICT = {
  state: "verdict",
  status: "clean",
  format: "JPEG",
  findings: [],
  kept: [],
  plan: null,
  reason: null,
};
const FINDING = { kind: "location", where: "JPEG", summary: "s", value: "1,2" };

/** A daemon that gives these answers in turn and notes what it was asked. */
function daemon(...answers) {
  const calls = [];
  const ask = (method, params) => {
    calls.push([method, params]);
    if (method === "photo.close") return Promise.resolve({});
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { ask, calls };
}

/** @param {string} code */
const failure = (code) => Object.assign(new Error("sentence"), { code });

/** @param {string} name */
const photo = (text, name = "a.jpg", type = "image/jpeg") => new File([text], name, { type });

test("head and tail of a short file are all of it", async () => {
  const { ask, calls } = daemon(VERDICT);
  await inspection.inspect(photo("short"), "plan", ask);
  const all = btoa("short");
  assert.deepEqual(calls, [["photo.open", { size_bytes: 5, head: all, tail: all, goal: "plan" }]]);
});

test("only the head, the tail and what is asked for leave the page", async () => {
  const file = photo(new Uint8Array(1_000_000));
  const needs = {
    state: "needs",
    session_id: "s",
    requests: [{ ask: "range", offset: 500_000, length: 10 }],
  };
  const { ask, calls } = daemon(needs, VERDICT);
  await inspection.inspect(file, "plan", ask);
  const [[, opening], [, answering]] = calls;
  assert.equal(atob(opening.head).length, 57_344);
  assert.equal(atob(opening.tail).length, 4_096);
  assert.deepEqual(answering, { session_id: "s", answers: [btoa("\0".repeat(10))] });
});

test("several requests are answered in their order", async () => {
  const requests = [
    { ask: "find", needle: btoa("b"), start: 0, end: 3 },
    { ask: "range", offset: 0, length: 1 },
  ];
  const { ask, calls } = daemon({ state: "needs", session_id: "s", requests }, VERDICT);
  await inspection.inspect(photo("abc"), "plan", ask);
  assert.deepEqual(calls[1][1].answers, [1, btoa("a")]);
});

test("what is certain before the verdict is told, once", async () => {
  const requests = [{ ask: "range", offset: 0, length: 1 }];
  const needs = { state: "needs", session_id: "s", requests };
  const told = [];
  const { ask } = daemon({ ...needs, found: [FINDING] }, { ...needs, found: [] }, VERDICT);
  await inspection.judge(photo("abc"), ask, (findings) => told.push(findings));
  assert.deepEqual(told, [[FINDING]]);
  const silent = daemon(needs, { ...VERDICT, status: "private", findings: [FINDING] });
  await inspection.judge(photo("abc"), silent.ask, () => assert.fail("told of nothing"));
});

test("the markers of a small JPEG, and of any cleaned one, are told with its first bytes", async () => {
  const data = new Uint8Array(2_000_000);
  data.set([0xff, 0xd8, 0xff]);
  data.set([0xff, 0xd9], 8191);
  data.set([0xff, 0xda], 57_343);
  data.set([0xff, 0xd9], 70_000);
  const openingOf = async (file, goal) => {
    const { ask, calls } = daemon(VERDICT);
    await inspection.inspect(file, goal, ask);
    const [[, { markers }]] = calls;
    if (markers === undefined) return undefined;
    const view = new DataView(Uint8Array.from(atob(markers), (one) => one.charCodeAt(0)).buffer);
    return Array.from({ length: view.byteLength / 8 }, (_, at) =>
      Number(view.getBigUint64(at * 8)),
    );
  };
  const small = data.slice(0, 100_000);
  assert.deepEqual(await openingOf(photo(small), "plan"), [57_343, 70_000]);
  assert.deepEqual(await openingOf(photo(small), "prove"), [8191, 57_343, 70_000]);
  assert.deepEqual(await openingOf(photo(data), "prove"), [8191, 57_343, 70_000]);
  // A large one is asked about while it is still searched.
  assert.equal(await openingOf(photo(data), "plan"), undefined);
  assert.equal(await openingOf(photo(small.slice(0, 57_344)), "plan"), undefined);
  assert.equal(await openingOf(photo(small.fill(0, 0, 1)), "plan"), undefined);
  // So many that there may be more.
  const many = data.slice(0, 100_000);
  for (let at = 80_000; at < 81_024; at += 4) many.set([0xff, 0xd9], at);
  assert.equal(await openingOf(photo(many), "plan"), undefined);
});

/** A large JPEG with a note of so many bytes in its head, and when all of it has been searched. */
function searched(noteBytes) {
  const data = new Uint8Array(3_000_000);
  data.set([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xe1, noteBytes >> 8, noteBytes & 0xff]);
  const file = photo(data);
  const slice = file.slice.bind(file);
  const ended = new Promise((resolve) => {
    file.slice = (...range) => {
      const part = slice(...range);
      const stream = part.stream.bind(part);
      part.stream = () => {
        const reader = stream().getReader();
        const read = async () => {
          // As another process takes its time.
          await new Promise((arrive) => setTimeout(arrive, 5));
          const given = await reader.read();
          if (given.done) resolve("ended");
          return given;
        };
        return { getReader: () => ({ read, cancel: () => reader.cancel() }) };
      };
      return part;
    };
  });
  return { file, ended };
}

test("a photo that has much to say is searched only after the first answer", async () => {
  const requests = [{ ask: "find_markers", start: 57_344, end: 3_000_000, limit: 256 }];
  const needs = { state: "needs", session_id: "s", requests };
  for (const [noteBytes, isHeld] of [
    [600, true],
    [100, false],
  ]) {
    const { file, ended } = searched(noteBytes);
    const { ask } = daemon(needs, VERDICT);
    await inspection.inspect(file, "plan", async (method, params) => {
      if (method === "photo.open") {
        const late = new Promise((resolve) => setTimeout(resolve, 600, "late"));
        if (isHeld) assert.equal(await Promise.race([ended, late]), "late");
        else await ended;
      }
      return ask(method, params);
    });
    assert.equal(await ended, "ended");
  }
});

test("what was foretold counts for exactly the answers that it is for", async () => {
  const requests = [
    { ask: "find", needle: btoa("b"), start: 0, end: 3 },
    { ask: "range", offset: 0, length: 1 },
  ];
  const needs = { state: "needs", session_id: "s", requests };
  const later = { ...VERDICT, status: "malformed" };
  const told = (answers) => daemon({ ...needs, foretold: { answers, verdict: VERDICT } }, later);
  const right = told([1, btoa("a")]);
  assert.deepEqual(await inspection.inspect(photo("abc"), "plan", right.ask), VERDICT);
  assert.deepEqual(right.calls.slice(1), [["photo.close", { session_id: "s" }]]);
  const wrong = [[null, btoa("a")], [1, btoa("b")], [1], [1, btoa("a"), null], ["1", btoa("a")]];
  for (const answers of wrong) {
    const { ask, calls } = told(answers);
    assert.deepEqual(await inspection.inspect(photo("abc"), "plan", ask), later);
    assert.deepEqual(calls[1], ["photo.answer", { session_id: "s", answers: [1, btoa("a")] }]);
  }
});

test("a file that is gone by then is not what was foretold", async () => {
  const file = photo("abc");
  const requests = [{ ask: "find", needle: btoa("b"), start: 0, end: 3 }];
  const foretold = { answers: [1], verdict: VERDICT };
  const { ask } = daemon({ state: "needs", session_id: "s", requests, foretold });
  const slice = file.slice.bind(file);
  let isGone = false;
  file.slice = (...range) =>
    isGone ? { arrayBuffer: () => Promise.reject(new Error("gone")) } : slice(...range);
  const outcome = await inspection.judge(file, (...call) => {
    isGone = true;
    return ask(...call);
  });
  assert.equal(outcome.state, "doubt");
  assert.equal(outcome.why, "unreadable");
});

test("a look that cannot go on is closed", async () => {
  const requests = [{ ask: "range", offset: 0, length: 99 }];
  const { ask, calls } = daemon({ state: "needs", session_id: "s", requests });
  await assert.rejects(inspection.inspect(photo("abc"), "plan", ask), { code: "invalid_params" });
  assert.deepEqual(calls.at(-1), ["photo.close", { session_id: "s" }]);
});

test("an empty file is fine and nobody is asked", async () => {
  const { ask, calls } = daemon();
  assert.deepEqual(await inspection.judge(photo(""), ask), { state: "fine" });
  assert.deepEqual(calls, []);
});

test("a verdict becomes what is said to the person", async () => {
  const plan = [{ step: "keep", offset: 0, length: 3 }];
  const findings = [FINDING];
  for (const [verdict, outcome] of [
    [{ status: "clean" }, { state: "fine" }],
    [
      { status: "private", findings, plan },
      { state: "private", findings, plan },
    ],
    [
      { status: "private", findings },
      { state: "doubt", why: "stuck", findings },
    ],
    [{ status: "malformed" }, { state: "doubt", why: "damaged", findings: [] }],
    [{ status: "unsupported" }, { state: "doubt", why: "kind", findings: [] }],
    [{ status: "of tomorrow" }, { state: "doubt", why: "failed", findings: [] }],
  ]) {
    const { ask } = daemon({ ...VERDICT, ...verdict });
    assert.deepEqual(await inspection.judge(photo("abc"), ask), outcome);
  }
});

test("what is no picture passes without a word", async () => {
  for (const text of ["just words", "PK\x03\x04", "%PDF-1.7", "{}"]) {
    const { ask } = daemon({ ...VERDICT, status: "unsupported" });
    const file = photo(text, "a.txt", "text/plain");
    assert.deepEqual(await inspection.judge(file, ask), { state: "fine" });
  }
});

test("a picture or video of a kind that we do not know is never passed in silence", async () => {
  for (const magic of [
    "\0\0\0\x18ftypheic",
    "RIFF\0\0\0\0WEBP",
    "GIF89a",
    "II*\0",
    "MM\0*",
    "\x1aE\xdf\xa3",
    "\0\0\0\x0cJXL ",
    "\xff\xd8\xff\xe0",
  ]) {
    const data = Uint8Array.from(magic, (letter) => letter.charCodeAt(0));
    const { ask } = daemon({ ...VERDICT, status: "unsupported" });
    const outcome = await inspection.judge(photo(data, "note.txt", ""), ask);
    assert.equal(outcome.why, "kind", JSON.stringify(magic));
  }
});

test("a failure becomes a doubt that says whose it is", async () => {
  for (const [code, why] of [
    ["daemon_unreachable", "daemon"],
    ["daemon_gone", "daemon"],
    ["host_missing", "daemon"],
    ["timed_out", "daemon"],
    ["internal", "failed"],
    ["constructor", "failed"],
  ]) {
    const { ask } = daemon(failure(code));
    assert.equal((await inspection.judge(photo("abc"), ask)).why, why);
  }
});

test("a cleaned file has the name, type and date of the original", async () => {
  const file = new File(["abcdef"], "é.jpg", { type: "image/jpeg", lastModified: 1234 });
  const { ask, calls } = daemon(VERDICT);
  const plan = [{ step: "keep", offset: 0, length: 3 }];
  const { file: cleaned, doubt } = await inspection.clean(file, plan, ask);
  assert.equal(doubt, null);
  assert.equal(await cleaned.text(), "abc");
  assert.deepEqual(
    [cleaned.name, cleaned.type, cleaned.lastModified],
    ["é.jpg", "image/jpeg", 1234],
  );
  assert.equal(calls[0][1].goal, "prove");
  assert.equal(calls[0][1].head, btoa("abc"));
});

test("only a proof of status clean is a proof", async () => {
  const plan = [{ step: "keep", offset: 0, length: 3 }];
  for (const answer of [
    { ...VERDICT, status: "private", findings: [FINDING] },
    { ...VERDICT, status: "malformed" },
    { ...VERDICT, status: "unsupported" },
    failure("daemon_gone"),
  ]) {
    const { file, doubt } = await inspection.clean(photo("abcdef"), plan, daemon(answer).ask);
    assert.equal(doubt.why, "unproven");
    assert.equal(file.size, 3);
  }
});

test("a plan that does not fit the file makes no file", async () => {
  const plan = [{ step: "keep", offset: 0, length: 99 }];
  const { file, doubt } = await inspection.clean(photo("abc"), plan, daemon().ask);
  assert.equal(file, null);
  assert.equal(doubt.why, "failed");
});

test("files are looked at side by side, never more than allowed", async () => {
  let now = 0;
  let most = 0;
  const done = [];
  await inspection.eachLimited([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    done.push(item);
  });
  assert.equal(most, 3);
  assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6, 7]);
});
