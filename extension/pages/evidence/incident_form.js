/** What the incident record asks for here, and how it is put into the record and taken out. */

/** @typedef {Record<string, unknown>} Entry */
/** @typedef {{ name: string, kind: "line" | "text" | readonly string[], isRequired?: boolean }} Field */
/** @typedef {{ name: string, fields: readonly Field[] }} Part */

export const SCHEMA = "incident-record/1";

/** @type {readonly Field[]} */
export const SITUATION = [
  { name: "stage", kind: ["unsure", "threat_only", "posted", "sent_to_people"] },
  { name: "other_party_kind", kind: ["unknown", "stranger", "partner_or_ex", "known_person"] },
];

/** @type {readonly Part[]} */
export const PARTS = [
  {
    name: "other_party",
    fields: [
      { name: "platform", kind: "line" },
      { name: "username", kind: "line" },
      { name: "numeric_user_id", kind: "line" },
      { name: "profile_url", kind: "line" },
      { name: "phone", kind: "line" },
      { name: "email", kind: "line" },
    ],
  },
  {
    name: "timeline",
    fields: [
      {
        name: "kind",
        kind: [
          ...["threat", "demand", "first_contact", "image_shared", "payment", "posted"],
          ...["sent_to_person", "account_accessed", "reply_sent", "blocked", "reported"],
          ...["removed", "other"],
        ],
      },
      { name: "happened_at", kind: "line" },
      { name: "summary", kind: "text", isRequired: true },
      { name: "exact_words", kind: "text" },
      { name: "deadline_given", kind: "line" },
    ],
  },
  {
    name: "demands",
    fields: [
      {
        name: "type",
        kind: [
          ...["money", "more_images", "sexual_act", "meet", "return_to_relationship"],
          ...["silence", "task_or_crime", "other"],
        ],
      },
      { name: "amount", kind: "line" },
      { name: "currency", kind: "line" },
      { name: "pay_to", kind: "line" },
    ],
  },
  {
    name: "payments_made",
    fields: [
      { name: "paid_at", kind: "line" },
      { name: "amount", kind: "line" },
      { name: "currency", kind: "line" },
      { name: "method", kind: "line" },
      { name: "reference", kind: "line" },
    ],
  },
  {
    name: "reports_made",
    fields: [
      { name: "to", kind: "line", isRequired: true },
      { name: "sent_at", kind: "line", isRequired: true },
      { name: "reference_number", kind: "line" },
      { name: "reply_due_at", kind: "line" },
      { name: "outcome", kind: "line" },
    ],
  },
];

/**
 * @param {object} about
 * @param {string} about.caseId
 * @param {boolean} about.areAdults
 * @param {Date} about.now
 * @returns {Entry} a record in which nothing is told yet
 */
export function emptyRecord({ caseId, areAdults, now }) {
  return {
    schema: SCHEMA,
    case_id: caseId,
    created_at: now.toISOString(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    situation: {
      stage: "unsure",
      subject_age_group: areAdults ? "adult" : "unsure",
      other_party_kind: "unknown",
    },
    timeline: [],
  };
}

/**
 * @param {Entry} entry
 * @param {string} name of a field
 * @returns {string} "" where nothing is told
 */
export function told(entry, name) {
  const value = name === "pay_to" ? paymentOf(entry)["identifier"] : entry[name];
  return typeof value === "string" ? value : "";
}

/**
 * @param {Entry} before what is not asked for here stays
 * @param {ReadonlyMap<string, string>} values by the names of the fields; "" is not told
 * @returns {Entry}
 */
export function withValues(before, values) {
  const entry = { ...before };
  for (const [name, value] of values) {
    const text = value.trim();
    if (name === "pay_to") setPayment(entry, text);
    else if (text === "") delete entry[name];
    else entry[name] = text;
  }
  return entry;
}

/**
 * @param {string} part
 * @param {number} index
 * @param {Date} now
 * @returns {Entry} what the schema wants of an entry that nobody types
 */
export function newEntry(part, index, now) {
  if (part === "other_party") return { account_id: `a${index + 1}` };
  if (part === "timeline") {
    return { event_id: `e${index + 1}-${now.getTime()}`, recorded_at: now.toISOString() };
  }
  return {};
}

/** @param {Entry} entry */
function paymentOf(entry) {
  const methods = /** @type {unknown} */ (entry["payment_methods"]);
  const first = /** @type {unknown} */ (Array.isArray(methods) ? methods[0] : undefined);
  return /** @type {Entry} */ (typeof first === "object" && first !== null ? first : {});
}

/**
 * @param {Entry} entry
 * @param {string} identifier
 */
function setPayment(entry, identifier) {
  const methods = /** @type {unknown[]} */ (entry["payment_methods"] ?? []);
  const others = methods.slice(1);
  const first = { method: "other", ...paymentOf(entry), identifier };
  const kept = identifier === "" ? others : [first, ...others];
  if (kept.length > 0) entry["payment_methods"] = kept;
  else delete entry["payment_methods"];
}
