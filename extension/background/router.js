import { SENDERS } from "../generated/wire.js";
import { Failure } from "../shared/failure.js";

/** @typedef {import("../generated/wire.js").Method} Method */
/** @typedef {import("../generated/wire.js").Sender} Sender */
/** @typedef {import("../shared/ask.js").Answer} Answer */
/**
 * What the router needs to know of who speaks; the browser fills it in, the speaker cannot.
 * @typedef {Pick<chrome.runtime.MessageSender, "id" | "url" | "origin" | "tab">} Speaker
 */
/**
 * @typedef {object} Route
 * @property {ReadonlySet<Sender>} senders
 * @property {(params: object, speaker: Speaker) => Promise<unknown>} handle
 */

/** Answers messages: checks who speaks, then looks the method up in a Map. */
export class Router {
  #routes;
  #daemon;
  #id;
  #root;

  /**
   * @param {object} world
   * @param {ReadonlyMap<string, Route>} world.routes what the background does itself
   * @param {Pick<import("./daemon_link.js").DaemonLink, "call">} world.daemon all other methods
   * @param {string} world.id of this extension
   * @param {string} world.root the address under which its own pages lie, "/" at the end
   */
  constructor({ routes, daemon, id, root }) {
    this.#routes = routes;
    this.#daemon = daemon;
    this.#id = id;
    this.#root = root;
  }

  /**
   * @param {unknown} untrustedMessage
   * @param {Speaker} speaker
   * @returns {Promise<Answer>} never rejects: a failure is an answer
   */
  async answer(untrustedMessage, speaker) {
    try {
      return { result: await this.#handle(untrustedMessage, speaker) };
    } catch (thrown) {
      const { code, message } = Failure.from(thrown);
      return { error: { code, message } };
    }
  }

  /**
   * @param {Speaker} speaker
   * @returns {"page" | "content" | null}
   */
  senderOf(speaker) {
    if (speaker.id !== this.#id) return null;
    if (speaker.url?.startsWith(this.#root)) return "page";
    if (speaker.tab?.id === undefined || speaker.url === undefined) return null;
    // Firefox gives no origin; where there is one it must not be ours with another address.
    if (speaker.origin !== undefined && this.#root.startsWith(`${speaker.origin}/`)) return null;
    return "content";
  }

  /**
   * @param {unknown} untrustedMessage
   * @param {Speaker} speaker
   * @returns {Promise<unknown>}
   */
  async #handle(untrustedMessage, speaker) {
    const sender = this.senderOf(speaker);
    if (sender === null) throw new Failure("sender_refused", "This caller is not known.");
    const { method, params } = readMessage(untrustedMessage);
    const route = this.#routes.get(method);
    const senders = route?.senders ?? SENDERS.get(method);
    if (!senders) throw new Failure("unknown_method", "There is no such method.");
    if (!senders.has(sender)) {
      throw new Failure("sender_refused", "This caller may not ask for that.");
    }
    if (route) return route.handle(params, speaker);
    // Looked up in SENDERS, so it is a Method; the daemon checks the parameters.
    return this.#daemon.call(/** @type {Method} */ (method), /** @type {never} */ (params), sender);
  }
}

/**
 * @param {unknown} untrusted
 * @returns {{ method: string, params: object }}
 */
function readMessage(untrusted) {
  if (typeof untrusted === "object" && untrusted !== null) {
    const { method, params = {} } = /** @type {{ method?: unknown, params?: unknown }} */ (
      untrusted
    );
    const isObject = typeof params === "object" && params !== null && !Array.isArray(params);
    if (typeof method === "string" && isObject) {
      return { method, params: /** @type {object} */ (params) };
    }
  }
  throw new Failure("invalid_request", "This is not a request.");
}
