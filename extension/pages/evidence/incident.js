/** The incident record of a case: what police, platforms and lawyers ask for. */

import { ask } from "../../shared/ask.js";
import { byId, make } from "../../shared/dom.js";
import { words } from "../../shared/words.js";
import { emptyRecord, newEntry, PARTS, SITUATION, told, withValues } from "./incident_form.js";

/** @typedef {import("./incident_form.js").Entry} Entry */
/** @typedef {import("./incident_form.js").Field} Field */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Input */
/** @typedef {{ entry: Entry, inputs: Map<string, Input> }} Group */
/**
 * @typedef {object} World
 * @property {() => void} saved
 * @property {(thrown: unknown) => void} fail
 */

let ids = 0;

/**
 * @param {import("../../generated/wire.js").CaseSummary} summary
 * @param {World} world
 */
export async function showIncident({ case_id, age_answer }, { saved, fail }) {
  const { record } = await ask("incident.get", { case_id });
  const areAdults = age_answer === "adults";
  const before = record
    ? /** @type {Entry} */ (JSON.parse(record))
    : emptyRecord({ caseId: case_id, areAdults, now: new Date() });
  const place = byId("incident-parts");
  const situation = group(SITUATION, entryOf(before["situation"]));
  const impact = group([{ name: "impact", kind: "text" }], before);
  const lists = PARTS.map(({ name, fields }) => new PartList(name, fields, before[name]));
  place.replaceChildren(
    fieldset("situation", drawn(situation)),
    ...lists.map((list) => list.element),
    fieldset("impact", drawn(impact)),
  );
  const form = /** @type {HTMLFormElement} */ (byId("incident-form"));
  form.onsubmit = (event) => {
    event.preventDefault();
    const after = withValues(before, valuesOf(impact));
    after["situation"] = withValues(situation.entry, valuesOf(situation));
    for (const list of lists) list.into(after);
    ask("incident.put", { case_id, record: JSON.stringify(after) }).then(saved, fail);
  };
}

/** Entries of one kind, to which one may be added and from which one may be taken. */
class PartList {
  #name;
  #fields;
  /** @type {Map<HTMLElement, Group>} */
  #groups = new Map();
  #list = make("div", { class: "entries" });

  /**
   * @param {string} name
   * @param {readonly Field[]} fields
   * @param {unknown} entries
   */
  constructor(name, fields, entries) {
    this.#name = name;
    this.#fields = fields;
    for (const entry of Array.isArray(entries) ? entries : []) this.#add(entryOf(entry));
  }

  get element() {
    const add = make(
      "button",
      { type: "button", class: "quiet-button" },
      words(`incident_${this.#name}_add`),
    );
    add.addEventListener("click", () => {
      const element = this.#add(newEntry(this.#name, this.#groups.size, new Date()));
      /** @type {HTMLElement | null} */ (element.querySelector("select, input"))?.focus();
    });
    return fieldset(this.#name, [this.#list, add]);
  }

  /** @param {Entry} entry */
  #add(entry) {
    const made = group(this.#fields, entry);
    const remove = make(
      "button",
      { type: "button", class: "quiet-button" },
      words("incident_remove"),
    );
    const element = make("div", { class: "entry" }, ...drawn(made), remove);
    remove.addEventListener("click", () => {
      this.#groups.delete(element);
      element.remove();
    });
    this.#groups.set(element, made);
    this.#list.append(element);
    return element;
  }

  /** @param {Entry} record */
  into(record) {
    const entries = [...this.#groups.values()].map((each) =>
      withValues(each.entry, valuesOf(each)),
    );
    // The schema wants a timeline, be it empty; all else only where there is something.
    if (entries.length > 0 || this.#name === "timeline") record[this.#name] = entries;
    else delete record[this.#name];
  }
}

/**
 * @param {readonly Field[]} fields
 * @param {Entry} entry
 * @returns {Group}
 */
function group(fields, entry) {
  return { entry, inputs: new Map(fields.map((field) => [field.name, inputOf(field, entry)])) };
}

/**
 * @param {Field} field
 * @param {Entry} entry
 * @returns {Input}
 */
function inputOf({ name, kind, isRequired }, entry) {
  ids += 1;
  const id = `incident-${ids}`;
  /** @type {Input} */
  let input;
  if (kind === "line") input = make("input", { id, dir: "auto", autocomplete: "off" });
  else if (kind === "text") input = make("textarea", { id, dir: "auto", rows: "2" });
  else {
    const options = kind.map((value) =>
      make("option", { value }, words(`incident_${name}_${value}`)),
    );
    input = make("select", { id }, ...options);
  }
  const value = told(entry, name);
  if (value !== "" || !(input instanceof HTMLSelectElement)) input.value = value;
  input.required = isRequired ?? false;
  return input;
}

/** @param {Group} made */
function drawn({ inputs }) {
  return [...inputs].flatMap(([name, input]) => [
    make("label", { for: input.id }, words(`incident_${name}`)),
    input,
  ]);
}

/** @param {Group} made */
function valuesOf({ inputs }) {
  return new Map([...inputs].map(([name, input]) => [name, input.value]));
}

/**
 * @param {string} name
 * @param {HTMLElement[]} children
 */
function fieldset(name, children) {
  const legend = make("legend", {}, words(`incident_part_${name}`));
  return make("fieldset", {}, legend, ...children);
}

/** @param {unknown} untyped */
function entryOf(untyped) {
  return /** @type {Entry} */ (typeof untyped === "object" && untyped !== null ? untyped : {});
}
