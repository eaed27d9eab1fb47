import assert from "node:assert/strict";
import { test } from "node:test";

import { Router } from "../../../extension/background/router.js";
import { Failure } from "../../../extension/shared/failure.js";

const ID = "lkbpoljipomfgpekaoadmnpagopoknca";
const ROOT = `chrome-extension://${ID}/`;
const PAGE = { id: ID, url: `${ROOT}pages/popup.html`, origin: `chrome-extension://${ID}` };
const CONTENT = {
  id: ID,
  url: "https://a.example/",
  origin: "https://a.example",
  tab: { id: 7 },
};

function routerWith(routes = new Map()) {
  const calls = [];
  const daemon = {
    call: async (method, params, sender) => {
      calls.push({ method, params, sender });
      return { done: true };
    },
  };
  return { router: new Router({ routes, daemon, id: ID, root: ROOT }), calls };
}

async function codeOf(message, speaker, routes) {
  const { router, calls } = routerWith(routes);
  const answer = await router.answer(message, speaker);
  assert.deepEqual(calls, []);
  return answer.error.code;
}

test("a page may ask the daemon, and is named by what the browser says", async () => {
  const { router, calls } = routerWith();
  const message = { method: "daemon.status", params: {}, sender: "background" };
  assert.deepEqual(await router.answer(message, PAGE), { result: { done: true } });
  assert.deepEqual(calls, [{ method: "daemon.status", params: {}, sender: "page" }]);
});

test("a content script is named so even when its message claims to be a page", async () => {
  const { router, calls } = routerWith();
  const params = { session_id: "s" };
  await router.answer({ method: "photo.close", params, sender: "page" }, CONTENT);
  assert.deepEqual(calls, [{ method: "photo.close", params, sender: "content" }]);
});

for (const method of ["capture.begin", "capture.part", "capture.seal", "capture.cancel"]) {
  test(`a content script may not call ${method}`, async () => {
    assert.equal(await codeOf({ method, params: {} }, CONTENT), "sender_refused");
  });
}

test("a content script may not start to save a page", async () => {
  const route = { senders: new Set(["page"]), handle: () => assert.fail("it was handled") };
  const routes = new Map([["saving.start", route]]);
  assert.equal(await codeOf({ method: "saving.start" }, CONTENT, routes), "sender_refused");
});

for (const method of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
  test(`what every object has is no method: ${method}`, async () => {
    assert.equal(await codeOf({ method, params: {} }, PAGE), "unknown_method");
  });
}

test("a page may not say hello or stop the daemon", async () => {
  assert.equal(await codeOf({ method: "hello", params: {} }, PAGE), "sender_refused");
  assert.equal(await codeOf({ method: "daemon.stop", params: {} }, PAGE), "sender_refused");
});

const strangers = {
  "another extension": { ...PAGE, id: "other" },
  "another extension's page": { id: ID, url: "chrome-extension://other/pages/popup.html" },
  "a page whose address only begins like ours": { id: ID, url: `chrome-extension://${ID}.evil/` },
  "a content script without a tab": { ...CONTENT, tab: undefined },
  "somebody without an address": { id: ID, tab: { id: 7 } },
  "our origin with a foreign address": { ...CONTENT, origin: `chrome-extension://${ID}` },
  nobody: {},
};
for (const [name, speaker] of Object.entries(strangers)) {
  test(`refused: ${name}`, async () => {
    assert.equal(await codeOf({ method: "daemon.status", params: {} }, speaker), "sender_refused");
  });
}

for (const message of [null, 7, "daemon.status", {}, { method: 7 }, { method: "x", params: [] }]) {
  test(`not a request: ${JSON.stringify(message)}`, async () => {
    assert.equal(await codeOf(message, PAGE), "invalid_request");
  });
}

test("a failure is an answer with its code", async () => {
  const route = {
    senders: new Set(["page"]),
    handle: async () => {
      throw new Failure("busy", "A page is being saved already.");
    },
  };
  const { router } = routerWith(new Map([["saving.start", route]]));
  const answer = await router.answer({ method: "saving.start" }, PAGE);
  assert.deepEqual(answer, { error: { code: "busy", message: "A page is being saved already." } });
});
