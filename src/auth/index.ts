/** Who may connect: credentials ready to use. Published as `./auth`. */
export {
  type CredentialKind,
  type CredentialOptions,
  checkCredentials,
} from "./credential-options.js";
