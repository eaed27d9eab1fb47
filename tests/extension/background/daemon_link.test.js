import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import {
  DaemonLink,
  failureOfPort,
  MAX_PENDING,
} from "../../../extension/background/daemon_link.js";
import { PROTOCOL } from "../../../extension/generated/wire.js";

/** A native port whose other end is the test. */
class FakePort {
  sent = [];
  isOpen = true;
  error = undefined;
  #messages = [];
  #ends = [];
  onMessage = { addListener: (listener) => this.#messages.push(listener) };
  onDisconnect = { addListener: (listener) => this.#ends.push(listener) };

  postMessage(message) {
    if (!this.isOpen) throw new Error("Attempting to use a disconnected port object");
    this.sent.push(message);
  }

  disconnect() {
    this.isOpen = false;
  }

  say(message) {
    for (const listener of this.#messages) listener({ jsonrpc: "2.0", ...message });
  }

  die(error) {
    this.isOpen = false;
    this.error = error;
    for (const listener of this.#ends) listener(this);
  }

  answerHello(protocol = PROTOCOL) {
    this.say({ id: this.sent[0].id, result: { protocol, version: "9" } });
  }
}

let ports = [];
let lastError;

function newLink(connect = () => new FakePort()) {
  return new DaemonLink({
    connect: () => {
      const port = connect();
      ports.push(port);
      return port;
    },
    version: "0.1.0",
    lastError: () => lastError,
  });
}

/** Let the promises run on. */
async function settled() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

async function connected() {
  const link = newLink();
  const first = link.call("daemon.status", {}, "page");
  ports[0].answerHello();
  await settled();
  return { link, port: ports[0], first };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  ports = [];
  lastError = undefined;
});

test("no port is opened before it is needed", () => {
  newLink();
  assert.equal(ports.length, 0);
});

test("hello comes first and nothing else goes out before it was answered", async () => {
  const link = newLink();
  void link.call("daemon.status", {}, "page");
  void link.call("watch.list", {}, "page");
  await settled();
  assert.equal(ports.length, 1);
  assert.deepEqual(ports[0].sent, [
    {
      jsonrpc: "2.0",
      id: 1,
      method: "hello",
      sender: "background",
      params: { protocol: PROTOCOL, version: "0.1.0" },
    },
  ]);
  ports[0].answerHello();
  await settled();
  assert.deepEqual(
    ports[0].sent.slice(1).map(({ id, method, sender }) => [id, method, sender]),
    [
      [2, "daemon.status", "page"],
      [3, "watch.list", "page"],
    ],
  );
});

test("answers find their questions in any order", async () => {
  const { link, port, first } = await connected();
  const second = link.call("watch.list", {}, "page");
  await settled();
  port.say({ id: 3, result: "second" });
  port.say({ id: 2, result: "first" });
  assert.deepEqual([await first, await second], ["first", "second"]);
});

test("an error of the daemon keeps its code", async () => {
  const { port, first } = await connected();
  port.say({ id: 2, error: { code: -32000, message: "The disk is full.", data: "disk_full" } });
  await assert.rejects(first, { code: "disk_full", messageKey: "error_disk_full" });
});

test("a question that is not answered in time fails alone", async () => {
  const { link, port, first } = await connected();
  const failing = assert.rejects(first, { code: "timed_out" });
  mock.timers.tick(10_000);
  await failing;
  const next = link.call("daemon.status", {}, "page");
  await settled();
  port.say({ id: 3, result: "still there" });
  assert.equal(await next, "still there");
  assert.equal(ports.length, 1);
});

test("a hello that is not answered in time ends the port; the next call opens another", async () => {
  const link = newLink();
  const failing = assert.rejects(link.call("daemon.status", {}, "page"), { code: "timed_out" });
  mock.timers.tick(10_000);
  await failing;
  assert.equal(ports[0].isOpen, false);
  void link.call("daemon.status", {}, "page");
  assert.equal(ports.length, 2);
});

test("when the port dies everybody who waits is told, and the next call connects again", async () => {
  const { link, port, first } = await connected();
  const second = link.call("watch.list", {}, "page");
  await settled();
  port.die(null);
  await assert.rejects(first, { code: "daemon_gone" });
  await assert.rejects(second, { code: "daemon_gone" });
  const next = link.call("daemon.status", {}, "page");
  assert.equal(ports.length, 2);
  assert.equal(ports[1].sent[0].method, "hello");
  ports[1].answerHello();
  await settled();
  ports[1].say({ id: ports[1].sent[1].id, result: "back" });
  assert.equal(await next, "back");
});

test("a port that died unheard is found out by the next message", async () => {
  const { link, port, first } = await connected();
  port.isOpen = false;
  await assert.rejects(link.call("watch.list", {}, "page"), { code: "daemon_gone" });
  await assert.rejects(first, { code: "daemon_gone" });
});

test("the late end of an old port does not harm the new one", async () => {
  const { link, port, first } = await connected();
  port.die(null);
  await assert.rejects(first, { code: "daemon_gone" });
  const next = link.call("daemon.status", {}, "page");
  ports[1].answerHello();
  await settled();
  port.die(null);
  ports[1].say({ id: ports[1].sent[1].id, result: "alive" });
  assert.equal(await next, "alive");
});

test("a program of another protocol is not talked to", async () => {
  const link = newLink();
  const failing = assert.rejects(link.call("daemon.status", {}, "page"), {
    code: "protocol_mismatch",
  });
  ports[0].answerHello(PROTOCOL + 1);
  await failing;
  assert.equal(ports[0].isOpen, false);
  assert.equal(ports[0].sent.length, 1);
});

test("a refusal of the host reaches whoever waits", async () => {
  const link = newLink();
  const failing = assert.rejects(link.call("daemon.status", {}, "page"), {
    code: "caller_refused",
  });
  ports[0].say({ id: null, error: { code: -32000, message: "No.", data: "caller_refused" } });
  await failing;
});

test("too many questions at once are refused, not piled up", async () => {
  const { link, port, first } = await connected();
  const waiting = [first];
  for (let count = 1; count < MAX_PENDING; count += 1) {
    waiting.push(link.call("daemon.status", {}, "page"));
  }
  await assert.rejects(link.call("daemon.status", {}, "page"), { code: "busy" });
  port.die(null);
  const outcomes = await Promise.allSettled(waiting);
  assert.ok(outcomes.every(({ status }) => status === "rejected"));
});

test("a browser that throws while connecting gives a code, and is asked again next time", async () => {
  const link = newLink(() => {
    throw new Error("No such native application org.sharewise.host");
  });
  await assert.rejects(link.call("daemon.status", {}, "page"), { code: "host_missing" });
  await assert.rejects(link.call("daemon.status", {}, "page"), { code: "host_missing" });
});

test("Chromium's lastError tells why the port ended", async () => {
  const link = newLink();
  const failing = assert.rejects(link.call("daemon.status", {}, "page"), {
    code: "host_forbidden",
  });
  lastError = "Access to the specified native messaging host is forbidden.";
  ports[0].die(undefined);
  await failing;
});

const endings = [
  ["Specified native messaging host not found.", "host_missing"],
  ["No such native application org.sharewise.host", "host_missing"],
  ["Access to the specified native messaging host is forbidden.", "host_forbidden"],
  ["Native host has exited.", "daemon_gone"],
  ["Error when communicating with the native messaging host.", "daemon_gone"],
  [null, "daemon_gone"],
  [undefined, "daemon_gone"],
];
for (const [text, code] of endings) {
  test(`a port that ends with ${JSON.stringify(text)} means ${code}`, () => {
    assert.equal(failureOfPort(text).code, code);
  });
}
