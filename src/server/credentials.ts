import type { CredentialOptions } from "../auth/credential-options.js";
import { type Credentials, openCredentials } from "../auth/credentials.js";

/** What a server's configuration says about who may connect. */
export interface CredentialsConfig {
  /** In this order; `undefined`: everybody may. */
  readonly credentials?: readonly CredentialOptions[] | undefined;
  /** Whether clients without user name and password may connect although there are credentials. */
  readonly anonymous?: boolean;
}

/**
 * The credentials that a server is started with; `undefined`: everybody may connect.
 *
 * @throws CredentialFileError when a file of theirs cannot be used, naming file and line.
 */
export async function credentialsFor({
  credentials = [],
  anonymous = false,
}: CredentialsConfig): Promise<Credentials | undefined> {
  if (credentials.length === 0) return undefined;
  return openCredentials(credentials, { anonymous });
}

/** What of a broker's hooks is theirs. */
export function hooksOf(
  opened: Credentials | undefined,
): Partial<Pick<Credentials, "authenticate" | "onServerMessage">> {
  if (opened === undefined) return {};
  const { authenticate, onServerMessage, haveTokens } = opened;
  return haveTokens ? { authenticate, onServerMessage } : { authenticate };
}

/** Users, keys and entries may change while the server runs; whether there are any takes a restart. */
export function credentialsPart(opened: Credentials | undefined): {
  prepare(next: CredentialsConfig): Promise<() => void>;
} {
  return {
    async prepare({ credentials = [] }) {
      if (credentials.length > 0 !== (opened !== undefined)) {
        const change = opened === undefined ? "the first of them takes" : "taking all away takes";
        throw new Error(`credentials: ${change} a restart`);
      }
      if (opened !== undefined && credentials.some(isToken) !== opened.haveTokens) {
        throw new Error("credentials: the first or last entry of kind token takes a restart");
      }
      return (await opened?.prepare(credentials)) ?? nothing;
    },
  };
}

/** What `beeline check` verifies of credentials: their files. */
export async function checkCredentialFiles(config: CredentialsConfig): Promise<readonly string[]> {
  (await credentialsFor(config))?.close();
  return [];
}

function nothing(): void {}

function isToken({ kind }: CredentialOptions): boolean {
  return kind === "token";
}
