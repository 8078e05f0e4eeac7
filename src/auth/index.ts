/** Who may connect: credentials ready to use. Published as `./auth`. */
export { CredentialFileError } from "./credential-file.js";
export {
  type CredentialKind,
  type CredentialOptions,
  checkCredentials,
} from "./credential-options.js";
export { type Credentials, type ListOptions, openCredentials } from "./credentials.js";
export { hashOf } from "./password-hash.js";
export type { TokenAnswer, TokenRequest } from "./token-answer.js";
export type { TokenBroker } from "./token-broker.js";
