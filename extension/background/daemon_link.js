import { PROTOCOL } from "../generated/wire.js";
import { Failure } from "../shared/failure.js";

/** @typedef {import("../generated/wire.js").Calls} Calls */
/** @typedef {import("../generated/wire.js").Method} Method */
/** @typedef {import("../generated/wire.js").Sender} Sender */
/** @typedef {import("../shared/failure.js").FailureCode} FailureCode */

export const HOST = "org.sharewise.host";
export const MAX_PENDING = 256;

const TIMEOUT_MS = 10_000;
/** @type {ReadonlyMap<Method, number>} */
const TIMEOUTS_MS = new Map([
  ["photo.open", 5_000],
  ["photo.answer", 5_000],
  ["capture.seal", 120_000],
]);

/** What the browsers say when a port ends. Source: measured, Chromium 156, Firefox ESR 153. */
/** @type {ReadonlyArray<[RegExp, FailureCode]>} */
const PORT_ENDINGS = [
  [/host not found|No such native application/i, "host_missing"],
  [/forbidden/i, "host_forbidden"],
];

/**
 * @param {string | null | undefined} text lastError of Chromium or `port.error` of Firefox, which
 *   is null when the host died and says "No such native application" also when it is forbidden
 * @returns {Failure}
 */
export function failureOfPort(text) {
  const found = PORT_ENDINGS.find(([pattern]) => pattern.test(text ?? ""));
  if (found?.[1] === "host_missing") {
    return new Failure("host_missing", "The program of Sharewise is not installed.");
  }
  if (found?.[1] === "host_forbidden") {
    return new Failure("host_forbidden", "The program does not know this browser.");
  }
  return new Failure("daemon_gone", "The connection to the program ended.");
}

/**
 * @typedef {object} Pending
 * @property {(result: unknown) => void} resolve
 * @property {(failure: Failure) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

/** One native port: opened by the first call, opened again by the first call after it died. */
export class DaemonLink {
  /** @type {chrome.runtime.Port | null} */
  #port = null;
  /** @type {Promise<chrome.runtime.Port> | null} a port whose hello was answered */
  #ready = null;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  #lastId = 0;
  #connect;
  #version;
  #lastError;

  /**
   * @param {object} world
   * @param {() => chrome.runtime.Port} world.connect
   * @param {string} world.version of the extension
   * @param {() => string | undefined} world.lastError
   */
  constructor({ connect, version, lastError }) {
    this.#connect = connect;
    this.#version = version;
    this.#lastError = lastError;
  }

  /**
   * @template {Method} M
   * @param {M} method
   * @param {Calls[M]["params"]} params
   * @param {Sender} sender as the browser says, never as a message claims
   * @returns {Promise<Calls[M]["result"]>} rejects with a Failure
   */
  async call(method, params, sender) {
    const port = await this.#open();
    const result = await this.#send(port, method, params, sender);
    return /** @type {Calls[M]["result"]} */ (result);
  }

  /** @returns {Promise<chrome.runtime.Port>} */
  #open() {
    if (this.#ready) return this.#ready;
    const ready = this.#greet();
    this.#ready = ready;
    ready.catch(() => {
      if (this.#ready === ready) this.#ready = null;
    });
    return ready;
  }

  /** @returns {Promise<chrome.runtime.Port>} */
  async #greet() {
    const port = this.#connectOrFail();
    this.#port = port;
    port.onMessage.addListener((message) => this.#receive(port, message));
    port.onDisconnect.addListener(() => this.#ended(port));
    try {
      const params = { protocol: PROTOCOL, version: this.#version };
      const answer = await this.#send(port, "hello", params, "background");
      const { protocol } = /** @type {Calls["hello"]["result"]} */ (answer);
      if (protocol === PROTOCOL) return port;
      throw new Failure("protocol_mismatch", "The program and the add-on differ in version.");
    } catch (thrown) {
      this.#drop(port, Failure.from(thrown));
      throw thrown;
    }
  }

  #connectOrFail() {
    try {
      return this.#connect();
    } catch (thrown) {
      throw failureOfPort(thrown instanceof Error ? thrown.message : null);
    }
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {Method} method
   * @param {object} params
   * @param {Sender} sender
   * @returns {Promise<unknown>}
   */
  #send(port, method, params, sender) {
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(new Failure("busy", "Too many questions at once."));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#pending.delete(id);
          reject(new Failure("timed_out", "The program took too long to answer."));
        },
        TIMEOUTS_MS.get(method) ?? TIMEOUT_MS,
      );
      this.#pending.set(id, { resolve, reject, timer });
      try {
        port.postMessage({ jsonrpc: "2.0", id, method, sender, params });
      } catch {
        // A port that died a moment ago throws here, before its onDisconnect is heard.
        this.#settle(id)?.reject(failureOfPort(null));
        this.#drop(port, failureOfPort(null));
      }
    });
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {unknown} untrusted
   */
  #receive(port, untrusted) {
    if (port !== this.#port || typeof untrusted !== "object" || untrusted === null) return;
    const response = /** @type {{ id?: unknown, result?: unknown, error?: unknown }} */ (untrusted);
    if (typeof response.id === "number") {
      const pending = this.#settle(response.id);
      if (response.error === undefined) pending?.resolve(response.result);
      else pending?.reject(failureOfAnswer(response.error));
    } else if (response.error !== undefined) {
      // Said of no request: the host does not want to talk, and why is in here.
      this.#drop(port, failureOfAnswer(response.error));
    }
  }

  /** @param {chrome.runtime.Port} port */
  #ended(port) {
    const { error } = /** @type {{ error?: { message: string } | null }} */ (
      /** @type {unknown} */ (port)
    );
    this.#drop(port, failureOfPort(this.#lastError() ?? error?.message));
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {Failure} failure what whoever waits is told
   */
  #drop(port, failure) {
    if (port !== this.#port) return;
    this.#port = null;
    this.#ready = null;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(failure);
    port.disconnect();
  }

  /**
   * @param {number} id
   * @returns {Pending | undefined} no longer pending
   */
  #settle(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) clearTimeout(pending.timer);
    return pending;
  }
}

/**
 * @param {unknown} untrustedError the `error` of a JSON-RPC answer; our code is in `data`
 * @returns {Failure}
 */
function failureOfAnswer(untrustedError) {
  const { data, message } = /** @type {{ data?: unknown, message?: unknown }} */ (untrustedError);
  return new Failure(
    /** @type {FailureCode} */ (typeof data === "string" ? data : "internal"),
    typeof message === "string" ? message : "The program could not do it.",
  );
}
