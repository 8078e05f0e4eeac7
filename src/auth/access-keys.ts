import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { linesOf, namedLines } from "./credential-file.js";

/**
 * Accounts of `signature` and `token`: an AccessKey and its secret.
 *
 * A signature is the HMAC-SHA1 in Base64, as the commercial service has it; HMAC does not suffer from
 * what is known of SHA-1.
 */
export class AccessKeys {
  readonly #file: string;
  #secrets: ReadonlyMap<string, string>;
  /** For keys that nobody has: they take as long. [M01] */
  readonly #nobodys = randomBytes(20).toString("hex");

  /** @throws CredentialFileError naming file and line. */
  static async open(file: string): Promise<AccessKeys> {
    return new AccessKeys(file, await readKeys(file));
  }

  private constructor(file: string, secrets: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#secrets = secrets;
  }

  has(accessKey: string): boolean {
    return this.#secrets.has(accessKey);
  }

  /** Whether the account has signed this text so. Takes as long for an account that does not exist. */
  isSigned(accessKey: string, text: string, signature: Uint8Array): boolean {
    const secret = this.#secrets.get(accessKey);
    const expected = Buffer.from(signatureOf(secret ?? this.#nobodys, text));
    const isSame = expected.length === signature.length && timingSafeEqual(expected, signature);
    return isSame && secret !== undefined;
  }

  /** See `Credential.prepare`. */
  async prepare(): Promise<() => void> {
    const secrets = await readKeys(this.#file);
    return () => {
      this.#secrets = secrets;
    };
  }
}

/** The HMAC-SHA1 of a text in Base64. */
export function signatureOf(secret: string, text: string): string {
  return createHmac("sha1", secret).update(text).digest("base64");
}

async function readKeys(file: string): Promise<ReadonlyMap<string, string>> {
  const lines = namedLines(file, await linesOf(file), "AccessKey:secret");
  return new Map(lines.map(({ name, rest }) => [name, rest]));
}
