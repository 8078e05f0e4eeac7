import { expect, it } from "vitest";
import { certificateWords, failureWords } from "../../src/net/tls-words.js";

it.each([
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  [
    "CRL_HAS_EXPIRED",
    "the list of revoked certificates has expired: put a new one into the file crl",
  ],
  ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is signed by nobody who is trusted here"],
  ["SOMETHING_NEW", "its certificate is not valid (SOMETHING_NEW)"],
])("says what is wrong with a certificate: %s", (code, words) => {
  expect(certificateWords(code)).toBe(words);
});

it.each([
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "it speaks no TLS from version 1.2 on"],
  ["ERR_SSL_NO_SHARED_CIPHER", "it offers no cipher that is spoken here"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "it does not trust the server's certificate"],
  ["ECONNRESET", "it went away in the middle of the TLS handshake"],
  ["ERR_OTHER", "the TLS handshake failed (ERR_OTHER)"],
])("says why a handshake failed: %s", (code, words) => {
  expect(failureWords(Object.assign(new Error(), { code }))).toBe(words);
  expect(failureWords({})).toBe("the TLS handshake failed (unknown)");
});
