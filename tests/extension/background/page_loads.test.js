import assert from "node:assert/strict";
import { test } from "node:test";

import { PageLoads, publicHeaders } from "../../../extension/background/page_loads.js";

class FakeStore {
  #kept = new Map();
  async get(key) {
    return this.#kept.has(key) ? { [key]: this.#kept.get(key) } : {};
  }
  async set(values) {
    for (const [key, value] of Object.entries(values)) this.#kept.set(key, value);
  }
  async remove(key) {
    this.#kept.delete(key);
  }
}

function response(changes = {}) {
  return {
    requestId: "1",
    tabId: 7,
    url: "https://a.example/page",
    statusCode: 200,
    ip: "192.0.2.1",
    responseHeaders: [{ name: "Date", value: "now" }],
    ...changes,
  };
}

const SECRETS = [
  ...["Set-Cookie", "set-cookie2", "Cookie", "Authorization", "Proxy-Authorization"],
  ...["WWW-Authenticate", "X-CSRF-Token", "X-Session-Id", "x-auth-token", "X-Api-Key"],
];
for (const name of SECRETS) {
  test(`the header ${name} is never kept`, () => {
    assert.deepEqual(publicHeaders([{ name, value: "secret" }]), []);
  });
}

test("other headers are kept in their order", () => {
  const headers = [
    { name: "Server", value: "a" },
    { name: "Date", value: "b" },
    { name: "X-Binary" },
  ];
  assert.deepEqual(publicHeaders(headers), [
    ["Server", "a"],
    ["Date", "b"],
  ]);
});

test("a load is remembered with the way that led to it", async () => {
  const loads = new PageLoads(new FakeStore());
  loads.redirected({ requestId: "1", url: "https://a.example/1" });
  loads.redirected({ requestId: "1", url: "https://a.example/2" });
  await loads.responded(response());
  assert.deepEqual(await loads.of(7, "https://a.example/page"), {
    url: "https://a.example/page",
    redirects: ["https://a.example/1", "https://a.example/2"],
    status_code: 200,
    response_headers: [["Date", "now"]],
    server_ip: "192.0.2.1",
    tls: null,
  });
});

test("the fragment of an address makes no other document", async () => {
  const loads = new PageLoads(new FakeStore());
  await loads.responded(response({ url: "https://a.example/page" }));
  assert.ok(await loads.of(7, "https://a.example/page#part"));
});

test("the load of another document is not taken for this one's", async () => {
  const loads = new PageLoads(new FakeStore());
  await loads.responded(response());
  assert.equal(await loads.of(7, "https://a.example/before"), null);
  assert.equal(await loads.of(7, null), null);
  assert.equal(await loads.of(8, "https://a.example/page"), null);
});

test("a load that failed leaves no redirects to the next one", async () => {
  const loads = new PageLoads(new FakeStore());
  loads.redirected({ requestId: "1", url: "https://a.example/1" });
  loads.failed({ requestId: "1" });
  await loads.responded(response());
  assert.deepEqual((await loads.of(7, "https://a.example/page")).redirects, []);
});

test("a closed tab is forgotten", async () => {
  const loads = new PageLoads(new FakeStore());
  await loads.responded(response());
  await loads.forget(7);
  assert.equal(await loads.of(7, "https://a.example/page"), null);
});

test("how a load was secured belongs to that load alone", async () => {
  const loads = new PageLoads(new FakeStore());
  const tls = { state: "secure", protocol: "TLSv1.3", cipher_suite: "C", certificates: [] };
  loads.secured("1", tls);
  await loads.responded(response());
  assert.deepEqual((await loads.of(7, "https://a.example/page")).tls, tls);
  await loads.responded(response());
  assert.equal((await loads.of(7, "https://a.example/page")).tls, null);
});

test("a redirect's security is not taken for that of the page", async () => {
  const loads = new PageLoads(new FakeStore());
  loads.secured("1", { state: "secure", protocol: "p", cipher_suite: "c", certificates: [] });
  loads.secured("1", null);
  await loads.responded(response());
  assert.equal((await loads.of(7, "https://a.example/page")).tls, null);
});
