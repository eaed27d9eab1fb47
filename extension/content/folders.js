/* global sharewiseOnce */
/* exported sharewiseFolders */

/**
 * What a dropped folder holds, read through the entries that the browser gives.
 *
 * @typedef {{file: File, path: string}} Found a file and its path, beginning with the folder's name
 */
const sharewiseFolders = sharewiseOnce(() => {
  /** More files than a person can be asked about. */
  const MAX_FILES = 1000;

  /**
   * @param {FileSystemFileEntry} entry
   * @returns {Promise<Found>}
   */
  async function fileOf(entry) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return { file, path: entry.fullPath.replace(/^\//, "") };
  }

  /**
   * @param {FileSystemDirectoryEntry} entry
   * @returns {Promise<FileSystemEntry[]>}
   */
  async function entriesIn(entry) {
    const reader = entry.createReader();
    /** @type {FileSystemEntry[]} */
    const all = [];
    for (;;) {
      // A reader gives some hundred at a time, and nothing at the end.
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return all;
      all.push(...some);
      if (all.length > MAX_FILES) return all;
    }
  }

  /**
   * @param {FileSystemEntry} folder
   * @returns {Promise<Found[] | null>} null if it cannot be read, or is too much
   */
  async function filesIn(folder) {
    const found = [];
    const waiting = [folder];
    try {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        if (entry.isFile) found.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
        else {
          waiting.push(...(await entriesIn(/** @type {FileSystemDirectoryEntry} */ (entry))));
        }
        if (found.length + waiting.length > MAX_FILES) return null;
      }
    } catch {
      return null;
    }
    return found;
  }

  return Object.freeze({ filesIn });
});
