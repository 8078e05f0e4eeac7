import type { ClientCertificate, ConnectAttempt, Verdict } from "../ports/policy.js";
import { type Credential, REFUSED } from "./credential.js";
import type { OptionsOf } from "./credential-options.js";
import { isFitUsername } from "./username.js";

/** What Node calls the types of subject alternative names. */
const TYPES = { dns: "DNS", email: "email", uri: "URI" } as const;

/**
 * The certificate of a Client, which TLS has found valid: a name in it becomes the user name, whatever
 * user name CONNECT has. Whoever has none is passed on; one with two names, or with one that no
 * CONNECT could carry, is refused. [H14]
 */
export function certificateCredential({ username = "cn" }: OptionsOf<"certificate">): Credential {
  return {
    check({ certificate }: ConnectAttempt): Verdict | undefined {
      if (certificate === undefined) return undefined;
      const names =
        username === "cn"
          ? commonNames(certificate)
          : alternativeNames(certificate, TYPES[username]);
      const [name] = names ?? [];
      if (names?.length === 0) return undefined;
      if (names?.length !== 1 || !isFitUsername(name)) return REFUSED;
      return { kind: "accepted", username: name };
    },
  };
}

function commonNames({ subject }: ClientCertificate): readonly string[] {
  const { CN } = subject;
  if (CN === undefined) return [];
  return typeof CN === "string" ? [CN] : CN;
}

/** One of `DNS:a, URI:"b\u002c c"`: what could be mistaken for more than one stands in quotes. */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** @returns `undefined` where the list cannot be understood. */
function alternativeNames(
  { subjectaltname = "" }: ClientCertificate,
  type: string,
): readonly string[] | undefined {
  const names: string[] = [];
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < subjectaltname.length) {
    const [, found, value = ""] = ENTRY.exec(subjectaltname) ?? [];
    if (found === undefined) return undefined;
    if (found !== type) continue;
    names.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
  }
  return names;
}
