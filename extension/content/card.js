/* global sharewiseCardStyle */
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
  const SVG = "http://www.w3.org/2000/svg";
  /** Pictures shown at once; more are counted. */
  const STRIP = 4;
  /** Bigger files are not decoded for a preview. */
  const PREVIEW_BYTES = 64 * 1024 * 1024;
  /** How often a page may take the card away before that counts as Cancel. */
  const MAX_RETURNS = 20;

  /** @typedef {Row["topic"] | "picture"} Sign */

  /** Drawn on a 24 by 24 grid with round strokes. @type {ReadonlyMap<Sign, string>} */
  const MARKS = new Map([
    [
      "where",
      "M12 21s-6.5-5.6-6.5-11a6.5 6.5 0 0 1 13 0c0 5.4-6.5 11-6.5 11ZM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6Z",
    ],
    ["hidden", "M4 8.5 12 4l8 4.5-8 4.5-8-4.5ZM4 12.5l8 4.5 8-4.5M4 16.5l8 4.5 8-4.5"],
    [
      "who",
      "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5ZM4.75 20c.7-3.5 3.6-5.5 7.25-5.5s6.55 2 7.25 5.5",
    ],
    [
      "device",
      "M8 3.5h8a1.5 1.5 0 0 1 1.5 1.5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5ZM11 17.5h2",
    ],
    ["when", "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2"],
    ["text", "M5 6.5h14M5 11.5h14M5 16.5h8"],
    ["made", "m14.5 6.5 3 3M5 19l.8-3.8L16 5a2.1 2.1 0 0 1 3 3L8.8 18.2 5 19Z"],
    ["other", "M6 12h.01M12 12h.01M18 12h.01"],
    ["doubt", "M12 8v5M12 16.5h.01M12 3.8 21 19.5H3L12 3.8Z"],
    ["fine", "m5.5 12.5 4.2 4.2 8.8-9.2"],
    ["wait", "M12 7.5V12l3 2M12 20.5a8.5 8.5 0 1 0 0-17"],
    [
      "picture",
      "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5ZM4 17l5-5.5 4 4 2.5-2.5 4.5 4M15.5 8.5h.01",
    ],
  ]);

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
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name
   * @param {string} [className]
   * @param {string} [text]
   * @returns {HTMLElementTagNameMap[Name]}
   */
  function make(name, className = "", text = "") {
    const element = document.createElement(name);
    if (className !== "") element.className = className;
    if (text !== "") element.textContent = text;
    return element;
  }

  /**
   * @param {Sign} topic
   * @returns {HTMLElement}
   */
  function mark(topic) {
    const disc = make("span", `mark ${topic}`);
    disc.setAttribute("aria-hidden", "true");
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    for (const [name, value] of [
      ["viewBox", "0 0 24 24"],
      ["fill", "none"],
      ["stroke", "currentColor"],
      ["stroke-width", topic === "other" ? "3" : "1.8"],
      ["stroke-linecap", "round"],
      ["stroke-linejoin", "round"],
    ]) {
      svg.setAttribute(String(name), String(value));
    }
    path.setAttribute("d", MARKS.get(topic) ?? "");
    svg.append(path);
    disc.append(svg);
    return disc;
  }

  /**
   * @param {Group} group
   * @returns {HTMLElement}
   */
  function fact({ topic, label, lines }) {
    const row = make("li", "fact");
    const words = make("div");
    words.append(make("p", "label", label));
    lines.forEach((line, index) => {
      words.append(make("p", index === 0 ? "line first" : "line more", line));
    });
    row.append(mark(topic), words);
    return row;
  }

  /**
   * @param {Row} entry
   * @returns {HTMLElement}
   */
  function fileRow({ topic, name, line }) {
    const row = make("li", "fact row");
    const words = make("div");
    words.append(make("p", "name", name), make("p", "line", line));
    row.append(mark(topic), words);
    return row;
  }

  /**
   * The picture on a blurred copy of itself, so that nothing of it is cut off.
   *
   * @param {HTMLCanvasElement} canvas
   * @param {ImageBitmap} image
   * @param {boolean} isWhole
   */
  function paint(canvas, image, isWhole) {
    const context = canvas.getContext("2d");
    if (context === null) return;
    const { width, height } = canvas;
    const cover = Math.max(width / image.width, height / image.height);
    const contain = Math.min(width / image.width, (height * 0.84) / image.height);
    /** @param {number} scale */
    const draw = (scale) => {
      const [w, h] = [image.width * scale, image.height * scale];
      context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
    };
    context.imageSmoothingQuality = "high";
    if (!isWhole) {
      draw(cover);
      return;
    }
    context.filter = `blur(${Math.round(height / 12)}px) saturate(1.15)`;
    draw(cover * 1.2);
    context.filter = "none";
    context.fillStyle = "rgb(0 0 0 / 22%)";
    context.fillRect(0, 0, width, height);
    const [w, h] = [image.width * contain, image.height * contain];
    context.shadowColor = "rgb(0 0 0 / 45%)";
    context.shadowBlur = height / 14;
    context.save();
    context.fillRect((width - w) / 2, (height - h) / 2, w, h);
    context.restore();
    context.shadowColor = "transparent";
    draw(contain);
  }

  /**
   * Pictures of the files, made here: no address that a page's policy could forbid. The room for
   * them is taken at once, so that nothing moves under the person's finger.
   *
   * @param {readonly File[]} files
   * @returns {HTMLElement}
   */
  function pictures(files) {
    const isWhole = files.length === 1;
    const frame = make("div", isWhole ? "picture" : "picture strip");
    frame.setAttribute("aria-hidden", "true");
    for (const file of files.slice(0, STRIP)) {
      const cell = make("span", "cell");
      cell.append(mark("picture"));
      frame.append(cell);
      void showPicture(cell, file, isWhole);
    }
    if (files.length > STRIP) {
      const rest = new Intl.NumberFormat(chrome.i18n.getUILanguage()).format(files.length - STRIP);
      frame.append(make("span", "rest", `+${rest}`));
    }
    return frame;
  }

  /**
   * @param {HTMLElement} cell
   * @param {File} file
   * @param {boolean} isWhole
   */
  async function showPicture(cell, file, isWhole) {
    if (file.size > PREVIEW_BYTES) return;
    // What the browser cannot show (HEIC, a damaged file) keeps the sign; the words are enough.
    const image = await createImageBitmap(file).catch(() => null);
    if (image === null) return;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const canvas = make("canvas");
    canvas.width = (isWhole ? 432 : 432 / STRIP) * ratio;
    canvas.height = (isWhole ? 176 : 104) * ratio;
    paint(canvas, image, isWhole);
    image.close();
    cell.replaceChildren(canvas);
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
   * @param {readonly File[]} files for their pictures
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
    headline.id = "headline";
    note.id = "note";
    facts.id = "facts";
    note.setAttribute("role", "status");
    dialog.setAttribute("aria-labelledby", "headline");
    dialog.setAttribute("aria-describedby", "note facts");
    dialog.dir = chrome.i18n.getMessage("@@bidi_dir");
    dialog.lang = chrome.i18n.getUILanguage();
    body.append(headline, caption, note, facts, rows);
    dialog.append(
      pictures(files),
      body,
      choicesBar,
      make("p", "foot", chrome.i18n.getMessage("card_foot")),
    );
    root.append(dialog);

    /** @type {WeakMap<Element, Choice>} */
    const choiceOf = new WeakMap();
    /** A choice that nobody has asked for yet. @type {Choice | null} */
    let early = null;
    /** @type {((choice: Choice) => void) | null} */
    let waiter = null;
    let isBusy = false;
    let isOpen = true;
    let returns = 0;

    /** @param {Choice} choice */
    function settle(choice) {
      if (waiter === null) early = choice;
      else waiter(choice);
      waiter = null;
    }

    /** @param {Element | null} button */
    function press(button) {
      const choice = button === null ? undefined : choiceOf.get(button);
      if (choice !== undefined && (!isBusy || choice === "cancel")) settle(choice);
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
      if (next.rows.length > 4) rows.tabIndex = 0;
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
        settle("cancel");
        return;
      }
      dialog.close();
      show();
    }

    // The page may take the element away, never the decision.
    const watcher = new MutationObserver(reopen);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (event.isTrusted) settle("cancel");
    });
    dialog.addEventListener("close", () => {
      // Pressed twice, Escape closes a dialog whatever its page says.
      if (isOpen && host.isConnected) settle("cancel");
    });
    update(view);
    current = { host, root, press };
    show();
    watcher.observe(document, { childList: true });
    if (document.documentElement !== null) {
      watcher.observe(document.documentElement, { childList: true });
    }

    return {
      choice: () =>
        new Promise((resolve) => {
          if (early === null) waiter = resolve;
          else resolve(early);
          early = null;
        }),
      update,
      choose: settle,
      close: () => {
        isOpen = false;
        current = null;
        watcher.disconnect();
        dialog.close();
        host.remove();
      },
    };
  }

  return Object.freeze({ EVENTS, intercept, isOpen: () => current !== null, open });
})();
