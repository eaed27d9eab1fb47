import { Failure } from "../shared/failure.js";

/** @typedef {import("../generated/wire.js").Method} Method */
/** @typedef {Pick<import("./daemon_link.js").DaemonLink, "call">} Daemon */

/** The only calls that a page's guard may make. @type {ReadonlySet<string>} */
const METHODS = new Set(["photo.open", "photo.answer", "photo.close"]);
/** A guard looks at four files at once and has one question open for each. */
export const MAX_OPEN = 16;

/**
 * Serve one guard until its port ends: its questions go to the daemon as a content script's, and
 * what it leaves unfinished is given up.
 *
 * @param {chrome.runtime.Port} port
 * @param {Daemon} daemon
 * @param {(counts: object) => Promise<void>} count takes down what the guard found and cleaned
 */
export function serveGuardPort(port, daemon, count) {
  /** Looks that the daemon keeps open for this guard. @type {Set<string>} */
  const sessions = new Set();
  let openCount = 0;
  let isOver = false;

  /**
   * @param {unknown} untrusted
   * @returns {Promise<unknown>}
   */
  async function handle(untrusted) {
    const { method, params } = readRequest(untrusted);
    if (openCount >= MAX_OPEN) throw new Failure("busy", "Too many questions at once.");
    openCount += 1;
    try {
      const call = /** @type {"photo.open"} */ (method);
      const result = await daemon.call(call, /** @type {never} */ (params), "content");
      note(params, result);
      return result;
    } finally {
      openCount -= 1;
    }
  }

  /**
   * @param {object} params
   * @param {unknown} result
   */
  function note(params, result) {
    const step = /** @type {{ state?: string, session_id?: string }} */ (result);
    if ("session_id" in params) sessions.delete(String(params.session_id));
    if (step.state === "needs" && step.session_id !== undefined) {
      if (isOver) giveUp(step.session_id);
      else sessions.add(step.session_id);
    }
  }

  /** @param {string} session */
  function giveUp(session) {
    // Nobody is left to tell; the daemon also drops looks that nobody goes on with.
    daemon.call("photo.close", { session_id: session }, "content").catch(() => undefined);
  }

  /** @param {object} answer */
  function send(answer) {
    if (!isOver) port.postMessage(answer);
  }

  /** @type {{ tell: (message: object) => void, end: () => void } | null} */
  let card = null;
  port.onMessage.addListener((/** @type {unknown} */ untrusted) => {
    if (isOfCard(untrusted)) {
      card ??= connectTop(port);
      card?.tell(untrusted);
      return;
    }
    if (isCount(untrusted)) {
      // Nobody waits for it, and what is no count is not counted.
      count(untrusted.counts).catch(() => undefined);
      return;
    }
    const request = numberOf(untrusted);
    if (request === null) return;
    handle(untrusted).then(
      (result) => send({ request, result }),
      (thrown) => {
        const { code, message } = Failure.from(thrown);
        send({ request, error: { code, message } });
      },
    );
  });
  port.onDisconnect.addListener(() => {
    // Reading it keeps Chromium from reporting an error that is dealt with here.
    void chrome.runtime.lastError;
    isOver = true;
    card?.end();
    for (const session of sessions) giveUp(session);
    sessions.clear();
  });
}

/**
 * @param {unknown} untrusted
 * @returns {untrusted is object} whether a frame speaks to the card that is shown for it in its top
 *   frame
 */
function isOfCard(untrusted) {
  return typeof untrusted === "object" && untrusted !== null && "card" in untrusted;
}

/**
 * @param {unknown} untrusted
 * @returns {untrusted is {counts: object}}
 */
function isCount(untrusted) {
  if (typeof untrusted !== "object" || untrusted === null) return false;
  const { counts } = /** @type {{ counts?: unknown }} */ (untrusted);
  return typeof counts === "object" && counts !== null;
}

/**
 * Join a frame with the top frame of its tab: a frame may be too small for a card. When one end
 * goes, so does the other. The top frame may have to get the parts for a card first: what it is told
 * waits until it says that it listens.
 *
 * @param {chrome.runtime.Port} port of the frame
 * @returns {{ tell: (message: object) => void, end: () => void } | null} to the top frame
 */
function connectTop(port) {
  const tabId = port.sender?.tab?.id;
  if (tabId === undefined) {
    port.disconnect();
    return null;
  }
  const top = chrome.tabs.connect(tabId, { name: "card", frameId: 0 });
  /** @type {object[] | null} */
  let waiting = [];
  top.onMessage.addListener((message) => {
    if (!("listens" in message)) {
      port.postMessage(message);
      return;
    }
    for (const one of waiting ?? []) top.postMessage(one);
    waiting = null;
  });
  top.onDisconnect.addListener(() => {
    // Reading it keeps Chromium from reporting an error that is dealt with here.
    void chrome.runtime.lastError;
    port.disconnect();
  });
  return {
    tell: (message) => void (waiting === null ? top.postMessage(message) : waiting.push(message)),
    end: () => top.disconnect(),
  };
}

/**
 * @param {unknown} untrusted
 * @returns {number | null}
 */
function numberOf(untrusted) {
  if (typeof untrusted !== "object" || untrusted === null) return null;
  const { request } = /** @type {{ request?: unknown }} */ (untrusted);
  return typeof request === "number" ? request : null;
}

/**
 * @param {unknown} untrusted
 * @returns {{ method: string, params: object }}
 */
function readRequest(untrusted) {
  const { method, params } = /** @type {{ method?: unknown, params?: unknown }} */ (untrusted);
  if (typeof method !== "string" || !METHODS.has(method)) {
    throw new Failure("sender_refused", "A page may only ask about photos.");
  }
  if (typeof params !== "object" || params === null) {
    throw new Failure("invalid_request", "This is not a request.");
  }
  return { method, params };
}
