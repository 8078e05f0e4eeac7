import { isIPv4, isIPv6 } from "node:net";

/** What peers of a socket file have instead of an address. */
export const UNIX_PEER = "unix";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address as people write it: an IPv4 one that came in by IPv6 is an IPv4 one. */
export function plainAddress(address: string): string {
  if (!address.includes(":")) return address; // nearly always, and no look at it by a long expression
  return MAPPED.exec(address)?.[1] ?? address;
}

/** `203.0.113.9:50412`, `[2001:db8::1]:50412`. One flat string: a concatenated one keeps its pieces. */
export function placeText(address: string, port: number): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return [host, port].join(":");
}

/** The address in a place as {@link placeText} writes it: `""` where there is none. */
export function hostOf(place: string): string {
  const colon = place.lastIndexOf(":");
  const host = colon === -1 ? place : place.slice(0, colon);
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/** Whether only somebody on this machine can have it. An address that nobody knows counts, too. */
export function isLocalAddress(address: string): boolean {
  if (address === "" || address === UNIX_PEER || address === "::1") return true;
  const plain = plainAddress(address);
  return isIPv4(plain) && plain.startsWith("127.");
}

/**
 * What stands for whoever has an address, when peers are counted: of IPv6 the first 64 bits, since
 * one subscriber has all the others.
 */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(":") || !isIPv6(plain)) return plain;
  const [withoutZone = ""] = plain.split("%");
  const [before = "", after] = withoutZone.split("::");
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}

/** Groups of 16 bits without leading zeros; an IPv4 address at the end is two of them. */
function groupsOf(text: string): string[] {
  if (text === "") return [];
  return text
    .split(":")
    .flatMap((group) =>
      group.includes(".") ? ["0", "0"] : [Number.parseInt(group, 16).toString(16)],
    );
}
