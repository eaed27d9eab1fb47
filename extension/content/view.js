/* global sharewiseNaming, sharewiseOnce, sharewiseWords */
/* exported sharewiseView */

/**
 * What a card shows of files and of what is known of them; pure: `message` is passed in.
 *
 * @typedef {"remove" | "share" | "leave"} Fate of one file among many
 * @typedef {{fate: Fate, label: string, isChosen: boolean}} FateOption
 *
 * One of many files; `index` is its place among the items, `fates` what can be chosen for it.
 * @typedef {{index: number, topic: Topic | "doubt" | "fine" | "wait", name: string, line: string,
 *   fates: FateOption[]}} Row
 * @typedef {"remove" | "share" | "share_cleaned" | "chosen" | "retry" | "cancel"} Choice
 * @typedef {{choice: Choice, label: string}} Button
 * @typedef {{check: "always" | "neutral", label: string, isOn: boolean}} Check
 * @typedef {{latitude: number, longitude: number}} Place
 *
 * A file on its way, what is known of it (null: still being looked at), its cleaned copy, and what
 * the person chose for it alone.
 * @typedef {{file: File, outcome: Outcome | null, cleaned: File | null, wish?: Fate | null}} Item
 *
 * What a card is told beside its files: whether a choice is being carried out, the site that can
 * be remembered, and the boxes that are ticked.
 * @typedef {{isBusy?: boolean, site?: string | null, isAlways?: boolean, isNeutral?: boolean}} Setting
 *
 * What a card shows; `buttons` begins with the one that Enter presses.
 * @typedef {object} View
 * @property {string} headline
 * @property {string} caption
 * @property {string} note
 * @property {Group[]} groups
 * @property {Row[]} rows
 * @property {Check[]} checks
 * @property {Place[]} places where the files were taken; for a map
 * @property {string} town the name at the only place
 * @property {{done: number, total: number} | null} progress of a look that takes long
 * @property {Button[]} buttons
 * @property {boolean} isWaiting whether files are still looked at
 * @property {boolean} isBusy
 */
