import { isIP } from "node:net";

/** Whether an origin is written as a browser would: without a path, without a default port. */
export function isOrigin(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return host !== "" && text === `${protocol}//${host}`;
}

/** Whether it can be an address or the name of a machine: no URL, and no address with its port. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[^\s/:]+$/.test(text);
}

/** Whether it can be the name of a file. */
export function isFileName(text: string): boolean {
  return text !== "" && !/[\0\n]/.test(text);
}

/** Whether it is the mode of a file in octal: `660`, `0660`. */
export function isOctalMode(text: string): boolean {
  return /^0?[0-7]{3}$/.test(text);
}

/** Whether it is an address or a network as {@link isIP} and CIDR have them, or `unix`. */
export function isProxyAddress(text: string): boolean {
  if (text === "unix") return true; // whoever comes by the socket file
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
