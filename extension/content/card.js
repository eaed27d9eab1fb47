/* global sharewiseCardParts, sharewiseCardStyle, sharewiseInputs, sharewiseOnce, sharewisePost,
   sharewiseCardPresses, sharewiseCardSettling */
/* exported sharewiseCard */

/**
 * The warning: a modal dialog in a closed shadow root in the top layer, built when it is needed.
 *
 * The page sees an empty element appear and go; it sees no click or key that is meant for the card,
 * and none that it makes up counts. What hands files over is only pressed on a card that has stood
 * still for a while; Cancel always is.
 *
 * What a person does on the card: a choice that ends it, one for a single file, or a box ticked.
 * @typedef {{choice: Choice} | {fate: Fate, index: number}
 *   | {check: "always" | "neutral", isOn: boolean}} Reply
 *
 * @typedef {object} OpenCard
 * @property {() => Promise<Reply>} reply what the person does next
 * @property {(view: View) => void} update
 * @property {(choice: Choice) => void} choose as if the person had chosen it
 * @property {() => void} close
 */
const sharewiseCard = sharewiseOnce(() => {
  const { checkBox, control, fact, fileRow, isRightToLeft, language, make, map, pictures } =
    sharewiseCardParts();
  const { keyOf, serve } = sharewiseCardPresses();
  /** The map's own size in pixels; it is cut to its room. */
  const MAP_WIDTH = 216;
  const MAP_HEIGHT = 176;
  /** How often a page may take the card away before that counts as Cancel. */
  const MAX_RETURNS = 20;

  /** The presses that hand files over. */
  const GIVING = new Set([
    "choice:chosen",
    "choice:remove",
    "choice:share",
    "choice:share_cleaned",
  ]);

  /**
   * Where replies wait for whoever asks for them, or who asks for a reply.
   *
   * @returns {{put: (reply: Reply) => void, take: () => Promise<Reply>}}
   */
  function mailbox() {
    /** @type {Reply[]} */
    const early = [];
    /** @type {((reply: Reply) => void) | null} */
    let waiter = null;
    return {
      put: (reply) => {
        if (waiter === null) early.push(reply);
        else waiter(reply);
        waiter = null;
      },
      take: () =>
        new Promise((resolve) => {
          const reply = early.shift();
          if (reply === undefined) waiter = resolve;
          else resolve(reply);
        }),
    };
  }

  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /**
   * One card at a time, in the order in which they were wanted.
   *
   * @template T
   * @param {() => Promise<T>} work from opening a card to closing it
   * @returns {Promise<T>}
   */
  function inTurn(work) {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  /**
   * @param {ShadowRoot} root
   */
  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(sharewiseCardStyle);
      root.adoptedStyleSheets = [sheet];
    } catch {
      // A browser that does not let an extension adopt sheets lets it add elements.
      root.append(make("style", "", sharewiseCardStyle));
    }
  }

  /**
   * A picture of where the files were taken, when its data has come: never waited for.
   *
   * @param {HTMLElement} cell
   * @param {View} view
   */
  async function drawMap(cell, { places, town }) {
    try {
      const size = { width: MAP_WIDTH, height: MAP_HEIGHT };
      const request = { method: "sharing.map", params: { places, ...size } };
      const { result } = await chrome.runtime.sendMessage(request);
      cell.replaceChildren(map(result, MAP_WIDTH, MAP_HEIGHT, town));
    } catch {
      // Without the background there is no map; the words say where.
      cell.remove();
    }
  }

  /**
   * @param {View} view
   * @param {readonly Blob[]} files for their pictures
   * @returns {OpenCard}
   */
  function open(view, files) {
    const host = make("div");
    const root = host.attachShadow({ mode: "closed" });
    dress(root);
    const dialog = make("dialog");
    const headline = make("h1");
    const caption = make("p", "caption");
    const progress = make("progress");
    const note = make("p", "note");
    const facts = make("ul", "facts");
    const rows = make("ul", "files");
    const checks = make("div", "checks");
    const choicesBar = make("div", "choices");
    const top = make("div", "top");
    const body = make("div", "body");
    const main = make("div", "main");
    headline.id = "headline";
    note.id = "note";
    facts.id = "facts";
    note.setAttribute("role", "status");
    progress.setAttribute("aria-labelledby", "headline");
    dialog.setAttribute("aria-labelledby", "headline");
    dialog.setAttribute("aria-describedby", "note facts");
    dialog.dir = isRightToLeft() ? "rtl" : "ltr";
    dialog.lang = language();
    main.setAttribute("role", "group");
    main.setAttribute("aria-labelledby", "headline");
    top.setAttribute("aria-hidden", "true");
    if (files.length > 0) top.append(pictures(files, view.places.length > 0));
    body.append(headline, caption, progress, note, facts, rows);
    main.append(top, body);
    dialog.append(main, checks, choicesBar, make("p", "foot", chrome.i18n.getMessage("card_foot")));
    root.append(dialog);

    /** What a press means, by the key of the button. @type {Map<string, () => void>} */
    const presses = new Map();
    const replies = mailbox();
    let latest = view;
    /** The row whose choices are shown. @type {number | null} */
    let openRow = null;
    let shownPlaces = "";
    let shownButtons = "";
    let shownWords = "";
    let isOpen = true;
    let returns = 0;

    /** @param {Choice} choice */
    function choose(choice) {
      replies.put({ choice });
    }

    /**
     * @param {Element | null} button
     * @param {boolean} isMeant whether the card had stood still when it was pressed
     */
    function press(button, isMeant) {
      const key = keyOf(button);
      if (latest.isBusy && key !== "choice:cancel") return;
      if (isMeant || !GIVING.has(key)) presses.get(key)?.();
    }

    /**
     * @param {HTMLElement} within
     * @param {() => void} onPress
     * @param {string} key of a button in it
     */
    function hear(within, onPress, key) {
      presses.set(key, onPress);
      const button = within.querySelector(`button[data-key="${key}"]`);
      button?.addEventListener("click", (event) => {
        if (event.isTrusted) press(button, settling.isSettled());
      });
    }

    /**
     * @param {Button} button
     * @param {number} index
     * @param {readonly Button[]} all
     */
    function buttonFor({ choice, label }, index, all) {
      const button = control(`choice:${choice}`, index === 0 ? "primary" : "", label);
      if (all.length === 2 && index === 1) button.classList.add("only");
      button.autofocus = index === 0;
      return button;
    }

    /** @param {Row} entry */
    function drawRow(entry) {
      const isOpenRow = entry.index === openRow;
      const row = fileRow(entry, isOpenRow, latest.isBusy);
      hear(row, () => toggleRow(entry.index), `row:${entry.index}`);
      if (!isOpenRow) return row;
      for (const { fate } of entry.fates) {
        const settle = () => {
          toggleRow(entry.index);
          replies.put({ fate, index: entry.index });
        };
        hear(row, settle, `fate:${entry.index}:${fate}`);
      }
      return row;
    }

    /** @param {number} index */
    function toggleRow(index) {
      openRow = openRow === index ? null : index;
      drawLists();
      focusOn(`row:${index}`);
    }

    /** @param {string} key of a button that may have been drawn anew */
    function focusOn(key) {
      const button = root.querySelector(`button[data-key="${key}"]`);
      if (button instanceof HTMLElement && button !== root.activeElement) button.focus();
    }

    /** The parts that are drawn anew as a whole; the focus stays where it was. */
    function drawLists() {
      const focused = root.activeElement;
      const key = focused instanceof HTMLElement ? focused.dataset["key"] : undefined;
      facts.replaceChildren(...latest.groups.map(fact));
      rows.replaceChildren(...latest.rows.map(drawRow));
      checks.replaceChildren(...latest.checks.map(checkBox));
      for (const { check, isOn } of latest.checks) {
        hear(checks, () => replies.put({ check, isOn: !isOn }), `check:${check}`);
      }
      if (key !== undefined && !key.startsWith("choice:")) focusOn(key);
    }

    function drawChoices() {
      // A button under the person's finger is only replaced by another choice.
      const offered = latest.buttons.map(({ choice, label }) => `${choice} ${label}`).join("\n");
      if (offered === shownButtons) return;
      const had = root.activeElement;
      const isHeld = had instanceof HTMLElement && choicesBar.contains(had);
      shownButtons = offered;
      choicesBar.replaceChildren(...latest.buttons.map(buttonFor));
      for (const { choice } of latest.buttons) {
        hear(choicesBar, () => choose(choice), `choice:${choice}`);
      }
      const [first] = choicesBar.children;
      if (isHeld && first instanceof HTMLElement) first.focus();
    }

    function drawPlaces() {
      const { places } = latest;
      const shown = JSON.stringify(places);
      if (places.length === 0 || shown === shownPlaces) return;
      shownPlaces = shown;
      top.querySelector(".where-map")?.remove();
      const cell = make("div", "where-map");
      top.append(cell);
      void drawMap(cell, latest);
    }

    /** @returns {boolean} whether the choices can be seen: nothing of the page lies over them */
    function isInSight() {
      return sharewiseCardSettling().isInSight(host, [...choicesBar.children]);
    }

    /** Start to wait anew if what the card says, and thus where its buttons are, is not as before. */
    function noteChange() {
      const boxes = latest.checks.map(({ check }) => check);
      // How far a look is, and which boxes are ticked, moves nothing.
      const said = JSON.stringify({ ...latest, checks: boxes, progress: null, isWaiting: false });
      if (said !== shownWords) settling.restart();
      shownWords = said;
    }

    /** @param {View} next */
    function update(next) {
      latest = next;
      noteChange();
      dialog.setAttribute("aria-busy", String(next.isBusy));
      dialog.classList.toggle("waiting", next.isWaiting);
      headline.textContent = next.headline;
      caption.textContent = next.caption;
      if (note.textContent !== next.note) note.textContent = next.note;
      progress.hidden = next.progress === null;
      progress.max = next.progress?.total ?? 1;
      progress.value = next.progress?.done ?? 0;
      // What may have to be scrolled is reached by the keyboard: by its buttons, or by itself.
      main.tabIndex = next.rows.length > 0 ? -1 : 0;
      drawPlaces();
      drawLists();
      drawChoices();
    }

    const settling = sharewiseCardSettling().watch(isInSight, (isSettled) => {
      dialog.classList.toggle("settling", !isSettled);
    });

    function show() {
      settling.restart();
      (document.documentElement ?? document).append(host);
      if (!dialog.open) dialog.showModal();
      // The page may have put another root in the place of the one before.
      watcher.observe(document, { childList: true });
      if (document.documentElement !== null) {
        watcher.observe(document.documentElement, { childList: true });
      }
    }

    function reopen() {
      if (!isOpen || host.isConnected) return;
      returns += 1;
      if (returns > MAX_RETURNS) {
        choose("cancel");
        return;
      }
      dialog.close();
      show();
    }

    // The page may take the element away, never the decision.
    const watcher = new MutationObserver(reopen);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (event.isTrusted) choose("cancel");
    });
    dialog.addEventListener("close", () => {
      // Pressed twice, Escape closes a dialog whatever we say. One that was shown again is open.
      if (isOpen && !dialog.open) choose("cancel");
    });
    update(view);
    const uncover = () => sharewiseCardSettling().uncoverAll(sharewiseInputs().shadowRootOf);
    sharewisePost.send("shown", null);
    serve({ host, root, press, settling, uncover });
    show();
    window.addEventListener("blur", settling.restart);
    window.addEventListener("focus", settling.restart);

    return {
      reply: replies.take,
      update,
      choose,
      close: () => {
        isOpen = false;
        serve(null);
        watcher.disconnect();
        settling.stop();
        window.removeEventListener("blur", settling.restart);
        window.removeEventListener("focus", settling.restart);
        dialog.close();
        host.remove();
        sharewiseCardSettling().giveBack();
        sharewisePost.send("hidden", null);
      },
    };
  }

  return Object.freeze({ inTurn, mailbox, open });
});
