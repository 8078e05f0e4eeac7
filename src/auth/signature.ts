import type { ConnectAttempt, Verdict } from "../ports/policy.js";
import { AccessKeys } from "./access-keys.js";
import { accountIn } from "./account-name.js";
import { type Credential, REFUSED } from "./credential.js";
import type { OptionsOf } from "./credential-options.js";

const ACCEPTED: Verdict = Object.freeze({ kind: "accepted" });

/**
 * `Signature|AccessKey|InstanceId` as the user name, and the account's signature of the Client
 * Identifier as the password: it is good for this Client alone. An account that is not known here is
 * passed on. [P19]
 *
 * @throws CredentialFileError naming file and line.
 */
export async function openSignature({
  keysFile,
  instanceId,
}: OptionsOf<"signature">): Promise<Credential> {
  const keys = await AccessKeys.open(keysFile);
  return {
    check({ clientId, username, password }: ConnectAttempt): Verdict | undefined {
      const account = accountIn(username, "Signature");
      if (account === undefined) return undefined;
      if (account === "malformed") return REFUSED;
      const { accessKey } = account;
      const isSigned = keys.isSigned(accessKey, clientId, password ?? new Uint8Array(0));
      if (!keys.has(accessKey)) return undefined;
      const isHere = instanceId === undefined || account.instanceId === instanceId;
      return isSigned && isHere ? ACCEPTED : REFUSED;
    },
    prepare: () => keys.prepare(),
  };
}
