import { ACCEPTED, type Credential } from "./credential.js";
import type { CredentialOptions } from "./credential-options.js";

/**
 * One entry of the list, ready to be asked. What a kind needs is loaded when that kind is wanted.
 *
 * @throws CredentialFileError naming file and line.
 */
export async function openCredential(options: CredentialOptions): Promise<Credential> {
  switch (options.kind) {
    case "passwords":
      return (await import("./passwords.js")).openPasswords(options);
    case "certificate":
      return (await import("./certificate.js")).certificateCredential(options);
    case "jwt":
      return (await import("./jwt.js")).openJwt(options);
    case "http":
      return (await import("./http.js")).httpCredential(options);
    case "signature":
      return (await import("./signature.js")).openSignature(options);
    case "token":
      return (await import("./token.js")).openToken(options);
    case "anyone":
      return { check: () => ACCEPTED };
  }
}
