const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether a text is Base64, with its padding: `Buffer` would pass over what is not. */
export function isValidBase64(text: string): boolean {
  return BASE64.test(text);
}

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
