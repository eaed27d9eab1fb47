/* exported sharewiseWords */

/**
 * Says what was found in words for people, in the browser's language; pure: `message` is passed in.
 *
 * @typedef {(key: string, substitutions?: string | string[]) => string} Message
 * @typedef {"where" | "hidden" | "who" | "device" | "when" | "text" | "made" | "other"} Topic
 * @typedef {{topic: Topic, label: string, lines: string[]}} Group
 * @typedef {{topic: Topic | "doubt" | "fine" | "wait", name: string, line: string}} Row
 * @typedef {"remove" | "share" | "share_cleaned" | "retry" | "cancel"} Choice
 * @typedef {{choice: Choice, label: string}} Button
 *
 * A file on its way, what is known of it (null: still being looked at), and its cleaned copy.
 * @typedef {{file: File, outcome: Outcome | null, cleaned: File | null}} Item
 *
 * What a card shows; `buttons` begins with the one that Enter presses.
 * @typedef {object} View
 * @property {string} headline
 * @property {string} caption
 * @property {string} note
 * @property {Group[]} groups
 * @property {Row[]} rows
 * @property {Button[]} buttons
 * @property {boolean} isBusy
 */
const sharewiseWords = (() => {
  /** In the order of a card: what matters most comes first. */
  /** @type {readonly Topic[]} */
  const TOPICS = ["where", "hidden", "who", "device", "when", "text", "made", "other"];

  /** @type {ReadonlyMap<string, Topic>} */
  const TOPIC_OF_KIND = new Map([
    ["location", "where"],
    ["person", "who"],
    ["device", "device"],
    ["serial", "device"],
    ["maker_note", "device"],
    ["time", "when"],
    ["software", "made"],
    ["history", "made"],
    ["provenance", "made"],
    ["thumbnail", "hidden"],
    ["hidden_media", "hidden"],
    ["description", "text"],
    ["filename", "text"],
    ["identifier", "other"],
  ]);

  const MAX_LINES = 3;
  const MAX_VALUE = 90;

  /**
   * @param {string} value "45.764,4.8357"
   * @param {Message} message
   * @param {string} language
   * @returns {string[] | null} null if it is no pair of coordinates
   */
  function placeLines(value, message, language) {
    const match = /^\s*([+-]?\d+(?:\.(\d+))?)\s*,\s*([+-]?\d+(?:\.(\d+))?)/.exec(value);
    if (match === null) return null;
    const [latitude, longitude] = [Number(match[1]), Number(match[3])];
    const digits = Math.min(4, Math.max(match[2]?.length ?? 0, match[4]?.length ?? 0));
    const format = new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    const north = latitude < 0 ? "finding_south" : "finding_north";
    const east = longitude < 0 ? "finding_west" : "finding_east";
    const lines = [
      message("finding_place", [
        message(north, format.format(Math.abs(latitude))),
        message(east, format.format(Math.abs(longitude))),
      ]),
    ];
    if (digits > 2) lines.push(message("finding_place_exact"));
    return lines;
  }

  /**
   * @param {NearTown | null} near
   * @param {Message} message
   * @param {string} language
   * @returns {string[]}
   */
  function townLines(near, message, language) {
    if (near === null || !/^[A-Z]{2}$/.test(near.country_code)) return [];
    const countries = new Intl.DisplayNames(language, { type: "region" });
    const country = countries.of(near.country_code) ?? near.country_code;
    return [message("finding_near", [near.name, country])];
  }

  /**
   * The time as the file has it: never moved into this computer's zone.
   *
   * @param {string} value "2025-05-03T14:02:00" or with less after the day
   * @param {string} language
   * @returns {string}
   */
  function timeLine(value, language) {
    const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/.exec(value);
    if (match === null) return value;
    const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0));
    const moment = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
    return new Intl.DateTimeFormat(language, {
      dateStyle: "full",
      ...(match[4] === undefined ? {} : { timeStyle: "short" }),
      timeZone: "UTC",
    }).format(moment);
  }

  /** @param {string} value */
  function shortened(value) {
    const text = value.replace(/\s+/g, " ").trim();
    return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
  }

  /**
   * One finding as lines; the words are in the messages `finding_<kind>` (without a value) and
   * `finding_<kind>_value`.
   *
   * @param {WireFinding} finding
   * @param {Message} message
   * @param {string} language
   * @returns {string[]}
   */
  function findingLines(finding, message, language) {
    const kind = TOPIC_OF_KIND.has(finding.kind) ? finding.kind : "other";
    const value = finding.value === null ? "" : shortened(finding.value);
    if (value === "") return [message(`finding_${kind}`)];
    switch (kind) {
      case "location":
        return [
          ...townLines(finding.near ?? null, message, language),
          ...(placeLines(value, message, language) ?? [value]),
        ];
      case "time":
        return [timeLine(value, language)];
      default:
        return [message(`finding_${kind}_value`, value)];
    }
  }

  /**
   * Findings by topic, without repeats, what matters most first.
   *
   * @param {readonly WireFinding[]} findings
   * @param {Message} message
   * @param {string} language
   * @returns {Group[]}
   */
  function group(findings, message, language) {
    /** @type {Map<Topic, {said: Set<string>, general: Set<string>}>} */
    const byTopic = new Map();
    for (const finding of findings) {
      const topic = TOPIC_OF_KIND.get(finding.kind) ?? "other";
      const lines = byTopic.get(topic) ?? { said: new Set(), general: new Set() };
      byTopic.set(topic, lines);
      const into = finding.value === null ? lines.general : lines.said;
      for (const line of findingLines(finding, message, language)) into.add(line);
    }
    return TOPICS.flatMap((topic) => {
      const lines = byTopic.get(topic);
      if (lines === undefined) return [];
      // "It says where" adds nothing to the place itself; elsewhere each line is news of its own.
      const isSaid = lines.said.size > 0 && (topic === "where" || topic === "when");
      const all = isSaid ? [...lines.said] : [...lines.said, ...lines.general];
      const shown = all.slice(0, MAX_LINES);
      if (all.length > MAX_LINES) {
        shown.push(message("finding_more", String(all.length - MAX_LINES)));
      }
      return [{ topic, label: message(`finding_topic_${topic}`), lines: shown }];
    });
  }

  /**
   * @param {readonly WireFinding[]} findings
   * @returns {Topic}
   */
  function worstTopic(findings) {
    const found = new Set(findings.map((finding) => TOPIC_OF_KIND.get(finding.kind) ?? "other"));
    return TOPICS.find((topic) => found.has(topic)) ?? "other";
  }

  /**
   * @param {number} bytes
   * @param {string} language
   */
  function sizeWords(bytes, language) {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    const step = Math.min(3, Math.max(1, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
    return new Intl.NumberFormat(language, {
      style: "unit",
      unit: units[step] ?? "byte",
      maximumFractionDigits: step > 1 || bytes < 1000 ? 1 : 0,
    }).format(bytes / 1000 ** step);
  }

  /**
   * @param {Item} item
   * @param {Message} message
   * @param {string} language
   * @returns {Row}
   */
  function row(item, message, language) {
    const { outcome, file } = item;
    const { name } = file;
    switch (outcome?.state) {
      case undefined:
        return { topic: "wait", name, line: message("card_row_wait") };
      case "fine":
        return { topic: "fine", name, line: message("card_row_fine") };
      case "doubt":
        return { topic: "doubt", name, line: message(`card_row_${outcome.why}`) };
      case "private": {
        const groups = group(outcome.findings, message, language);
        const labels = groups.map(({ topic }) => message(`finding_short_${topic}`));
        const line = new Intl.ListFormat(language, { type: "unit" }).format(labels);
        return { topic: worstTopic(outcome.findings), name, line };
      }
      default:
        return { topic: "doubt", name, line: message("card_row_failed") };
    }
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

  /** @param {readonly Item[]} items */
  function findingsOf(items) {
    return items.flatMap(({ outcome }) =>
      outcome === null || outcome.state === "fine" ? [] : outcome.findings,
    );
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
   * @returns {{headline: string, note: string}}
   */
  function sentences(items, message) {
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
      const headline = message(`card_${reach}_${about}`, [String(count), String(items.length)]);
      return {
        headline: isOne ? message(`card_headline_${topic}`) : headline,
        note: doubtful.length > 0 ? message("card_note_mixed", String(doubtful.length)) : "",
      };
    }
    if (doubt !== undefined) {
      const number = isOne ? "one" : "many";
      return {
        headline: message(`card_doubt_${doubt}_${number}`),
        note: message(`card_note_${doubt}`),
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
    if (revealing.length > 0) return ["remove", "share", "cancel"];
    const share = doubts.includes("unproven") ? "share_cleaned" : "share";
    return doubts.some((why) => PASSING.has(why)) ? ["retry", share, "cancel"] : ["cancel", share];
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
   * @param {boolean} [isBusy] whether a choice is being carried out
   * @returns {View}
   */
  function view(items, message, language, isBusy = false) {
    const [first] = items;
    const isOne = items.length === 1 && first !== undefined;
    const { headline, note } = sentences(items, message);
    return {
      headline,
      caption: isOne
        ? message("card_caption", [first.file.name, sizeWords(first.file.size, language)])
        : message("card_caption_many", String(items.length)),
      note: isBusy ? busyNote(items, message) : note,
      groups: isOne ? group(findingsOf(items), message, language) : [],
      rows: isOne ? [] : items.map((item) => row(item, message, language)),
      buttons: choices(items).map((choice) => ({
        choice,
        label: message(choice === "share" && !isOne ? "card_share_many" : `card_${choice}`),
      })),
      isBusy,
    };
  }

  return Object.freeze({ TOPIC_OF_KIND, TOPICS, group, view });
})();
