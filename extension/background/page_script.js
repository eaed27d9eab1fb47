import { Failure } from "../shared/failure.js";

/**
 * Run a function of ours in the isolated world of a tab's top frame.
 * @template {unknown[]} Arguments
 * @template Result
 * @param {number} tabId
 * @param {(...values: Arguments) => Result} func self-contained: only its source travels
 * @param {Arguments} values JSON values
 * @returns {Promise<Awaited<Result>>} rejects with a Failure where add-ons may not go
 */
export async function runInPage(tabId, func, ...values) {
  const [injection] = await inject(tabId, {
    func: /** @type {() => Result} */ (func),
    args: values,
  });
  return /** @type {Awaited<Result>} */ (injection?.result);
}

/**
 * @param {number} tabId
 * @param {string} path from the root of the extension
 */
export async function loadIntoPage(tabId, path) {
  await inject(tabId, { files: [path] });
}

/**
 * @template Result
 * @param {number} tabId
 * @param {{ func: () => Result, args: unknown[] } | { files: string[] }} what
 */
async function inject(tabId, what) {
  try {
    const target = { tabId };
    const injection =
      "func" in what
        ? // The arguments are those of `func`, which its type above has forgotten.
          { target, func: what.func, args: /** @type {[]} */ (/** @type {unknown} */ (what.args)) }
        : { target, files: what.files };
    return await chrome.scripting.executeScript(injection);
  } catch {
    const isThere = await chrome.tabs.get(tabId).then(
      () => true,
      () => false,
    );
    throw isThere
      ? new Failure("page_refused", "The browser does not let add-ons see this page.")
      : new Failure("page_closed", "The tab was closed.");
  }
}
