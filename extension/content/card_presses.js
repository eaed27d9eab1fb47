/* global sharewiseOnce */
/* exported sharewiseCardPresses */

/**
 * Presses on the card, before the page can see them: on which button one began and ended, and
 * whether the card had stood still by then.
 */
const sharewiseCardPresses = sharewiseOnce(() => {
  /**
   * @typedef {object} Shown
   * @property {HTMLElement} host
   * @property {ShadowRoot} root
   * @property {Settling} settling
   * @property {(button: HTMLButtonElement | null, isMeant: boolean) => void} press
   * @property {() => boolean} uncover takes away what lies over the card; whether there was anything
   */

  /** @type {Shown | null} */
  let current = null;
  /** Whether the key that is down was pressed on the card: a click it causes is the card's. */
  let isKeyOurs = false;
  /**
   * Where the press under way began, and whether the card had stood still then.
   *
   * @type {{key: string, isMeant: boolean} | null}
   */
  let begun = null;

  /** @param {Element | null} button */
  function keyOf(button) {
    return button instanceof HTMLElement ? (button.dataset["key"] ?? "") : "";
  }

  /**
   * @param {Shown} shown
   * @param {Event} event
   * @returns {HTMLButtonElement | null} what it is on
   */
  function buttonUnder({ root }, event) {
    const isAtPoint = event instanceof MouseEvent && (event.type !== "click" || event.detail > 0);
    const hit = isAtPoint
      ? root.elementFromPoint(event.clientX, event.clientY)
      : root.activeElement;
    return hit?.closest("button") ?? null;
  }

  /**
   * Called for each press before the page can see it; the guard listens from the start, so that no
   * page was there earlier.
   *
   * @param {Event} event
   */
  function intercept(event) {
    if (current === null) return;
    const { host, settling } = current;
    const { isTrusted, type } = event;
    if (event.target !== host) {
      // The second press of a pair that was meant for what lay over the card is none on the card.
      if (isTrusted && (type === "pointerdown" || type === "keydown")) settling.restart();
      return;
    }
    if (!isTrusted) {
      event.stopImmediatePropagation();
      return;
    }
    if (/pointerdown|keydown/.test(type) && current.uncover()) settling.restart();
    if (type === "pointerdown") {
      begun = { key: keyOf(buttonUnder(current, event)), isMeant: settling.isSettled() };
    }
    if (type === "keydown" && event instanceof KeyboardEvent) {
      isKeyOurs = event.key === "Enter" || event.key === " ";
      // A key that is held down since before the card came is not pressed on it.
      const isMeant = settling.isSettled() && !event.repeat;
      begun = { key: keyOf(buttonUnder(current, event)), isMeant };
    }
    if (type === "click" && event instanceof MouseEvent) onClick(current, event);
    else event.stopImmediatePropagation();
  }

  /**
   * @param {Shown} shown
   * @param {MouseEvent} event
   */
  function onClick(shown, event) {
    // A click by assistive technology has neither place nor key: the button's own listener has it.
    if (event.detail === 0 && !isKeyOurs) return;
    event.stopImmediatePropagation();
    const button = buttonUnder(shown, event);
    const { key, isMeant } = begun ?? { key: keyOf(button), isMeant: true };
    begun = null;
    // Pressed on one button and let go on another is a press of neither.
    if (key === keyOf(button)) shown.press(button, isMeant && shown.settling.isSettled());
  }

  /** @param {Shown | null} shown the card that is open from now on, or none */
  function serve(shown) {
    current = shown;
    begun = null;
  }

  return Object.freeze({ intercept, isOpen: () => current !== null, keyOf, serve });
});
