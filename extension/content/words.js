/* global sharewiseOnce */
/* exported sharewiseWords */

/**
 * Says what was found in words for people, in the browser's language; pure: `message` is passed in.
 *
 * @typedef {(key: string, substitutions?: string | string[]) => string} Message
 * @typedef {"where" | "hidden" | "who" | "device" | "when" | "text" | "made" | "other"} Topic
 * @typedef {{topic: Topic, label: string, lines: string[]}} Group
 */
const sharewiseWords = sharewiseOnce(() => {
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
  const PLACE = /^\s*([+-]?\d+(?:\.(\d+))?)\s*,\s*([+-]?\d+(?:\.(\d+))?)/;

  /**
   * @param {string} value "45.764,4.8357"
   * @returns {{latitude: number, longitude: number} | null}
   */
  function placeIn(value) {
    const match = PLACE.exec(value);
    if (match === null) return null;
    const [latitude, longitude] = [Number(match[1]), Number(match[3])];
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
  }

  /**
   * @param {string} value "45.764,4.8357"
   * @param {Message} message
   * @param {string} language
   * @returns {string[] | null} null if it is no pair of coordinates
   */
  function placeLines(value, message, language) {
    const match = PLACE.exec(value);
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
      case "filename":
        return [message("finding_filename_value", timeLine(value, language))];
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
   * @param {number} count
   * @param {string} language
   */
  function numberWords(count, language) {
    return new Intl.NumberFormat(language).format(count);
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

  return Object.freeze({
    TOPIC_OF_KIND,
    TOPICS,
    group,
    numberWords,
    placeIn,
    sizeWords,
    worstTopic,
  });
});
