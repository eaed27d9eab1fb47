/* global sharewiseCardParts, sharewiseCardStyle */
/* exported sharewiseCard */

/**
 * The warning: a modal dialog in a closed shadow root in the top layer, built when it is needed.
 *
 * The page sees an empty element appear and go; it sees no click or key that is meant for the card,
 * and none that it makes up counts.
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
const sharewiseCard = (() => {
  const { checkBox, control, fact, fileRow, isRightToLeft, language, make, map, pictures } =
    sharewiseCardParts;
  /** The map's own size in pixels; it is cut to its room. */
  const MAP_WIDTH = 216;
  const MAP_HEIGHT = 176;
  /** How often a page may take the card away before that counts as Cancel. */
  const MAX_RETURNS = 20;

  /** The events that a page must not see while they are meant for the card. */
  const EVENTS = [
    "auxclick",
    "click",
    "contextmenu",
    "dblclick",
    "keydown",
    "keypress",
    "keyup",
    "mousedown",
    "mouseup",
    "pointerdown",
    "pointerup",
  ];

  /** @type {{host: HTMLElement, root: ShadowRoot, press: (button: Element | null) => void} | null} */
  let current = null;
  /** Whether the key that is down was pressed on the card: a click it causes is the card's. */
  let isKeyOurs = false;

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
   * Called for each of `EVENTS` before the page can see it; the guard listens from the start, so
   * that no page was there earlier.
   *
   * @param {Event} event
   */
  function intercept(event) {
    if (current === null || event.target !== current.host) return;
    if (!event.isTrusted) {
      event.stopImmediatePropagation();
      return;
    }
    if (event.type === "keydown" && event instanceof KeyboardEvent) {
      isKeyOurs = event.key === "Enter" || event.key === " ";
    }
    if (event.type !== "click" || !(event instanceof MouseEvent)) {
      event.stopImmediatePropagation();
      return;
    }
    const { root, press } = current;
    const isPointer = event.detail > 0;
    // A click by assistive technology has neither place nor key: the button's own listener has it.
    if (!isPointer && !isKeyOurs) return;
    event.stopImmediatePropagation();
    const hit = isPointer
      ? root.elementFromPoint(event.clientX, event.clientY)
      : root.activeElement;
    press(hit?.closest("button") ?? null);
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
    top.append(pictures(files, view.places.length > 0));
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
    let isOpen = true;
    let returns = 0;

    /** @param {Choice} choice */
    function choose(choice) {
      replies.put({ choice });
    }

    /** @param {Element | null} button */
    function press(button) {
      if (!(button instanceof HTMLButtonElement)) return;
      const key = button.dataset["key"] ?? "";
      if (!latest.isBusy || key === "choice:cancel") presses.get(key)?.();
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
        if (event.isTrusted) press(button);
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

    /** @param {View} next */
    function update(next) {
      latest = next;
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

    function show() {
      (document.documentElement ?? document).append(host);
      if (!dialog.open) dialog.showModal();
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
    current = { host, root, press };
    show();
    watcher.observe(document, { childList: true });
    if (document.documentElement !== null) {
      watcher.observe(document.documentElement, { childList: true });
    }

    return {
      reply: replies.take,
      update,
      choose,
      close: () => {
        isOpen = false;
        current = null;
        watcher.disconnect();
        dialog.close();
        host.remove();
      },
    };
  }

  return Object.freeze({
    EVENTS,
    inTurn,
    intercept,
    isOpen: () => current !== null,
    mailbox,
    open,
  });
})();
