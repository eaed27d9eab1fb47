// Classic script for the isolated world of a page: writes the page as it stands as one HTML text.
// Left out on purpose: scripts, event handlers, what is hidden in forms, passwords, names that
// sound like secrets, and anything that would make the copy fetch something when it is opened.
(() => {
  const MAX_CHARACTERS = 24 * 1024 * 1024;
  const MAX_IMAGES = 300;
  const MAX_IMAGE_BYTES = 4 * 1024 * 1024;
  const MAX_IMAGES_BYTES = 16 * 1024 * 1024;
  const IMAGES_WAIT_MS = 5_000;
  const IMAGES_AT_ONCE = 6;
  const MAX_FRAME_DEPTH = 3;

  const LEFT_OUT = new Set([
    ...["script", "noscript", "base", "link", "style", "object", "embed", "applet"],
    ...["audio", "portal", "fencedframe"],
  ]);
  /** Handlers, what is written anew, and names that could not be written as they are. */
  const LEFT_OUT_ATTRIBUTE = /^(on|srcdoc$|integrity$)|[\s"'<>/=]/i;
  const VOID = new Set([
    ...["area", "br", "col", "hr", "img", "input", "source", "track", "wbr", "meta"],
  ]);
  const KEPT_META = /^(description|author|keywords|viewport|color-scheme|og:|article:|profile:)/i;
  const SECRET_NAME = /csrf|xsrf|token|nonce|secret|session|passw|auth(?!or)/i;
  const SECRET_FIELD = /password|one-time-code|cc-/i;
  const ADDRESS = new Set([
    ...["src", "srcset", "href", "xlink:href", "poster", "background", "action", "formaction"],
    ...["data", "ping", "manifest", "imagesrcset", "cite", "longdesc"],
  ]);
  /** The copy can show itself and fetch nothing. */
  const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:";

  /** @type {string | null} */
  let kept = null;

  class Snapshot {
    /** @type {string[]} */
    #out = [];
    #length = 0;
    #depth = 0;
    /** @type {Map<string, string>} address → data URL */
    #images;
    is_cut = false;
    images_left_out = 0;
    frames_left_out = 0;

    /** @param {Map<string, string>} images */
    constructor(images) {
      this.#images = images;
    }

    /** @returns {string} */
    get text() {
      return this.#out.join("");
    }

    /** @param {string} text */
    #write(text) {
      this.#length += text.length;
      if (this.#length > MAX_CHARACTERS) this.is_cut = true;
      else this.#out.push(text);
    }

    /** @param {Document} page */
    document(page) {
      this.#write("<!doctype html>\n");
      this.#element(page.documentElement);
    }

    /** @param {Node} parent */
    #children(parent) {
      for (const node of parent.childNodes) {
        if (this.is_cut) return;
        if (node.nodeType === Node.TEXT_NODE) this.#write(escapeText(node.nodeValue ?? ""));
        else if (node.nodeType === Node.ELEMENT_NODE) {
          this.#element(/** @type {Element} */ (node));
        }
      }
    }

    /** @param {Element} element */
    #element(element) {
      const name = element.localName;
      if (name === "style" || name === "link") this.#sheet(element);
      if (LEFT_OUT.has(name)) return;
      if (name === "meta" && !KEPT_META.test(metaName(element))) return;
      if (name === "canvas" || name === "video") this.#picture(element);
      else if (name === "iframe" || name === "frame") this.#frame(element);
      else this.#tag(element, name);
    }

    /**
     * @param {Element} element
     * @param {string} name
     */
    #tag(element, name) {
      this.#write(`<${name}${this.#attributes(element)}>`);
      if (VOID.has(name)) return;
      if (name === "head") this.#headOfCopy(element);
      if (element.shadowRoot) this.#shadow(element.shadowRoot);
      if (isTextArea(element)) this.#write(`\n${escapeText(element.value)}`);
      else this.#children(element);
      this.#write(`</${name}>`);
    }

    /** @param {Element} head */
    #headOfCopy(head) {
      this.#write(`<meta charset="utf-8">`);
      this.#write(`<meta http-equiv="Content-Security-Policy" content="${POLICY}">`);
      this.#adopted(head.ownerDocument.adoptedStyleSheets);
    }

    /** @param {ShadowRoot} root */
    #shadow(root) {
      this.#write(`<template shadowrootmode="open">`);
      this.#adopted(root.adoptedStyleSheets);
      this.#children(root);
      this.#write("</template>");
    }

    /** @param {Iterable<CSSStyleSheet>} sheets */
    #adopted(sheets) {
      for (const sheet of sheets) this.#style(rulesOf(sheet), "");
    }

    /** @param {Element} element style or link */
    #sheet(element) {
      const { sheet } = /** @type {HTMLStyleElement} */ (element);
      if (sheet && !sheet.disabled) this.#style(rulesOf(sheet), sheet.media.mediaText);
    }

    /**
     * @param {string} rules
     * @param {string} media
     */
    #style(rules, media) {
      if (rules === "") return;
      const condition = media ? ` media="${escapeAttribute(media)}"` : "";
      this.#write(`<style${condition}>${rules.replace(/<\/style/gi, "<\\/style")}</style>`);
    }

    /** @param {Element} element canvas or video: what it shows now, if the page may know */
    #picture(element) {
      const { width, height } = element.getBoundingClientRect();
      const picture = pictureOf(/** @type {HTMLCanvasElement | HTMLVideoElement} */ (element));
      if (!picture) this.images_left_out += 1;
      const size = ` width="${Math.round(width)}" height="${Math.round(height)}"`;
      this.#write(`<img alt=""${size}${this.#attributes(element)}`);
      this.#write(picture ? ` src="${picture}">` : ">");
    }

    /** @param {Element} element */
    #frame(element) {
      const inner = frameDocument(element);
      if (!inner || this.#depth >= MAX_FRAME_DEPTH) {
        this.frames_left_out += 1;
        this.#write(`<iframe${this.#attributes(element)}></iframe>`);
        return;
      }
      const nested = new Snapshot(this.#images);
      nested.#depth = this.#depth + 1;
      nested.#length = this.#length;
      nested.document(inner);
      this.is_cut ||= nested.is_cut;
      this.images_left_out += nested.images_left_out;
      this.frames_left_out += nested.frames_left_out;
      this.#write(`<iframe${this.#attributes(element)}`);
      this.#write(` srcdoc="${escapeAttribute(nested.text)}"></iframe>`);
    }

    /** @param {Element} element */
    #attributes(element) {
      let text = "";
      for (const { name, value } of element.attributes) {
        if (LEFT_OUT_ATTRIBUTE.test(name) || SECRET_NAME.test(name)) continue;
        if (isFormState(element, name) || /^\s*javascript:/i.test(value)) continue;
        text += this.#attribute(element, name, value);
      }
      return text + formState(element) + this.#imageOf(element);
    }

    /**
     * An address becomes "data-original-…", except where it only leads somewhere when clicked.
     * @param {Element} element
     * @param {string} name
     * @param {string} value
     */
    #attribute(element, name, value) {
      const isLink = element.localName === "a" || element.localName === "area";
      if (isLink && name === "rel") return "";
      const isInner = value.startsWith("#");
      if (!ADDRESS.has(name) || isInner) return ` ${name}="${escapeAttribute(value)}"`;
      const address = absolute(value, element.baseURI);
      if (isLink && name === "href") return ` href="${escapeAttribute(address)}" rel="noreferrer"`;
      return ` data-original-${name.replace(":", "-")}="${escapeAttribute(address)}"`;
    }

    /** @param {Element} element */
    #imageOf(element) {
      const address = addressOfImage(element);
      if (address === null) return "";
      const data = address.startsWith("data:") ? address : this.#images.get(address);
      if (data) return ` src="${escapeAttribute(data)}"`;
      this.images_left_out += 1;
      return "";
    }
  }

  /** @param {string} text */
  function escapeText(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  /** @param {string} text */
  function escapeAttribute(text) {
    return escapeText(text).replace(/"/g, "&quot;");
  }

  /**
   * @param {string} address
   * @param {string} base
   */
  function absolute(address, base) {
    return URL.canParse(address, base) ? new URL(address, base).href : address;
  }

  /** @param {Element} element */
  function metaName(element) {
    return element.getAttribute("name") ?? element.getAttribute("property") ?? "";
  }

  /** @param {CSSStyleSheet} sheet */
  function rulesOf(sheet) {
    try {
      return [...sheet.cssRules].map((rule) => rule.cssText).join("\n");
    } catch {
      return ""; // a sheet from another site: the browser keeps its rules to itself
    }
  }

  /**
   * @param {Element} element
   * @param {string} name
   * @returns {boolean} whether the attribute is written by `formState` or must not be
   */
  function isFormState(element, name) {
    const { localName } = element;
    if (localName === "input") return name === "value" || name === "checked";
    return localName === "option" && name === "selected";
  }

  /**
   * @param {Element} element
   * @returns {string} what the person sees in the field now
   */
  function formState(element) {
    if (element.localName === "option") {
      return /** @type {HTMLOptionElement} */ (element).selected ? " selected" : "";
    }
    if (element.localName !== "input") return "";
    const field = /** @type {HTMLInputElement} */ (element);
    const { type, checked, value } = field;
    // The attribute: Firefox's property is empty for the kinds that it does not fill in itself.
    const autocomplete = field.getAttribute("autocomplete") ?? "";
    if (type === "checkbox" || type === "radio") return checked ? " checked" : "";
    const isSecret =
      SECRET_FIELD.test(type) || SECRET_FIELD.test(autocomplete) || SECRET_NAME.test(field.name);
    if (isSecret || type === "hidden" || type === "file") return "";
    return value ? ` value="${escapeAttribute(value)}"` : "";
  }

  /**
   * @param {Element} element
   * @returns {string | null} the address of the picture that it shows
   */
  function addressOfImage(element) {
    const image = /** @type {HTMLImageElement} */ (element);
    return element.localName === "img" ? image.currentSrc || image.src || null : null;
  }

  /**
   * By name, not by class: the elements of a frame are of that frame's classes.
   * @param {Element} element
   * @returns {element is HTMLTextAreaElement}
   */
  function isTextArea(element) {
    return element.localName === "textarea";
  }

  /** @param {HTMLCanvasElement | HTMLVideoElement} element */
  function pictureOf(element) {
    try {
      if ("toDataURL" in element) return element.toDataURL("image/png");
      const canvas = document.createElement("canvas");
      canvas.width = element.videoWidth;
      canvas.height = element.videoHeight;
      canvas.getContext("2d")?.drawImage(element, 0, 0);
      return canvas.width > 0 ? canvas.toDataURL("image/jpeg") : null;
    } catch {
      return null; // drawn from another site's pictures: the browser keeps the pixels to itself
    }
  }

  /** @param {Element} element */
  function frameDocument(element) {
    try {
      return /** @type {HTMLIFrameElement} */ (element).contentDocument;
    } catch {
      return null;
    }
  }

  /**
   * @param {Document | ShadowRoot} root
   * @param {Set<string>} found
   */
  function collectImages(root, found) {
    for (const element of root.querySelectorAll("*")) {
      const address = addressOfImage(element);
      if (address !== null && !address.startsWith("data:")) found.add(address);
      if (element.shadowRoot) collectImages(element.shadowRoot, found);
      const inner = element.localName === "iframe" ? frameDocument(element) : null;
      if (inner) collectImages(inner, found);
    }
  }

  /**
   * @param {string[]} addresses
   * @returns {Promise<Map<string, string>>} those that could be had in time, as data URLs
   */
  async function fetchImages(addresses) {
    const queue = addresses.slice(0, MAX_IMAGES);
    /** @type {Map<string, string>} */
    const images = new Map();
    const deadline = AbortSignal.timeout(IMAGES_WAIT_MS);
    let total = 0;
    async function work() {
      for (let address = queue.shift(); address !== undefined; address = queue.shift()) {
        const image = await fetchImage(address, deadline);
        if (image === null || total + image.length > MAX_IMAGES_BYTES) continue;
        total += image.length;
        images.set(address, image);
      }
    }
    await Promise.all(Array.from({ length: IMAGES_AT_ONCE }, work));
    return images;
  }

  /** @param {string} address */
  function isOfThisSite(address) {
    return URL.canParse(address) && new URL(address).origin === window.origin;
  }

  /**
   * The browser has the picture already: its own copy is asked for first.
   * @param {string} address
   * @param {AbortSignal} signal
   * @returns {Promise<string | null>}
   */
  async function fetchImage(address, signal) {
    try {
      const response = await fetch(address, { cache: "force-cache", signal });
      const blob = await response.blob();
      const isImage = response.ok && blob.type.startsWith("image/");
      return isImage && blob.size <= MAX_IMAGE_BYTES ? await dataUrl(blob) : null;
    } catch {
      return null; // not ours to read, gone, or too slow: it is counted as left out
    }
  }

  /**
   * @param {Blob} blob
   * @returns {Promise<string>}
   */
  function dataUrl(blob) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  globalThis.sharewiseSnapshot = {
    async take(isAnySite) {
      /** @type {Set<string>} */
      const addresses = new Set();
      collectImages(document, addresses);
      const wanted = [...addresses].filter((address) => isAnySite || isOfThisSite(address));
      const images = await fetchImages(wanted);
      const snapshot = new Snapshot(images);
      snapshot.document(document);
      kept = snapshot.text;
      const { is_cut, images_left_out, frames_left_out } = snapshot;
      const images_total = addresses.size;
      return { length: kept.length, images_total, images_left_out, frames_left_out, is_cut };
    },
    piece: (from, to) => kept?.slice(from, to) ?? "",
    release() {
      kept = null;
    },
  };
})();
