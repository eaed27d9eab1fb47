/** How the connection to a site was secured: Firefox tells add-ons, Chromium does not. */

import { toBase64 } from "../shared/base64.js";

/** @typedef {import("../generated/wire.js").Tls} Tls */
/** @typedef {import("../generated/wire.js").TlsCertificate} TlsCertificate */
/**
 * Firefox's `webRequest.SecurityInfo`, as far as it is used.
 * @typedef {object} SecurityInfo
 * @property {string} state
 * @property {string} [protocolVersion]
 * @property {string} [cipherSuite]
 * @property {{ subject: string, issuer: string, validity: { start: number, end: number },
 *   fingerprint: { sha256: string }, rawDER: number[] }[]} certificates
 */
/** @typedef {(requestId: string) => Promise<SecurityInfo>} ReadSecurity */

const STATES = new Set(/** @type {const} */ (["secure", "weak", "broken", "insecure"]));
const MAX_CERTIFICATES = 10;

/** @returns {ReadSecurity | null} null where the browser has no such thing */
export function securityReaderOfBrowser() {
  const { webRequest } =
    /** @type {{ webRequest: { getSecurityInfo?: (requestId: string, options: {
     *   certificateChain: boolean, rawDER: boolean }) => Promise<SecurityInfo> } }} */ (
      /** @type {unknown} */ (chrome)
    );
  const { getSecurityInfo } = webRequest;
  if (!getSecurityInfo) return null;
  const options = { certificateChain: true, rawDER: true };
  return (requestId) => getSecurityInfo.call(webRequest, requestId, options);
}

/**
 * @param {SecurityInfo} info
 * @returns {Tls | null} null where there was no TLS, or nothing of it is known
 */
export function tlsOf(info) {
  const state = [...STATES].find((known) => known === info.state);
  const { protocolVersion, cipherSuite } = info;
  if (!state || !protocolVersion || !cipherSuite) return null;
  return {
    state,
    protocol: protocolVersion,
    cipher_suite: cipherSuite,
    certificates: info.certificates.slice(0, MAX_CERTIFICATES).map(certificateOf),
  };
}

/**
 * @param {SecurityInfo["certificates"][number]} certificate
 * @returns {TlsCertificate}
 */
function certificateOf({ subject, issuer, validity, fingerprint, rawDER }) {
  return {
    subject,
    issuer,
    not_before_utc: new Date(validity.start).toISOString(),
    not_after_utc: new Date(validity.end).toISOString(),
    sha256: fingerprint.sha256.replaceAll(":", "").toLowerCase(),
    der: toBase64(new Uint8Array(rawDER)),
  };
}
