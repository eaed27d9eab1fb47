// Classic script for the isolated world of a page: scrolls it for screenshots and puts it back.
(() => {
  /** @typedef {import("./page_tools.js").Place} Place */
  /** @typedef {HTMLElement | SVGElement} Styled */
  /**
   * @typedef {object} Before a style attribute before we set properties in it
   * @property {string | null} text as it was written
   * @property {string | null} ours as we left it
   * @property {{ property: string, value: string, priority: string }[]} properties
   */

  const FRAME_WAIT_MS = 300;
  const IMAGE_WAIT_MS = 400;
  /** Nobody asked for a step for so long: the worker is gone, so the page is put back. */
  const ABANDONED_MS = 15_000;

  /** The token of the capture that this document belongs to. */
  let current = "";
  /** Where the person had scrolled to, while the page is elsewhere. */
  /** @type {{ x: number, y: number, timer: ReturnType<typeof setTimeout> } | null} */
  let displaced = null;
  /** @type {Map<Styled, Before>} */
  const changed = new Map();

  /**
   * @param {Styled} element
   * @param {Record<string, string>} properties
   */
  function override(element, properties) {
    if (changed.has(element)) return;
    const text = element.getAttribute("style");
    const before = Object.keys(properties).map((property) => ({
      property,
      value: element.style.getPropertyValue(property),
      priority: element.style.getPropertyPriority(property),
    }));
    for (const [property, value] of Object.entries(properties)) {
      element.style.setProperty(property, value, "important");
    }
    const ours = element.getAttribute("style");
    changed.set(element, { text, ours, properties: before });
  }

  /** @param {Styled} element */
  function restore(element) {
    const before = changed.get(element);
    changed.delete(element);
    if (!before) return;
    if (element.getAttribute("style") !== before.ours) {
      // The page has set something meanwhile: only what is ours is taken back.
      for (const { property, value, priority } of before.properties) {
        element.style.setProperty(property, value, priority);
      }
    } else if (before.text === null) element.removeAttribute("style");
    else element.setAttribute("style", before.text);
  }

  /**
   * @param {Document | ShadowRoot} root
   * @returns {Generator<Styled, void>} also those in open shadow roots
   */
  function* elementsOf(root) {
    for (const element of root.querySelectorAll("*")) {
      if (element instanceof HTMLElement || element instanceof SVGElement) yield element;
      if (element.shadowRoot) yield* elementsOf(element.shadowRoot);
    }
  }

  /**
   * Let sticky elements lie where they belong, and show what is fixed to the screen once: what
   * hangs at its lower edge on the last tile, all else on the first.
   * @param {Place} place
   */
  function arrange(place) {
    if (place === "only") return;
    for (const element of elementsOf(document)) {
      const { position } = getComputedStyle(element);
      if (position === "sticky") override(element, { position: "relative", inset: "auto" });
      if (position !== "fixed") continue;
      if (isShownAt(place, element)) restore(element);
      else override(element, { opacity: "0", transition: "none" });
    }
  }

  /**
   * @param {Place} place
   * @param {Element} element
   */
  function isShownAt(place, element) {
    const { top, height } = element.getBoundingClientRect();
    const hangsBelow = top > innerHeight / 2 && height < innerHeight / 2;
    return place === (hangsBelow ? "last" : "first");
  }

  /** @returns {Promise<void>} after the page was drawn twice, or soon if it is not being drawn */
  function drawn() {
    return new Promise((resolve) => {
      setTimeout(resolve, FRAME_WAIT_MS);
      requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    });
  }

  /** @returns {Promise<unknown>} after the pictures on the screen were loaded, or soon */
  function imagesOnScreen() {
    const waits = [...document.images]
      .filter((image) => !image.complete && isOnScreen(image))
      .map((image) => image.decode().catch(() => undefined));
    const deadline = new Promise((resolve) => {
      setTimeout(resolve, waits.length > 0 ? IMAGE_WAIT_MS : 0);
    });
    return Promise.race([Promise.all(waits), deadline]);
  }

  /** @param {Element} element */
  function isOnScreen(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  function scroller() {
    return document.scrollingElement ?? document.documentElement;
  }

  function pageSize() {
    const { scrollWidth, scrollHeight } = scroller();
    return { width: scrollWidth, height: scrollHeight };
  }

  /** @returns {HTMLElement[]} what fills most of the window and scrolls by itself, largest first */
  function innerPanes() {
    const panes = [];
    for (const element of elementsOf(document)) {
      if (!(element instanceof HTMLElement)) continue;
      if (element === scroller() || element === document.body) continue;
      const { clientWidth, clientHeight, scrollHeight } = element;
      const isLarge = clientWidth * clientHeight > (innerWidth * innerHeight) / 3;
      if (!isLarge || scrollHeight <= clientHeight * 1.1) continue;
      if (/auto|scroll|overlay/.test(getComputedStyle(element).overflowY)) panes.push(element);
    }
    /** @param {HTMLElement} pane */
    const area = (pane) => pane.clientWidth * pane.clientHeight;
    return panes.sort((a, b) => area(b) - area(a));
  }

  function putBack() {
    if (!displaced) return;
    for (const element of [...changed.keys()]) restore(element);
    window.scrollTo({ left: displaced.x, top: displaced.y, behavior: "instant" });
    clearTimeout(displaced.timer);
    displaced = null;
  }

  function displace() {
    const { x, y } = displaced ?? { x: window.scrollX, y: window.scrollY };
    clearTimeout(displaced?.timer);
    displaced = { x, y, timer: setTimeout(putBack, ABANDONED_MS) };
  }

  globalThis.sharewiseScroll = {
    begin(token) {
      putBack();
      current = token;
      const [navigation] = performance.getEntriesByType("navigation");
      return {
        url: location.href,
        viewport: { width: innerWidth, height: innerHeight },
        page: pageSize(),
        device_pixel_ratio: devicePixelRatio,
        loaded_from: navigation?.name ?? null,
        has_inner_pane: innerPanes().length > 0,
      };
    },

    async step(token, x, y, place) {
      if (token !== current) return null;
      displace();
      // Snap points and smooth scrolling would take the page elsewhere than asked; a scroll bar
      // would stand in every tile.
      override(document.documentElement, {
        "scroll-behavior": "auto",
        "scroll-snap-type": "none",
        "scrollbar-color": "transparent transparent",
      });
      arrange(place);
      window.scrollTo({ left: x, top: y, behavior: "instant" });
      await drawn();
      await imagesOnScreen();
      if (place !== "only") {
        // Some headers become fixed only once the page was scrolled.
        arrange(place);
        await drawn();
      }
      return { x: window.scrollX, y: window.scrollY, page: pageSize() };
    },

    position(token) {
      return token === current ? { x: window.scrollX, y: window.scrollY } : null;
    },

    putBack(token) {
      if (token === current) putBack();
      return token === current;
    },

    innerPanes,
    imagesOnScreen,
    override,
    restore,
  };
})();
