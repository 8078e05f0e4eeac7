/** What stands in a user name like `Signature|AccessKey|InstanceId`. */
export interface AccountName {
  readonly accessKey: string;
  readonly instanceId: string;
}

/**
 * Reads a user name of three parts.
 *
 * @returns `undefined` for one of another kind, `"malformed"` for one that only begins so.
 */
export function accountIn(
  username: string | undefined,
  kind: "Signature" | "Token",
): AccountName | "malformed" | undefined {
  if (username === undefined || !username.startsWith(`${kind}|`)) return undefined;
  const [, accessKey = "", instanceId = "", ...rest] = username.split("|");
  if (accessKey === "" || instanceId === "" || rest.length > 0) return "malformed";
  return { accessKey, instanceId };
}