const sharewiseView = sharewiseOnce(() => {
  const { group, numberWords, placeIn, sizeWords, worstTopic, TOPICS } = sharewiseWords();
  /** Dots on a map; more are not told apart. */
  const MAX_PLACES = 200;

  /**
   * What a file gives away, with its name; of a file that gives nothing away the name is no news.
   *
   * @param {Item} item
   * @returns {WireFinding[]}
   */
  function findingsOfItem({ file, outcome }) {
    if (outcome === null || outcome.state === "fine") return [];
    const told = outcome.state === "private" ? sharewiseNaming().tells(file.name) : null;
    if (told === null) return outcome.findings;
    const named = { kind: "filename", where: "file name", summary: "", value: told.date };
    return [...outcome.findings, named];
  }

  /**
   * @param {Item} item
   * @returns {Fate} what becomes of it unless the person chooses
   */
  function fateOf({ outcome, wish }) {
    return wish ?? (outcome?.state === "private" ? "remove" : "share");
  }

  /**
   * @param {Item} item
   * @param {Message} message
   * @returns {FateOption[]}
   */
  function fates(item, message) {
    const state = item.outcome?.state;
    if (state === undefined) return [];
    const chosen = fateOf(item);
    /** @type {Fate[]} */
    const possible = state === "private" ? ["remove", "share", "leave"] : ["share", "leave"];
    return possible.map((fate) => {
      const word = fate === "share" && state === "fine" ? "fine" : fate;
      return { fate, label: message(`card_fate_${word}`), isChosen: fate === chosen };
    });
  }

  /**
   * @param {Item} item
   * @param {number} index
   * @param {Message} message
   * @param {string} language
   * @returns {Row}
   */
  function row(item, index, message, language) {
    const { outcome, file } = item;
    const same = { index, name: file.name, fates: fates(item, message) };
    switch (outcome?.state) {
      case undefined:
        return { ...same, topic: "wait", line: message("card_row_wait") };
      case "fine":
        return { ...same, topic: "fine", line: message("card_row_fine") };
      case "doubt":
        return { ...same, topic: "doubt", line: message(`card_row_${outcome.why}`) };
      case "private": {
        const groups = group(findingsOfItem(item), message, language);
        const labels = groups.map(({ topic }) => message(`finding_short_${topic}`));
        const line = new Intl.ListFormat(language, { type: "unit" }).format(labels);
        return { ...same, topic: worstTopic(outcome.findings), line };
      }
      default:
        return { ...same, topic: "doubt", line: message("card_row_failed") };
    }
  }

  /**
   * The rows of many files: what needs a decision comes first.
   *
   * @param {readonly Item[]} items
   * @param {Message} message
   * @param {string} language
   * @returns {Row[]}
   */
  function rowsOf(items, message, language) {
    /** @type {ReadonlyArray<Row["topic"]>} */
    const order = ["doubt", ...TOPICS, "wait", "fine"];
    return items
      .map((item, index) => row(item, index, message, language))
      .sort((a, b) => order.indexOf(a.topic) - order.indexOf(b.topic) || a.index - b.index);
  }

  /**
   * @param {readonly Item[]} items
   * @returns {{places: Place[], town: string}}
   */
  function placesOf(items) {
    const located = items.flatMap(findingsOfItem).filter(({ kind }) => kind === "location");
    /** @type {Map<string, Place>} */
    const places = new Map();
    for (const { value } of located) {
      const place = placeIn(value ?? "");
      if (place === null) continue;
      places.set(`${place.latitude.toFixed(2)},${place.longitude.toFixed(2)}`, place);
    }
    const towns = new Set(located.flatMap(({ near }) => (near ? [near.name] : [])));
    const [town] = towns;
    return {
      places: [...places.values()].slice(0, MAX_PLACES),
      town: places.size === 1 && towns.size === 1 && town !== undefined ? town : "",
    };
  }

  /**
   * The boxes to tick: neutral names where a name gives something away, and "always" for a site
   * where there is nothing to doubt.
   *
   * @param {readonly Item[]} items
   * @param {Message} message
   * @param {Setting} setting
   * @returns {Check[]}
   */
  function checks(items, message, { site = null, isAlways = false, isNeutral = false }) {
    const { waiting, revealing, doubtful } = sort(items);
    if (waiting.length > 0 || revealing.length === 0) return [];
    /** @type {Check[]} */
    const shown = [];
    const telling = items.filter(
      ({ file }) => sharewiseNaming().kindOf(file) !== null && sharewiseNaming().tells(file.name),
    );
    if (telling.length > 0) {
      const [first] = telling;
      const label =
        items.length === 1 && first !== undefined
          ? message("card_check_name", sharewiseNaming().neutralName(first.file, 1))
          : message("card_check_names");
      shown.push({ check: "neutral", label, isOn: isNeutral });
    }
    if (site !== null && doubtful.length === 0 && !isEachChosen(items)) {
      shown.push({ check: "always", label: message("card_check_always", site), isOn: isAlways });
    }
    return shown;
  }

  /** @param {readonly Item[]} items */
  function isEachChosen(items) {
    return items.some(({ wish }) => (wish ?? null) !== null);
  }

  /**
   * @param {readonly Item[]} items
   * @returns {{waiting: Item[], revealing: Item[], doubtful: Item[]}}
   */
  function sort(items) {
    return {
      waiting: items.filter(({ outcome }) => outcome === null),
      revealing: items.filter(({ outcome }) => outcome?.state === "private"),
      doubtful: items.filter(({ outcome }) => outcome?.state === "doubt"),
    };
  }

  /**
   * @param {Item | undefined} item
   * @returns {boolean} whether a person would call it one: no film, no document
   */
  function isPhoto(item) {
    return item !== undefined && /^(image\/|$)/.test(item.file.type);
  }

  /** @param {readonly Item[]} items */
  function findingsOf(items) {
    return items.flatMap(findingsOfItem);
  }

  /**
   * @param {readonly Item[]} items
   * @returns {Set<Doubt>}
   */
  function doubtsOf(items) {
    return new Set(
      items.flatMap(({ outcome }) => (outcome?.state === "doubt" ? [outcome.why] : [])),
    );
  }

  /**
   * @param {readonly Item[]} items
   * @param {Message} message
   * @param {string} language
   * @returns {{headline: string, note: string}}
   */
  function sentences(items, message, language) {
    /** @param {number} count */
    const number = (count) => numberWords(count, language);
    const { waiting, revealing, doubtful } = sort(items);
    const isOne = items.length === 1;
    const doubts = doubtsOf(items);
    const [doubt] = doubts.has("folder") ? ["folder"] : doubts;
    if (revealing.length > 0 && doubt !== "folder") {
      const topic = worstTopic(findingsOf(revealing));
      const placed = revealing.filter((item) => worstTopic(findingsOf([item])) === "where");
      const count = placed.length > 0 ? placed.length : revealing.length;
      const reach = count === items.length ? "all" : "some";
      const about = placed.length > 0 ? "where" : "other";
      const headline = message(`card_${reach}_${about}`, [number(count), number(items.length)]);
      const single = isPhoto(revealing[0]) ? `headline_${topic}` : `file_${about}`;
      return {
        headline: isOne ? message(`card_${single}`) : headline,
        note: doubtful.length > 0 ? message("card_note_mixed", number(doubtful.length)) : "",
      };
    }
    if (doubt !== undefined) {
      const many = isOne ? "one" : "many";
      return {
        headline: message(`card_doubt_${doubt}_${many}`),
        // "Nothing was checked" would be wrong of a part.
        note:
          doubt === "daemon" && doubtful.length < items.length
            ? message("card_note_mixed", number(doubtful.length))
            : message(`card_note_${doubt}`),
      };
    }
    return waiting.length > 0
      ? { headline: message("card_headline_wait"), note: message("card_note_wait") }
      : { headline: message("card_doubt_failed_one"), note: "" };
  }

  /** Doubts that may be gone at the next try. */
  const PASSING = new Set(["daemon", "failed", "unreadable", "unproven"]);

  /**
   * @param {readonly Item[]} items
   * @returns {Choice[]}
   */
  function choices(items) {
    const { waiting, revealing } = sort(items);
    const doubts = [...doubtsOf(items)];
    if (doubts.includes("folder")) return ["cancel"];
    if (waiting.length > 0) return ["cancel", "share"];
    if (isEachChosen(items)) return choicesOfEach(items);
    if (revealing.length > 0) return ["remove", "share", "cancel"];
    const share = doubts.includes("unproven") ? "share_cleaned" : "share";
    return doubts.some((why) => PASSING.has(why)) ? ["retry", share, "cancel"] : ["cancel", share];
  }

  /**
   * When the person chose for some file alone.
   *
   * @param {readonly Item[]} items
   * @returns {Choice[]}
   */
  function choicesOfEach(items) {
    const { revealing, doubtful } = sort(items);
    if (items.every((item) => fateOf(item) === "leave")) return ["cancel"];
    const isDoubtful = doubtful.some((item) => fateOf(item) === "share");
    const isCleaning = revealing.some((item) => fateOf(item) === "remove");
    return isDoubtful && !isCleaning ? ["cancel", "chosen"] : ["chosen", "cancel"];
  }

  /**
   * @param {readonly Item[]} items
   * @param {Message} message
   * @param {string} language
   * @returns {string} what becomes of how many files
   */
  function chosenNote(items, message, language) {
    /** @param {Fate} fate */
    const count = (fate) =>
      numberWords(items.filter((item) => fateOf(item) === fate).length, language);
    return message("card_note_chosen", [count("remove"), count("share"), count("leave")]);
  }

  /**
   * @param {readonly Item[]} items
   * @param {Message} message
   */
  function busyNote(items, message) {
    const isRemoving = sort(items).revealing.length > 0;
    return message(isRemoving ? "card_note_busy" : "card_row_wait");
  }

  /**
   * What a card says about these files.
   *
   * @param {readonly Item[]} items
   * @param {Message} message
   * @param {string} language a BCP 47 tag
   * @param {Setting} [setting]
   * @returns {View}
   */
  function view(items, message, language, setting = {}) {
    const [first] = items;
    const isOne = items.length === 1 && first !== undefined;
    const { isBusy = false } = setting;
    const { headline, note } = sentences(items, message, language);
    const { waiting } = sort(items);
    const isWaiting = waiting.length > 0;
    const done = items.length - waiting.length;
    const words = isEachChosen(items) ? chosenNote(items, message, language) : note;
    return {
      headline,
      caption: isOne
        ? message("card_caption", [first.file.name, sizeWords(first.file.size, language)])
        : message("card_caption_many", numberWords(items.length, language)),
      note: isBusy ? busyNote(items, message) : words,
      groups: isOne ? group(findingsOf(items), message, language) : [],
      // A list that grows under the finger is none to choose from.
      rows: isOne || isWaiting ? [] : rowsOf(items, message, language),
      checks: checks(items, message, setting),
      ...placesOf(items),
      progress: isWaiting && !isOne ? { done, total: items.length } : null,
      buttons: choices(items).map((choice) => ({
        choice,
        label: message(choice === "share" && !isOne ? "card_share_many" : `card_${choice}`),
      })),
      isWaiting,
      isBusy,
    };
  }

  /**
   * What a card says when the page went for a file that was held back; there is nothing to choose.
   *
   * @param {Message} message
   * @returns {View}
   */
  function blocked(message) {
    return {
      headline: message("card_blocked"),
      caption: "",
      note: message("card_note_blocked"),
      groups: [],
      rows: [],
      checks: [],
      places: [],
      town: "",
      progress: null,
      buttons: [{ choice: "cancel", label: message("card_close") }],
      isWaiting: false,
      isBusy: false,
    };
  }

  return Object.freeze({ blocked, fateOf, view });
});
