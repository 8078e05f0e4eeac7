const UNTRUSTED = "its certificate is signed by nobody who is trusted here";

/** Why a Client's certificate is not taken, by what Node and OpenSSL call it. [K12] */
const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate has been revoked",
  CRL_HAS_EXPIRED: "the list of revoked certificates has expired: put a new one into the file crl",
  UNABLE_TO_GET_CRL: "there is no list of what the authority of its certificate has revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};
/** @param code - As `authorizationError` of a TLS socket, whatever the types say. */
export function certificateWords(code: unknown): string {
  const known = CERTIFICATE_WORDS[String(code)];
  return known ?? `its certificate is not valid (${String(code)})`;
}

/** Why a handshake failed, by the code of Node's error. [K10] */
const FAILURE_WORDS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^ECONNRESET$|^EPIPE$/, "it went away in the middle of the TLS handshake"],
  [
    /UNSUPPORTED_PROTOCOL|WRONG_VERSION_NUMBER|VERSION_TOO_LOW/,
    "it speaks no TLS from version 1.2 on",
  ],
  [/NO_SHARED_CIPHER|NO_SUITABLE/, "it offers no cipher that is spoken here"],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE)/, "it does not trust the server's certificate"],
];

/** Nothing in it is the peer's: codes are words of OpenSSL and of Node. */
export function failureWords({ code = "unknown" }: Pick<NodeJS.ErrnoException, "code">): string {
  const known = FAILURE_WORDS.find(([pattern]) => pattern.test(code));
  return known?.[1] ?? `the TLS handshake failed (${code})`;
}
