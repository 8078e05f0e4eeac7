import { choice, frozen, type Given, list, type Rows, text, wholeNumber } from "../options/row.js";

const isName = (name: string): boolean => name !== "" && !name.includes("\0");

/** A file that must be named. */
function file(about: string) {
  return text({
    default: undefined,
    holds: "file",
    allowed: "names of a file",
    isAllowed: isName,
    live: true,
    about,
  });
}

/** A word that must be the same as another; anything will do where it is left out. */
function word(holds: string, unset: string, about: string) {
  return text({
    default: undefined,
    unset,
    holds,
    allowed: "texts that are not empty",
    isAllowed: isName,
    about,
  });
}

const KEYS_ABOUT =
  "File with a line AccessKey:secret for each account; lines that start with # are ignored.";

const INSTANCE = word(
  "instance",
  "any",
  "The instance identifier that user names must end with, like mqtt-xxxxx.",
);

/** Algorithms a JWT may be signed by: what depends on a key, and is not broken. */
export const JWT_ALGORITHMS = [
  ...["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA"],
] as const;

/**
 * Every kind of credential with its options, once: what a configuration file may say, and what
 * `beeline-mqtt/auth` takes. Those without a default that say nothing of being unset are required.
 */
export const CREDENTIAL_ROWS = frozenKinds({
  /** A file of `user:hash`. */
  passwords: {
    file: file(
      "File with a line user:hash for each user, as beeline passwd or mosquitto_passwd write it.",
    ),
  },
  /** The Client's certificate, which TLS has found valid. */
  certificate: {
    username: choice({
      values: ["cn", "dns", "email", "uri"],
      default: "cn",
      about:
        "What becomes the user name. cn: the common name of the subject. Others: the one subject alternative name of that type.",
    }),
  },
  /** A JSON Web Token, as the password. */
  jwt: {
    keyFile: file(
      "File with the key: a JWK or JWKS, a public key or certificate in PEM, or else the secret for HS256 to HS512 itself.",
    ),
    algorithms: list({
      default: undefined,
      unset: "those that fit the key",
      holds: "algorithms",
      allowed: JWT_ALGORITHMS.join(", "),
      isAllowed: (name) => (JWT_ALGORITHMS as readonly string[]).includes(name),
      about: "Algorithms that are accepted.",
    }),
    audience: word("audience", "any", "What the claim aud must be or hold."),
    issuer: word("issuer", "any", "What the claim iss must be."),
    usernameClaim: word(
      "claim",
      "sub, unless it is missing",
      "The claim that becomes the user name. Whoever has none is refused.",
    ),
    clientIdClaim: word(
      "claim",
      "any client identifier will do",
      "The claim that the client identifier must be.",
    ),
    leewayMs: wholeNumber({
      unit: "ms",
      default: 0,
      least: 0,
      most: 300_000,
      about: "How far the clock of whoever issues tokens may be off.",
    }),
  },
  /** A program of yours that is asked by HTTP. */
  http: {
    url: text({
      default: undefined,
      holds: "url",
      allowed: "URLs that begin with https://, or with http:// and name this machine",
      isAllowed: isSafeUrl,
      about:
        'Where each attempt to connect is sent as JSON by POST. It answers {"result": "allow"}, deny or ignore.',
    }),
    secret: text({
      default: undefined,
      unset: "no such header",
      holds: "token",
      allowed: "texts of printable ASCII characters",
      isAllowed: (value) => /^[\x21-\x7e]+$/.test(value),
      secret: true,
      about: "Sent along as Authorization: Bearer, so that the program knows who asks.",
    }),
    timeoutMs: wholeNumber({
      unit: "ms",
      default: 5_000,
      most: 60_000,
      about: "Time an answer may take.",
    }),
    requestsMax: wholeNumber({
      unit: "count",
      default: 32,
      most: 10_000,
      about: "Most questions under way at once; further ones wait.",
    }),
    waitingMax: wholeNumber({
      unit: "count",
      default: 1_000,
      least: 0,
      most: 1_000_000,
      about: "Most questions that wait; further clients are turned away.",
    }),
    cacheMs: wholeNumber({
      unit: "ms",
      default: 0,
      least: 0,
      most: 86_400_000,
      about:
        "How long an answer holds for the same user name, password and client identifier; 0 asks each time.",
    }),
    failuresMax: wholeNumber({
      unit: "count",
      default: 5,
      most: 1_000,
      about:
        "After so many failures in a row nobody is asked for a while, and clients are turned away at once.",
    }),
    pauseMs: wholeNumber({
      unit: "ms",
      default: 10_000,
      most: 3_600_000,
      about: "How long that while is.",
    }),
  },
  /** `Signature|AccessKey|InstanceId`, and HMAC-SHA1 over the Client Identifier as the password. */
  signature: { keysFile: file(KEYS_ABOUT), instanceId: INSTANCE },
  /** `Token|AccessKey|InstanceId`, and tokens that this server issues as the password. */
  token: {
    keysFile: file(KEYS_ABOUT),
    instanceId: INSTANCE,
    stateDir: text({
      default: undefined,
      holds: "folder",
      allowed: "names of a folder",
      isAllowed: isName,
      about:
        "Folder for the key that tokens are made with and for those that were revoked. Made if it is missing.",
    }),
  },
});

export type CredentialKind = keyof typeof CREDENTIAL_ROWS;
export const CREDENTIAL_KINDS = Object.freeze(
  Object.keys(CREDENTIAL_ROWS),
) as readonly CredentialKind[];

/** What may be given, with what must be. */
type Needs<G, K extends keyof G> = G & { readonly [N in K]-?: NonNullable<G[N]> };
type RowsOf<K extends CredentialKind> = (typeof CREDENTIAL_ROWS)[K];

/** One entry of the list of credentials: its kind, and what that kind must or may be told. */
export type PasswordsOptions = Needs<Given<RowsOf<"passwords">>, "file">;
export type CertificateOptions = Given<RowsOf<"certificate">>;
export type JwtOptions = Needs<Given<RowsOf<"jwt">>, "keyFile">;
export type HttpOptions = Needs<Given<RowsOf<"http">>, "url">;
export type SignatureOptions = Needs<Given<RowsOf<"signature">>, "keysFile">;
export type TokenOptions = Needs<Given<RowsOf<"token">>, "keysFile" | "stateDir">;

export type CredentialOptions =
  | ({ readonly kind: "passwords" } & PasswordsOptions)
  | ({ readonly kind: "certificate" } & CertificateOptions)
  | ({ readonly kind: "jwt" } & JwtOptions)
  | ({ readonly kind: "http" } & HttpOptions)
  | ({ readonly kind: "signature" } & SignatureOptions)
  | ({ readonly kind: "token" } & TokenOptions);

/** Passwords go there: only over TLS, or not over any network. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false; // they would be in every error message
  if (protocol === "https:") return true;
  return protocol === "http:" && isThisMachine(hostname);
}

/** As `URL` writes it: every spelling of an IPv4 address is one by then. */
function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function frozenKinds<const T extends Readonly<Record<string, Rows>>>(kinds: T): T {
  for (const rows of Object.values(kinds)) frozen(rows);
  return Object.freeze(kinds);
}
