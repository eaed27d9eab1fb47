/**
 * Content scripts are classic scripts: they are run here in the order of the manifest. Each defines
 * a part that is made when it is first asked for.
 */

import { readFileSync } from "node:fs";
import vm from "node:vm";

const CONTENT = new URL("../../../extension/content/", import.meta.url);

/** @param {string} script */
function run(script) {
  const path = new URL(script, CONTENT);
  vm.runInThisContext(readFileSync(path, "utf8"), { filename: path.pathname });
}

run("once.js");

/** What reads and searches files, up to `bytes.js`, which is made of the others. */
export const READING = [
  "ahead.js",
  "searched.js",
  "inflating.js",
  "reading.js",
  "searches.js",
  "bytes.js",
];

/**
 * @param {string} wanted the part to return, which one of the scripts defines
 * @param {string[]} scripts
 * @returns {any}
 */
export function load(wanted, ...scripts) {
  for (const script of scripts) run(script);
  return vm.runInThisContext(`${wanted}()`);
}

/** @returns {Map<string, string>} the English messages */
export function englishMessages() {
  const path = new URL("../_locales/en/messages.json", CONTENT);
  const entries = Object.entries(JSON.parse(readFileSync(path, "utf8")));
  return new Map(entries.map(([key, { message }]) => [key, message]));
}

/** @returns {(key: string, given?: string | string[]) => string} as `chrome.i18n.getMessage` */
export function englishWords() {
  const messages = englishMessages();
  return (key, given = []) => {
    const text = messages.get(key);
    if (text === undefined) throw new Error(`no message ${key}`);
    const words = Array.isArray(given) ? given : [given];
    return text.replace(/\$(\d)/g, (_, number) => words[Number(number) - 1] ?? "");
  };
}
