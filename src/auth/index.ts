/** Who may connect: credentials ready to use. Published as `./auth`. */
export { checkCredentials, isRequired } from "./check-credentials.js";
export {
  type CertificateOptions,
  CREDENTIAL_KINDS,
  CREDENTIAL_ROWS,
  type CredentialKind,
  type CredentialOptions,
  type HttpOptions,
  JWT_ALGORITHMS,
  type JwtOptions,
  type PasswordsOptions,
  type SignatureOptions,
  type TokenOptions,
} from "./credential-options.js";
