import { checkFor } from "../options/check.js";
import {
  choice,
  frozen,
  items,
  list,
  type Rows,
  required,
  text,
  union,
  type ValueOf,
  wholeNumber,
} from "../options/row.js";

const isName = (name: string): boolean => name !== "" && !name.includes("\0");

/** A file that must be named; what it holds may change while the server runs. */
function file(about: string) {
  return required(
    text({
      default: undefined,
      holds: "file",
      allowed: "names of a file",
      isAllowed: isName,
      isPath: true,
      live: true,
      about,
    }),
  );
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

const keysFile = file(
  "File with a line AccessKey:secret for each account. Lines that start with # are ignored.",
);

const instanceId = word(
  "instance",
  "any",
  "The instance identifier that user names must end with, like mqtt-xxxxx.",
);

/** Algorithms a JWT may be signed by: what depends on a key, and is not broken. */
const JWT_ALGORITHMS = [
  ...["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA"],
] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

const LISTENER_NAMES = list({
  default: undefined,
  unset: "all",
  holds: "names",
  allowed: "names of listeners",
  isAllowed: isName,
  about: "Names of the listeners that this holds for. Clients of others are passed on.",
});

/** One entry of the list. */
const CREDENTIAL = union({
  about: "One way to tell who a client is.",
  tag: "kind",
  variants: {
    passwords: {
      about: "A file of users and hashes of their passwords.",
      rows: frozen({
        file: file(
          "File with a line user:hash for each user, as beeline passwd or mosquitto_passwd write it.",
        ),
        checksMax: wholeNumber({
          unit: "count",
          default: 500,
          most: 1_000_000,
          about: "Most passwords that wait to be checked; further clients are turned away.",
        }),
        listeners: LISTENER_NAMES,
      }),
    },
    certificate: {
      about: "The client's certificate, which TLS has found valid.",
      rows: frozen({
        username: choice({
          values: ["cn", "dns", "email", "uri"],
          default: "cn",
          about:
            "What becomes the user name. cn: the common name of the subject. Others: the one subject alternative name of that type.",
        }),
        listeners: LISTENER_NAMES,
      }),
    },
    jwt: {
      about: "A JSON Web Token as the password.",
      rows: frozen({
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
        usernameClaim: text({
          default: "sub",
          holds: "claim",
          allowed: "texts that are not empty",
          isAllowed: isName,
          about: "The claim that becomes the user name. Whoever has none is refused.",
        }),
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
        listeners: LISTENER_NAMES,
      }),
    },
    http: {
      about: "A program of yours that is asked by HTTP.",
      rows: frozen({
        url: required(
          text({
            default: undefined,
            holds: "url",
            allowed: "URLs that begin with https://, or with http:// and name this machine",
            isAllowed: isSafeUrl,
            isUrl: true,
            about:
              'Where each attempt to connect is sent as JSON by POST. It answers {"result": "allow"}, deny or ignore.',
          }),
        ),
        secret: text({
          default: undefined,
          unset: "no such header",
          holds: "token",
          allowed: "texts of printable ASCII characters without blanks",
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
        listeners: LISTENER_NAMES,
      }),
    },
    signature: {
      about:
        "User name Signature|AccessKey|InstanceId, and as the password the HMAC-SHA1 of the client identifier in Base64.",
      rows: frozen({ keysFile, instanceId, listeners: LISTENER_NAMES }),
    },
    token: {
      about:
        "User name Token|AccessKey|InstanceId, and as the password tokens that this server issues.",
      rows: frozen({
        keysFile,
        instanceId,
        stateDir: required(
          text({
            default: undefined,
            holds: "folder",
            allowed: "names of a folder",
            isAllowed: isName,
            isPath: true,
            about:
              "Folder for the key that tokens are made with and for those that were revoked. Made if it is missing.",
          }),
        ),
        listeners: LISTENER_NAMES,
      }),
    },
    anyone: {
      about: "Whoever comes there, whatever is shown: for listeners of trusted programs.",
      rows: frozen({
        listeners: required({ ...LISTENER_NAMES, about: "Names of the listeners." }),
      }),
    },
  },
});

/**
 * The list of credentials: what a configuration file may say under `credentials`, and what
 * `beeline-mqtt/auth` takes.
 */
export const CREDENTIALS_ROW = items({
  about:
    "Who may connect. Each entry in turn accepts a client, refuses it, or passes it on; the end of the list refuses.",
  unset: "none: passwordFile alone decides; without it everybody may connect",
  of: CREDENTIAL,
});

/** One entry of the list of credentials: its kind, and what that kind must or may be told. */
export type CredentialOptions = ValueOf<typeof CREDENTIAL>;
export type CredentialKind = CredentialOptions["kind"];
/** What one kind is told. */
export type OptionsOf<K extends CredentialKind> = Omit<
  Extract<CredentialOptions, { readonly kind: K }>,
  "kind"
>;

/** The rows of one kind. */
export const CREDENTIAL_ROWS = Object.freeze({
  passwords: CREDENTIAL.variants.passwords.rows,
  certificate: CREDENTIAL.variants.certificate.rows,
  jwt: CREDENTIAL.variants.jwt.rows,
  http: CREDENTIAL.variants.http.rows,
  signature: CREDENTIAL.variants.signature.rows,
  token: CREDENTIAL.variants.token.rows,
  anyone: CREDENTIAL.variants.anyone.rows,
} satisfies Record<CredentialKind, Rows>);

const check = checkFor(CREDENTIALS_ROW);

/**
 * Checks a list of credentials, as a file or a program gives it.
 *
 * @param path - Where it stands, for messages: `credentials[0].file is ...`.
 * @throws UsageError naming the path, the value and what is allowed.
 */
export function checkCredentials(
  given: unknown,
  path = "credentials",
): asserts given is readonly CredentialOptions[] {
  check(given, path);
}

/** Passwords go there: only over TLS, or not over any network. */
/** Whether what is sent there stays unread on its way: https, or a program on this machine. */
export function isSafeUrl(text: string): boolean {
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
