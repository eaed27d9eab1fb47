import assert from "node:assert/strict";
import test from "node:test";

import { MAX_OPEN, serveGuardPort } from "../../../extension/background/uploads.js";

globalThis.chrome = { runtime: {} };

/** Let every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The background's end of a port; `say` and `hangUp` are what the page does. */
function portEnds() {
  const listeners = { message: [], disconnect: [] };
  const sent = [];
  const port = {
    postMessage: (message) => sent.push(message),
    onMessage: { addListener: (listener) => listeners.message.push(listener) },
    onDisconnect: { addListener: (listener) => listeners.disconnect.push(listener) },
  };
  const say = async (message) => {
    for (const listener of listeners.message) listener(message);
    await settled();
  };
  const hangUp = async () => {
    for (const listener of listeners.disconnect) listener(port);
    await settled();
  };
  return { port, sent, say, hangUp };
}

/** @param {(method: string, params: any) => unknown} answer */
function daemonThat(answer) {
  const calls = [];
  const call = async (...given) => {
    calls.push(given);
    return answer(given[0], given[1]);
  };
  return { calls, call };
}

/** For guards that count nothing. */
const uncounted = () => assert.fail("counted");

test("a question goes to the daemon as a content script's, and its answer comes back", async () => {
  const daemon = daemonThat(() => ({ state: "verdict" }));
  const { port, sent, say } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  await say({ request: 7, method: "photo.open", params: { size_bytes: 1 }, sender: "cli" });
  assert.deepEqual(daemon.calls, [["photo.open", { size_bytes: 1 }, "content"]]);
  assert.deepEqual(sent, [{ request: 7, result: { state: "verdict" } }]);
});

test("a page may ask about photos and nothing else", async () => {
  const daemon = daemonThat(() => ({}));
  const { port, sent, say } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  for (const method of ["watch.list", "daemon.stop", "toString", 5, undefined]) {
    await say({ request: 1, method, params: {} });
  }
  assert.deepEqual(daemon.calls, []);
  assert.ok(sent.every(({ error }) => error.code === "sender_refused"));
});

test("what is no request is not answered or is refused", async () => {
  const daemon = daemonThat(() => ({}));
  const { port, sent, say } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  for (const wrong of [null, 5, "text", {}, { request: "1" }]) await say(wrong);
  assert.deepEqual(sent, []);
  await say({ request: 1, method: "photo.open", params: null });
  assert.equal(sent[0].error.code, "invalid_request");
});

test("a failure comes back with its code", async () => {
  const daemon = daemonThat(() => {
    throw Object.assign(new Error("Start it."), { code: "daemon_unreachable" });
  });
  const { port, sent, say } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  await say({ request: 1, method: "photo.open", params: {} });
  assert.equal(sent[0].request, 1);
  assert.ok(sent[0].error.code !== undefined && sent[0].error.message !== "");
});

test("too many questions at once are refused, and later ones are not", async () => {
  let release = () => undefined;
  const gate = new Promise((resolve) => {
    release = resolve;
  });
  const daemon = daemonThat(() => gate);
  const { port, sent, say } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  for (let request = 0; request <= MAX_OPEN; request += 1) {
    await say({ request, method: "photo.open", params: {} });
  }
  assert.deepEqual(
    sent.map(({ request, error }) => [request, error.code]),
    [[MAX_OPEN, "busy"]],
  );
  release({ state: "verdict" });
  await settled();
  await say({ request: 99, method: "photo.open", params: {} });
  assert.deepEqual(sent.at(-1), { request: 99, result: { state: "verdict" } });
});

test("what a page leaves unfinished is given up when it goes", async () => {
  const steps = { a: "needs", b: "needs" };
  const daemon = daemonThat((method, { session_id, name }) => {
    if (method === "photo.open") return { state: steps[name], session_id: name, requests: [] };
    return session_id === "a" ? { state: "verdict" } : {};
  });
  const { port, say, hangUp } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  await say({ request: 1, method: "photo.open", params: { name: "a" } });
  await say({ request: 2, method: "photo.open", params: { name: "b" } });
  await say({ request: 3, method: "photo.answer", params: { session_id: "a" } });
  await hangUp();
  assert.deepEqual(daemon.calls.slice(3), [["photo.close", { session_id: "b" }, "content"]]);
});

test("a look that the daemon begins after the page went is given up, and nobody is told", async () => {
  let release = () => undefined;
  const gate = new Promise((resolve) => {
    release = resolve;
  });
  const daemon = daemonThat(() => gate);
  const { port, sent, say, hangUp } = portEnds();
  serveGuardPort(port, daemon, uncounted);
  await say({ request: 1, method: "photo.open", params: {} });
  await hangUp();
  release({ state: "needs", session_id: "late", requests: [] });
  await settled();
  assert.deepEqual(daemon.calls[1], ["photo.close", { session_id: "late" }, "content"]);
  assert.deepEqual(sent, []);
});

test("what was found and cleaned is taken down, and not answered", async () => {
  const counted = [];
  const { port, sent, say } = portEnds();
  serveGuardPort(
    port,
    daemonThat(() => ({})),
    async (counts) => {
      counted.push(counts);
      if (!("found" in counts)) throw new Error("no count");
    },
  );
  await say({ counts: { found: 1, cleaned: 1 } });
  await say({ counts: {} });
  await say({ counts: null });
  await say({ counts: 5 });
  assert.deepEqual(counted, [{ found: 1, cleaned: 1 }, {}]);
  assert.deepEqual(sent, []);
});

test("what a frame tells its card waits until the top frame listens", async () => {
  const frame = portEnds();
  const top = portEnds();
  let ended = 0;
  top.port.disconnect = () => (ended += 1);
  const connected = [];
  globalThis.chrome.tabs = {
    connect: (...given) => {
      connected.push(given);
      return top.port;
    },
  };
  serveGuardPort(Object.assign(frame.port, { sender: { tab: { id: 7 } } }), {}, uncounted);
  await frame.say({ card: "open", view: 1 });
  await frame.say({ card: "update", view: 2 });
  assert.deepEqual(connected, [[7, { name: "card", frameId: 0 }]]);
  assert.deepEqual(top.sent, []);
  await top.say({ listens: true });
  await frame.say({ card: "update", view: 3 });
  assert.deepEqual(
    top.sent.map(({ view }) => view),
    [1, 2, 3],
  );
  await top.say({ reply: { choice: "cancel" } });
  assert.deepEqual(frame.sent, [{ reply: { choice: "cancel" } }]);
  await frame.hangUp();
  assert.equal(ended, 1);
});
