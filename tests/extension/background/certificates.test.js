import assert from "node:assert/strict";
import { test } from "node:test";

import { tlsOf } from "../../../extension/background/certificates.js";

const CERTIFICATE = {
  subject: "CN=a.example",
  issuer: "CN=An Authority",
  validity: { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 3, 1) },
  fingerprint: { sha256: "AB:CD" },
  rawDER: [1, 2, 3],
};
const INFO = {
  state: "secure",
  protocolVersion: "TLSv1.3",
  cipherSuite: "TLS_AES_128_GCM_SHA256",
  certificates: [CERTIFICATE],
};

test("a certificate is kept as the browser gave it, with its bytes", () => {
  assert.deepEqual(tlsOf(INFO), {
    state: "secure",
    protocol: "TLSv1.3",
    cipher_suite: "TLS_AES_128_GCM_SHA256",
    certificates: [
      {
        subject: "CN=a.example",
        issuer: "CN=An Authority",
        not_before_utc: "2026-01-01T00:00:00.000Z",
        not_after_utc: "2026-04-01T00:00:00.000Z",
        sha256: "abcd",
        der: "AQID",
      },
    ],
  });
});

test("nothing is said of a connection without TLS, or in words that are not known", () => {
  assert.equal(tlsOf({ state: "insecure", certificates: [] }), null);
  assert.equal(tlsOf({ ...INFO, state: "splendid" }), null);
});
