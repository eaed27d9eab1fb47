/* global sharewiseOnce */
/* exported sharewiseCardParts */

/**
 * What a card is made of: words, signs, small pictures and a map; no behaviour.
 *
 * @typedef {import("../background/map/outline.js").MapPiece} MapPiece
 */
const sharewiseCardParts = sharewiseOnce(() => {
  const SVG = "http://www.w3.org/2000/svg";
  /** Pictures shown at once; more are counted. */
  const STRIP = 4;
  const CARD_WIDTH = 432;
  /** Bigger files are not decoded for a preview. */
  const PREVIEW_BYTES = 64 * 1024 * 1024;

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

  /**
   * The language of our words, with the person's country if they speak it as that country does.
   *
   * @returns {string} a BCP 47 tag
   */
  function language() {
    const ours = chrome.i18n.getMessage("card_language");
    const theirs = chrome.i18n.getUILanguage();
    return theirs.startsWith(ours) ? theirs : ours;
  }

  /** @returns {boolean} whether our words run from right to left, whatever the browser's do */
  function isRightToLeft() {
    return chrome.i18n.getMessage("card_language") === "ar";
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
   * @param {string} name
   * @param {Record<string, string>} attributes
   * @returns {SVGElement}
   */
  function shape(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  /**
   * @param {string} path
   * @param {string} width of the stroke
   * @returns {SVGElement}
   */
  function drawing(path, width) {
    const svg = shape("svg", {
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": width,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    });
    svg.append(shape("path", { d: path }));
    return svg;
  }

  /**
   * @param {Sign} topic
   * @returns {HTMLElement}
   */
  function mark(topic) {
    const disc = make("span", `mark ${topic}`);
    disc.setAttribute("aria-hidden", "true");
    disc.append(drawing(MARKS.get(topic) ?? "", topic === "other" ? "3" : "1.8"));
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
   * A button that the card hears; `key` names it, whatever is drawn anew around it.
   *
   * @param {string} key
   * @param {string} className
   * @param {string} label
   * @param {Record<string, string>} [attributes]
   * @returns {HTMLButtonElement}
   */
  function control(key, className, label, attributes = {}) {
    const button = make("button", className, label);
    button.type = "button";
    button.dataset["key"] = key;
    for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
    return button;
  }

  /**
   * One of many files: what it gives away, what becomes of it, and, when open, what else could.
   *
   * @param {Row} entry
   * @param {boolean} isOpen
   * @param {boolean} isBusy
   * @returns {HTMLElement}
   */
  function fileRow({ index, topic, name, line, fates }, isOpen, isBusy) {
    const row = make("li", "fact row");
    const words = make("div", "words");
    const title = make("p", "name");
    // A name of another direction keeps its own, and stands where our lines begin.
    title.append(make("bdi", "", name));
    words.append(title, make("p", "line", line));
    row.append(mark(topic), words);
    const chosen = fates.find(({ isChosen }) => isChosen);
    if (chosen === undefined) return row;
    const attributes = {
      "aria-expanded": String(isOpen),
      "aria-label": chrome.i18n.getMessage("card_fate_of", [name, chosen.label]),
      ...(isBusy ? { "aria-disabled": "true" } : {}),
    };
    row.append(control(`row:${index}`, "fate", chosen.label, attributes));
    if (!isOpen) return row;
    const choices = make("div", "fates");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", name);
    for (const { fate, label, isChosen } of fates) {
      const pressed = { "aria-pressed": String(isChosen) };
      choices.append(control(`fate:${index}:${fate}`, "pill", label, pressed));
    }
    row.append(choices);
    return row;
  }

  /**
   * @param {Check} entry
   * @returns {HTMLElement}
   */
  function checkBox({ check, label, isOn }) {
    const attributes = { role: "checkbox", "aria-checked": String(isOn) };
    const button = control(`check:${check}`, "check", "", attributes);
    const box = make("span", "box");
    box.setAttribute("aria-hidden", "true");
    box.append(drawing("m5.5 12.5 4.2 4.2 8.8-9.2", "3"));
    button.append(box, make("span", "", label));
    return button;
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
    const contain = Math.min((width * 0.9) / image.width, (height * 0.84) / image.height);
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
   * @param {readonly Blob[]} files
   * @param {boolean} hasMap whether a map will stand beside them
   * @returns {HTMLElement}
   */
  function pictures(files, hasMap) {
    const isWhole = files.length === 1;
    const shown = hasMap ? STRIP - 1 : STRIP;
    const width = (hasMap ? CARD_WIDTH / 2 : CARD_WIDTH) / (isWhole ? 1 : shown);
    const frame = make("div", isWhole ? "picture" : "picture strip");
    for (const file of files.slice(0, shown)) {
      const cell = make("span", "cell");
      cell.append(mark("picture"));
      frame.append(cell);
      void showPicture(cell, file, isWhole, width);
    }
    if (files.length > shown) {
      const rest = new Intl.NumberFormat(language()).format(files.length - shown);
      const more = make("span", "rest", `+${rest}`);
      more.dir = "ltr";
      frame.append(more);
    }
    return frame;
  }

  /**
   * @param {HTMLElement} cell
   * @param {Blob} file
   * @param {boolean} isWhole
   * @param {number} width in CSS pixels
   */
  async function showPicture(cell, file, isWhole, width) {
    if (file.size > PREVIEW_BYTES) return;
    // What the browser cannot show (HEIC, a damaged file) keeps the sign; the words are enough.
    const image = await createImageBitmap(file).catch(() => null);
    if (image === null) return;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const canvas = make("canvas");
    canvas.width = Math.round(width * ratio);
    canvas.height = (isWhole ? 176 : 112) * ratio;
    paint(canvas, image, isWhole);
    image.close();
    cell.replaceChildren(canvas);
  }

  /**
   * A map of land and borders with a dot at each place; what it says is said in words, too.
   *
   * @param {MapPiece} piece
   * @param {number} width in pixels
   * @param {number} height
   * @param {string} town at the only dot
   * @returns {SVGElement}
   */
  function map({ land, borders, dots }, width, height, town) {
    const svg = shape("svg", {
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "xMidYMid slice",
      class: "map",
    });
    svg.append(
      shape("path", { class: "land", d: land, "fill-rule": "evenodd" }),
      shape("path", { class: "borders", d: borders }),
    );
    for (const [x, y] of dots) {
      const at = { cx: String(x), cy: String(y) };
      if (dots.length === 1) svg.append(shape("circle", { ...at, class: "halo", r: "16" }));
      svg.append(shape("circle", { ...at, class: "dot", r: dots.length === 1 ? "6" : "4" }));
    }
    const [only] = dots;
    if (town !== "" && only !== undefined) {
      const label = shape("text", {
        class: "town",
        x: String(only[0]),
        y: String(only[1] + 34),
        "text-anchor": "middle",
      });
      label.textContent = town;
      svg.append(label);
    }
    return svg;
  }

  return Object.freeze({
    STRIP,
    PREVIEW_BYTES,
    checkBox,
    control,
    fact,
    fileRow,
    isRightToLeft,
    language,
    make,
    map,
    pictures,
  });
});
