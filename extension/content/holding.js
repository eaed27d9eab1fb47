/* global sharewiseCard, sharewiseCardPresses, sharewiseOnce, sharewiseParts, sharewisePost,
   sharewiseReview, sharewiseTopCard, sharewiseView */
/* exported sharewiseHolding */

/**
 * Decisions about files that are held, and what waits for them: clicks and forms that would go
 * without the files, and the page's realm, which is told what it may not give away.
 */
const sharewiseHolding = sharewiseOnce(() => {
  /** Files that are looked at without a card: a click now would come too early. */
  let lookingCount = 0;
  /** What waits until the held files are there. @type {Array<() => void>} */
  const waiting = [];

  /** Whether the person was told that the page went for what was held last. */
  let isTold = false;

  /**
   * As the page's realm knows a file again.
   *
   * @param {File} file
   * @returns {string}
   */
  function keyOf({ lastModified, name, size }) {
    return `${size}:${lastModified}:${name}`;
  }

  /**
   * @param {readonly File[]} files
   * @param {ReadonlySet<File>} [folders]
   * @returns {Promise<Decision>}
   */
  async function reviewed(files, folders) {
    try {
      if (await sharewiseParts().come()) return await sharewiseReview().review(files, folders);
    } catch {
      // Asked all the same.
    }
    return askPlainly(files);
  }

  /**
   * Not even a card can be shown: ask in the plainest way there is.
   *
   * @param {readonly File[]} files
   * @returns {Decision} null, too, where no question may be asked
   */
  function askPlainly(files) {
    try {
      if (!confirm(chrome.i18n.getMessage("card_plain"))) return null;
    } catch {
      // The extension was updated or removed under this page, and the words in other languages are
      // gone with it.
      alert("Sharewise was updated. Reload this page, then pick again.");
      return null;
    }
    return { files: [...files], from: files.map((_, index) => index) };
  }

  /**
   * Review files, with clicks held back as long as there is no card that would stop them. Until
   * then, and unless they are shared as they are, the page can neither read nor send them.
   *
   * @param {readonly File[]} files
   * @param {ReadonlySet<File>} [folders]
   * @returns {Promise<Decision>}
   */
  async function decide(files, folders) {
    lookingCount += 1;
    isTold = false;
    sharewisePost.send("withhold", files.map(keyOf));
    try {
      const decision = await reviewed(files, folders);
      const shared = decision === null ? [] : decision.files;
      sharewisePost.send("release", shared.map(keyOf));
      return decision;
    } finally {
      lookingCount -= 1;
    }
  }

  /**
   * Cleaned files as they keep their place in a folder.
   *
   * The path goes into the name, as in a form that the browser sends; the page's realm shows name
   * and path apart, once it is told of both.
   *
   * @param {readonly File[]} files
   * @param {readonly string[]} paths where each was in its folder, "" if it is in none
   * @returns {{files: File[], names: Array<{name: string, path: string} | null>}} null for a file
   *   that is as it was
   */
  function inPlace(files, paths) {
    const names = files.map(({ name, webkitRelativePath }, index) => {
      const folder = /^.*\//.exec(paths[index] ?? "")?.[0] ?? "";
      return folder === "" || webkitRelativePath !== "" ? null : { name, path: folder + name };
    });
    const named = files.map((file, index) => {
      const path = names[index]?.path;
      const { lastModified, type } = file;
      return path === undefined ? file : new File([file], path, { lastModified, type });
    });
    return { files: named, names };
  }

  /**
   * Tell the page's realm what its entries and handles are to give. Firefox names the folder in a
   * file that an entry gives, Chromium does not.
   *
   * @param {readonly File[]} originals
   * @param {ReadonlyMap<File, File>} became what each became, but for those that are left out
   */
  function settleEntries(originals, became) {
    const given = originals.filter((file) => became.has(file));
    const left = originals.filter((file) => !became.has(file));
    const same = given.map((file) => became.get(file) === file);
    const { files, names } = inPlace(
      given.map((file) => /** @type {File} */ (became.get(file))),
      given.map((file) => file.webkitRelativePath),
    );
    const words = { given: given.map(keyOf), left: left.map(keyOf), names, same };
    sharewisePost.send("decided", words, { files });
  }

  /** @returns {boolean} whether files are looked at and nothing shows it yet */
  function isLooking() {
    const isCardOpen = sharewiseParts().areHere() && sharewiseCardPresses().isOpen();
    return lookingCount > 0 && !isCardOpen;
  }

  /** @param {() => void} work to be done as soon as nothing is held any more */
  function after(work) {
    waiting.push(work);
  }

  /** Called when held files have been handed over. */
  function settle() {
    if (lookingCount > 0) return;
    for (const work of waiting.splice(0)) work();
  }

  /**
   * The last line has kept a file from the page. While one is looked at that is as it should be;
   * later the person is told, once.
   *
   * @returns {boolean} whether the person is told
   */
  function onBlocked() {
    if (lookingCount > 0) return false;
    if (isTold) return true;
    isTold = true;
    // Where no card can be shown the file is held back all the same.
    showBlocked().catch(() => undefined);
    return true;
  }

  async function showBlocked() {
    if (!(await sharewiseParts().come())) return;
    await sharewiseCard().inTurn(async () => {
      const view = sharewiseView().blocked(chrome.i18n.getMessage);
      const card = sharewiseTopCard().open(view, []);
      try {
        await card.reply();
      } finally {
        card.close();
      }
    });
  }

  return Object.freeze({ after, decide, inPlace, isLooking, onBlocked, settle, settleEntries });
});
