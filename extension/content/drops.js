/* global sharewiseFolders, sharewiseHolding, sharewiseInputs, sharewiseOnce, sharewiseParts,
   sharewisePost */
/* exported sharewiseDrops */

/**
 * Drops and pastes: stopped before the page sees them, and repeated with what was decided. The
 * page's own realm makes the repeated event: a page may read only a DataTransfer of its own.
 *
 * @typedef {{type: "drop" | "dragleave" | "paste", words: string[], fields: object,
 *   isFileFirst: boolean, places: number[] | null, same: boolean[]}} Replay `isFileFirst`: whether
 *   the files stand before the words, `places`: which of the dropped files each stands for, `same`:
 *   whether it is that file as it was
 */
const sharewiseDrops = sharewiseOnce(() => {
  const MOUSE_FIELDS = /** @type {const} */ ([
    ...["altKey", "button", "buttons", "clientX", "clientY", "ctrlKey", "detail"],
    ...["metaKey", "screenX", "screenY", "shiftKey"],
  ]);

  /**
   * The words of a DataTransfer, type and text in turn; what is no text is in its files.
   *
   * @param {DataTransfer} given
   * @returns {string[]}
   */
  function wordsOf(given) {
    return [...given.types]
      .filter((type) => type !== "Files" && !type.startsWith("application/x-moz-"))
      .flatMap((type) => [type, given.getData(type)]);
  }

  /** @param {DataTransfer} given @returns {boolean} whether a page finds a file before any words */
  function isFileFirst(given) {
    return given.items[0]?.kind === "file";
  }

  /**
   * @param {EventTarget} target
   * @param {Replay} replay
   * @param {readonly File[]} files
   * @returns {boolean} whether the page leaves it to the browser
   */
  function repeat(target, replay, files) {
    if (sharewisePost.isJoined()) {
      return sharewisePost.send("replay", replay, { files, node: target });
    }
    // A page that no script may enter: nobody listens but the browser.
    const dataTransfer = new DataTransfer();
    for (const file of files) dataTransfer.items.add(file);
    const { fields, type } = replay;
    return target.dispatchEvent(
      type === "paste"
        ? new ClipboardEvent(type, { ...fields, clipboardData: dataTransfer })
        : new DragEvent(type, { ...fields, dataTransfer }),
    );
  }

  /**
   * The folders among the files of a drop, by the File that stands for each.
   *
   * @param {DataTransfer} given
   * @returns {Map<File, FileSystemEntry>}
   */
  function foldersAmong(given) {
    const folders = new Map();
    let at = 0;
    for (const item of given.items) {
      if (item.kind !== "file") continue;
      const entry = item.webkitGetAsEntry();
      if (entry?.isDirectory) folders.set(given.files[at], entry);
      at += 1;
    }
    return folders;
  }

  /**
   * Review files and what is in folders, all at once.
   *
   * @param {readonly File[]} files as they were dropped
   * @param {ReadonlyMap<File, FileSystemEntry>} folders
   * @returns {Promise<{files: File[], places: number[], same: boolean[], inside: Found[]} | null>}
   *   what is handed over, which of the dropped files each stands for, whether as it was, and what
   *   the folders hold; null if the person cancelled
   */
  async function decideAll(files, folders) {
    /** @type {Found[]} */
    const inside = [];
    /** @type {Set<File>} */
    const closed = new Set();
    for (const [file, entry] of folders) {
      const isFine = await sharewiseParts().come();
      const found = isFine ? await sharewiseFolders().filesIn(entry) : null;
      if (found === null) closed.add(file);
      else inside.push(...found);
    }
    const plain = files.filter((file) => !folders.has(file) || closed.has(file));
    const all = [...plain, ...inside.map(({ file }) => file)];
    const decision =
      all.length === 0 ? { files: [], from: [] } : await sharewiseHolding().decide(all, closed);
    if (decision === null) return null;
    /** What an original became, if it is not left out. @type {Map<File, File>} */
    const became = new Map();
    decision.files.forEach((file, index) => {
      const original = all[decision.from[index] ?? -1];
      if (original !== undefined) became.set(original, file);
    });
    sharewiseHolding().settleEntries(all, became);
    const places = [...files.keys()].filter((index) => {
      const file = /** @type {File} */ (files[index]);
      return became.has(file) || (folders.has(file) && !closed.has(file));
    });
    const isWholeSame = inside.every(({ file }) => became.get(file) === file);
    return {
      places,
      same: places.map((index) => {
        const file = /** @type {File} */ (files[index]);
        return became.has(file) ? became.get(file) === file : isWholeSame;
      }),
      files: places
        .map((index) => /** @type {File} */ (files[index]))
        .map((file) => became.get(file) ?? file),
      inside: inside.flatMap(({ file, path }) => {
        const given = became.get(file);
        return given === undefined ? [] : [{ file: given, path }];
      }),
    };
  }

  /**
   * @param {Event} event of which a closed shadow tree shows only its host
   * @param {(root: ShadowRoot) => Element | null} inner
   * @returns {EventTarget | undefined} what it is on, in closed trees, too
   */
  function targetOf(event, inner) {
    const [target] = event.composedPath();
    if (!sharewiseInputs().isElement(target)) return target;
    /** @type {Element} */
    let found = target;
    for (;;) {
      const root = sharewiseInputs().shadowRootOf(found);
      const next = root === null ? null : inner(root);
      if (next === null || next === found || next.getRootNode() !== root) return found;
      found = next;
    }
  }

  /** @param {DragEvent} event */
  function onDrop(event) {
    const given = event.dataTransfer;
    const target = targetOf(event, (root) => root.elementFromPoint(event.clientX, event.clientY));
    if (!event.isTrusted || given === null || given.files.length === 0) return;
    if (target === undefined) return;
    const files = [...given.files];
    const folders = foldersAmong(given);
    const told = { words: wordsOf(given), isFileFirst: isFileFirst(given) };
    const picked = MOUSE_FIELDS.map((name) => [name, event[/** @type {"detail"} */ (name)]]);
    const fields = { ...Object.fromEntries(picked), bubbles: true, composed: true };
    sharewisePost.lend(given);
    event.preventDefault();
    event.stopImmediatePropagation();
    void decideAll(files, folders).then((decision) => {
      if (decision === null) {
        repeat(target, { type: "dragleave", ...told, fields, places: null, same: [] }, []);
      } else {
        const replay = { ...fields, cancelable: true };
        const type = /** @type {const} */ ("drop");
        const { places, same } = decision;
        if (repeat(target, { type, ...told, fields: replay, places, same }, decision.files)) {
          dropInto(target, decision.files, decision.inside);
        }
      }
      sharewiseHolding().settle();
    });
  }

  /**
   * What the browser does when files fall on a file input and the page leaves it to that.
   *
   * @param {EventTarget} target
   * @param {readonly File[]} files
   * @param {readonly Found[]} inside what dropped folders hold
   */
  function dropInto(target, files, inside) {
    if (!sharewiseInputs().isFileInput(target) || target.disabled) return;
    if (target.webkitdirectory) {
      sharewiseInputs().fillWithPaths(
        target,
        inside.map(({ file }) => file),
        inside.map(({ path }) => path),
      );
    } else {
      sharewiseInputs().fill(target, target.multiple ? files : files.slice(0, 1));
    }
    sharewiseInputs().accept(target);
    sharewiseInputs().fire(target, "input");
    sharewiseInputs().fire(target, "change");
  }

  /** @param {DragEvent} event */
  function onDragEnter(event) {
    if (event.isTrusted && event.dataTransfer?.types.includes("Files")) sharewiseParts().wake();
  }

  /** @param {ClipboardEvent} event */
  function onPaste(event) {
    const given = event.clipboardData;
    const target = targetOf(event, (root) => root.activeElement);
    if (!event.isTrusted || given === null || given.files.length === 0) return;
    if (target === undefined) return;
    const files = [...given.files];
    const told = { words: wordsOf(given), isFileFirst: isFileFirst(given) };
    event.preventDefault();
    event.stopImmediatePropagation();
    void sharewiseHolding()
      .decide(files)
      .then((decision) => {
        if (decision !== null) {
          const fields = { bubbles: true, cancelable: true, composed: true };
          const type = /** @type {const} */ ("paste");
          const replay = { type, ...told, fields, places: null, same: [] };
          if (repeat(target, replay, decision.files)) {
            void pasteInto(target, told.words, decision.files);
          }
        }
        sharewiseHolding().settle();
      });
  }

  /**
   * @param {Blob} file
   * @returns {Promise<string>} its address, with all of it
   */
  function dataAddress(file) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.addEventListener("load", () => resolve(String(reader.result)));
      reader.addEventListener("error", () => reject(new Error("unreadable")));
      reader.readAsDataURL(file);
    });
  }

  /**
   * What the browser does with a paste that the page leaves to it: words go in as words, else a
   * picture as a picture. Rich text is not put in: the browser alone can make it harmless.
   *
   * @param {EventTarget} target
   * @param {readonly string[]} words
   * @param {readonly File[]} files
   */
  async function pasteInto(target, words, files) {
    if (!sharewiseInputs().isElement(target)) return;
    const isField = target.matches("input, textarea");
    const isRich = /** @type {HTMLElement} */ (target).isContentEditable;
    if (!isField && !isRich) return;
    const at = words.indexOf("text/plain");
    if (at !== -1) {
      document.execCommand("insertText", false, words[at + 1] ?? "");
      return;
    }
    if (!isRich) return;
    for (const file of files.filter(({ type }) => type.startsWith("image/"))) {
      const picture = document.createElement("img");
      picture.src = await dataAddress(file);
      const html = new XMLSerializer().serializeToString(picture);
      document.execCommand("insertHTML", false, html);
    }
  }

  return Object.freeze({ onDragEnter, onDrop, onPaste });
});
