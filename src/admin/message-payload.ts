/** The payload of a message that came as text or as Base64. */
export function payloadOf({
  payload,
  payloadBase64,
}: {
  readonly payload?: string | undefined;
  readonly payloadBase64?: string | undefined;
}): string | Uint8Array {
  return payload ?? Uint8Array.from(Buffer.from(payloadBase64 ?? "", "base64"));
}
