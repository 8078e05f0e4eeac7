import { readFileSync } from "node:fs";
import {
  type Auth,
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { ClusterError } from "./words.js";

/** How a file shows what it holds. */
type Kind = "creds" | "seed" | "user" | "token";

/**
 * What signs in to NATS, from a file: a credentials file of NATS (.creds), or one line: the seed of an
 * nkey (SU...), user:password, or a token. The file is read again at each connect, so it may be
 * exchanged while the server runs; while it cannot be read, what it held before goes on.
 *
 * @throws ClusterError for a file that cannot be read, or that holds none of these.
 */
export function signInFrom(file: string): Authenticator {
  let text = textOf(file);
  return (nonce) => {
    text = newer(file, text);
    return signedIn(text, nonce);
  };
}

function signedIn(text: string, nonce?: string): Auth {
  switch (kindOf(text)) {
    case "creds":
      // Lines as the library wants them.
      return credsAuthenticator(bytesOf(`${text.replaceAll("\r\n", "\n")}\n`))(nonce);
    case "seed":
      return nkeyAuthenticator(bytesOf(text))(nonce);
    case "user": {
      const at = text.indexOf(":");
      return usernamePasswordAuthenticator(text.slice(0, at), text.slice(at + 1))(nonce);
    }
    default:
      return tokenAuthenticator(text)(nonce);
  }
}

function textOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClusterError(`the file of cluster.credentials cannot be read: ${why}`);
  }
  if (isUsable(text)) return text;
  throw new ClusterError(
    `${file} (cluster.credentials) holds nothing that signs in to NATS: it takes a credentials file ` +
      "of NATS (.creds), or one line with an nkey seed (SU...), with user:password, or with a token",
  );
}

function isUsable(text: string): boolean {
  if (kindOf(text) !== "creds" && !/^[^\r\n\0]+$/.test(text)) return false;
  try {
    signedIn(text, "probe"); // an authenticator that throws would end the connection for good
    return true;
  } catch {
    return false;
  }
}

/** The text that the file holds now, if it can be used. */
function newer(file: string, before: string): string {
  try {
    return textOf(file);
  } catch {
    return before;
  }
}

function kindOf(text: string): Kind {
  if (text.includes("-----BEGIN NATS USER JWT-----")) return "creds";
  if (/^SU[A-Z2-7]{56}$/.test(text)) return "seed";
  return text.includes(":") ? "user" : "token";
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
