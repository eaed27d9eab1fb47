import assert from "node:assert/strict";
import { test } from "node:test";

import { buildRecord } from "../../../extension/background/record.js";

const LOAD = {
  url: "https://a.example/end",
  redirects: ["https://a.example/start"],
  status_code: 200,
  response_headers: [["Date", "now"]],
  server_ip: "192.0.2.1",
  tls: null,
};

function facts(changes = {}) {
  return {
    seen: { url: "http://a.example/end#x", title: "A page" },
    clickedAt: new Date("2026-11-22T10:00:00.000Z"),
    finishedAt: new Date("2026-11-22T10:00:09.000Z"),
    timeZone: "Europe/Paris",
    page: {
      viewport: { width: 1280, height: 800.4 },
      page: { width: 1280, height: 2000 },
      device_pixel_ratio: 1.5,
      loaded_from: "https://a.example/end",
      has_inner_pane: false,
    },
    pageSize: { width: 1280, height: 2400.6 },
    tiles: [{ name: "tiles/0001.png", x: 0, y: 0 }],
    scrollSteps: 3,
    load: LOAD,
    about: { browser: "B 1", operating_system: "linux x86-64", extension_version: "0.1.0" },
    isTlsTold: true,
    missing: [],
    words: (key) => `words of ${key}`,
    ...changes,
  };
}

const OF_LOAD = ["final_url", "redirects", "status_code", "response_headers", "server_ip"];

test("the record says what the browser said", () => {
  const record = buildRecord(facts());
  assert.equal(record.url, "http://a.example/end#x");
  assert.equal(record.final_url, LOAD.url);
  assert.deepEqual(record.redirects, LOAD.redirects);
  assert.equal(record.clicked_at_utc, "2026-11-22T10:00:00.000Z");
  assert.equal(record.utc_offset_minutes, 0 - facts().clickedAt.getTimezoneOffset());
  assert.deepEqual(record.page_size, { width: 1280, height: 2401 });
  assert.deepEqual(record.viewport, { width: 1280, height: 800 });
  assert.deepEqual(record.missing, []);
});

test("what was not seen of the load is absent and listed, never guessed", () => {
  const record = buildRecord(facts({ load: null }));
  for (const name of OF_LOAD) assert.ok(!(name in record), name);
  assert.deepEqual(
    record.missing.map(({ name }) => name),
    ["final_url", "status_code", "response_headers", "server_ip"],
  );
});

test("a page from the browser's own memory has no server address", () => {
  const record = buildRecord(facts({ load: { ...LOAD, server_ip: null } }));
  assert.ok(!("server_ip" in record));
  assert.deepEqual(record.missing, [{ name: "server_ip", why: "words of missing_server_ip" }]);
});

test("what the artefacts could not have stays listed", () => {
  const missing = [{ name: "page.mhtml", why: "it was too large" }];
  const record = buildRecord(facts({ missing, load: null }));
  assert.deepEqual(record.missing[0], missing[0]);
  assert.equal(missing.length, 1);
});

const SECURE = { url: "https://a.example/end", title: "A page" };
const TLS = { state: "secure", protocol: "TLSv1.3", cipher_suite: "C", certificates: [{}] };

test("the certificate is kept where the browser tells it", () => {
  const record = buildRecord(facts({ seen: SECURE, load: { ...LOAD, tls: TLS } }));
  assert.deepEqual([record.tls, record.missing], [TLS, []]);
});

for (const [isTlsTold, why] of [
  [false, "words of missing_tls"],
  [true, "words of missing_tls_unseen"],
]) {
  test(`a certificate that could not be had is missing: ${why}`, () => {
    const record = buildRecord(facts({ seen: SECURE, isTlsTold }));
    assert.deepEqual(record.missing, [{ name: "tls", why }]);
    assert.ok(!("tls" in record));
  });
}

test("a connection whose certificate the browser keeps to itself lacks the certificate", () => {
  const tls = { ...TLS, certificates: [] };
  const record = buildRecord(facts({ seen: SECURE, load: { ...LOAD, tls } }));
  assert.deepEqual(record.tls, tls);
  assert.deepEqual(record.missing, [{ name: "tls", why: "words of missing_tls_unseen" }]);
});
