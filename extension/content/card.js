/* global sharewiseCardParts, sharewiseCardStyle */
/* exported sharewiseCard */

/**
 * The warning: a modal dialog in a closed shadow root in the top layer, built when it is needed.
 *
 * The page sees an empty element appear and go; it sees no click or key that is meant for the card,
 * and none that it makes up counts.
 *
 * @typedef {object} OpenCard
 * @property {() => Promise<Choice>} choice the person's next choice
 * @property {(view: View) => void} update
 * @property {(choice: Choice) => void} choose as if the person had chosen it
 * @property {() => void} close
 */
const sharewiseCard = (() => {
  const { fact, fileRow, language, make, pictures } = sharewiseCardParts;
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
   * Where a choice waits for whoever asks for it, or who asks for a choice.
   *
   * @returns {{put: (choice: Choice) => void, take: () => Promise<Choice>}}
   */
  function mailbox() {
    /** @type {Choice | null} */
    let early = null;
    /** @type {((choice: Choice) => void) | null} */
    let waiter = null;
    return {
      put: (choice) => {
        if (waiter === null) early = choice;
        else waiter(choice);
        waiter = null;
      },
      take: () =>
        new Promise((resolve) => {
          if (early === null) waiter = resolve;
          else resolve(early);
          early = null;
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
    const note = make("p", "note");
    const facts = make("ul", "facts");
    const rows = make("ul", "files");
    const choicesBar = make("div", "choices");
    const body = make("div", "body");
    const main = make("div", "main");
    headline.id = "headline";
    note.id = "note";
    facts.id = "facts";
    note.setAttribute("role", "status");
    dialog.setAttribute("aria-labelledby", "headline");
    dialog.setAttribute("aria-describedby", "note facts");
    dialog.dir = chrome.i18n.getMessage("@@bidi_dir");
    dialog.lang = language();
    body.append(headline, caption, note, facts, rows);
    main.append(pictures(files), body);
    dialog.append(main, choicesBar, make("p", "foot", chrome.i18n.getMessage("card_foot")));
    root.append(dialog);

    /** @type {WeakMap<Element, Choice>} */
    const choiceOf = new WeakMap();
    const choices = mailbox();
    let isBusy = false;
    let shownButtons = "";
    let isOpen = true;
    let returns = 0;

    /** @param {Element | null} button */
    function press(button) {
      const choice = button === null ? undefined : choiceOf.get(button);
      if (choice !== undefined && (!isBusy || choice === "cancel")) choices.put(choice);
    }

    /**
     * @param {Button} button
     * @param {number} index
     * @param {readonly Button[]} all
     */
    function buttonFor({ choice, label }, index, all) {
      const button = make("button", index === 0 ? "primary" : "", label);
      if (all.length === 2 && index === 1) button.classList.add("only");
      button.type = "button";
      button.autofocus = index === 0;
      button.addEventListener("click", (event) => {
        if (event.isTrusted) press(button);
      });
      choiceOf.set(button, choice);
      return button;
    }

    /** @param {View} next */
    function update(next) {
      const hadChoices = choicesBar.childElementCount > 0;
      ({ isBusy } = next);
      dialog.setAttribute("aria-busy", String(isBusy));
      headline.textContent = next.headline;
      caption.textContent = next.caption;
      note.textContent = next.note;
      facts.replaceChildren(...next.groups.map(fact));
      rows.replaceChildren(...next.rows.map(fileRow));
      // A button under the person's finger is only replaced by another choice.
      const offered = next.buttons.map(({ label }) => label).join("\n");
      if (offered === shownButtons) return;
      shownButtons = offered;
      choicesBar.replaceChildren(...next.buttons.map(buttonFor));
      const [first] = choicesBar.children;
      if (hadChoices && first instanceof HTMLElement) first.focus();
    }

    function show() {
      (document.documentElement ?? document).append(host);
      if (!dialog.open) dialog.showModal();
    }

    function reopen() {
      if (!isOpen || host.isConnected) return;
      returns += 1;
      if (returns > MAX_RETURNS) {
        choices.put("cancel");
        return;
      }
      dialog.close();
      show();
    }

    // The page may take the element away, never the decision.
    const watcher = new MutationObserver(reopen);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (event.isTrusted) choices.put("cancel");
    });
    dialog.addEventListener("close", () => {
      // Pressed twice, Escape closes a dialog whatever we say. One that was shown again is open.
      if (isOpen && !dialog.open) choices.put("cancel");
    });
    update(view);
    current = { host, root, press };
    show();
    watcher.observe(document, { childList: true });
    if (document.documentElement !== null) {
      watcher.observe(document.documentElement, { childList: true });
    }

    return {
      choice: choices.take,
      update,
      choose: choices.put,
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
