import assert from "node:assert/strict";
import { test } from "node:test";

import {
  emptyRecord,
  newEntry,
  told,
  withValues,
} from "../../../extension/pages/evidence/incident_form.js";

const NOW = new Date("2026-11-25T10:00:00.000Z");

test("a record begins with what the schema wants and tells nothing else", () => {
  const { timezone, ...record } = emptyRecord({ caseId: "c", areAdults: true, now: NOW });
  assert.equal(typeof timezone, "string");
  assert.deepEqual(record, {
    schema: "incident-record/1",
    case_id: "c",
    created_at: NOW.toISOString(),
    situation: { stage: "unsure", subject_age_group: "adult", other_party_kind: "unknown" },
    timeline: [],
  });
});

test("a case that is not all adults is never recorded as one", () => {
  const record = emptyRecord({ caseId: "c", areAdults: false, now: NOW });
  assert.equal(record.situation.subject_age_group, "unsure");
});

test("what is not asked for here stays, what is emptied goes", () => {
  const before = { account_id: "a1", display_name: "D", username: "u", phone: "1" };
  const after = withValues(
    before,
    new Map([
      ["username", " new "],
      ["phone", ""],
    ]),
  );
  assert.deepEqual(after, { account_id: "a1", display_name: "D", username: "new" });
  assert.equal(before.username, "u");
});

test("where to pay is kept as the schema has it", () => {
  const kept = withValues({ type: "money" }, new Map([["pay_to", "bc1-example"]]));
  assert.deepEqual(kept.payment_methods, [{ method: "other", identifier: "bc1-example" }]);
  assert.equal(told(kept, "pay_to"), "bc1-example");
  assert.deepEqual(withValues(kept, new Map([["pay_to", ""]])), { type: "money" });
});

test("how to pay, told elsewhere, is not lost", () => {
  const before = { payment_methods: [{ method: "crypto", identifier: "a" }, { method: "upi" }] };
  const { payment_methods } = withValues(before, new Map([["pay_to", "b"]]));
  assert.deepEqual(payment_methods, [{ method: "crypto", identifier: "b" }, { method: "upi" }]);
});

test("an entry gets the ids and times that the schema wants", () => {
  assert.deepEqual(newEntry("other_party", 1, NOW), { account_id: "a2" });
  assert.equal(newEntry("timeline", 0, NOW).recorded_at, NOW.toISOString());
  assert.deepEqual(newEntry("demands", 0, NOW), {});
});
