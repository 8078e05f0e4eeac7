import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { AF_INET, AF_INET6, AF_UNIX } from "./constants.js";

/** The longest address there is: that of a Unix socket. */
export const ADDRESS_BYTES_MAX = 110;

/** Bytes of `struct sockaddr_in` and `struct sockaddr_in6`. */
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;

/** An address as the kernel wants it, and its family. */
export interface SocketAddress {
  readonly family: number;
  readonly bytes: Uint8Array;
}

/**
 * @param host - Numeric: IPv4, or IPv6 with or without a zone, a network interface's number or name.
 * @throws Error for a name, and for a zone that no interface has.
 */
export function socketAddress(host: string, port: number): SocketAddress {
  if (isIPv4(host)) {
    const bytes = new Uint8Array(IPV4_BYTES);
    head(bytes, AF_INET, port);
    bytes.set(host.split(".").map(Number), 4);
    return { family: AF_INET, bytes };
  }
  if (!isIPv6(host)) throw new Error(`${host} is no numeric address`);
  const [address, zone = ""] = host.split("%") as [string, string?];
  const bytes = new Uint8Array(IPV6_BYTES);
  head(bytes, AF_INET6, port);
  const view = new DataView(bytes.buffer);
  for (const [index, group] of groupsOf(address).entries()) view.setUint16(8 + 2 * index, group);
  view.setUint32(24, zoneNumber(zone), true);
  return { family: AF_INET6, bytes };
}

/** The number of the network interface that a link-local address is of; 0: none is named. */
function zoneNumber(zone: string): number {
  if (/^\d*$/.test(zone)) return Number(zone);
  for (const address of networkInterfaces()[zone] ?? []) {
    if (address.family === "IPv6" && address.scopeid !== 0) return address.scopeid;
  }
  throw new Error(`no network interface ${zone} has a link-local IPv6 address`);
}

/** What the kernel wrote, as Node writes it; `undefined` for a family without numbers. */
export function hostAndPort(bytes: Uint8Array): { host: string; port: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = view.getUint16(0, true);
  if (family === AF_INET) return { host: bytes.subarray(4, 8).join("."), port: view.getUint16(2) };
  if (family !== AF_INET6) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + 2 * index));
  return { host: ipv6Text(groups, bytes), port: view.getUint16(2) };
}

export function unixAddress(path: string): SocketAddress {
  const name = Buffer.from(path);
  const bytes = new Uint8Array(ADDRESS_BYTES_MAX);
  if (name.length > ADDRESS_BYTES_MAX - 3) {
    throw new Error(`${path} is longer than the ${ADDRESS_BYTES_MAX - 3} bytes of a socket's name`);
  }
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  return { family: AF_UNIX, bytes: bytes.subarray(0, 2 + name.length + 1) };
}

function head(bytes: Uint8Array, family: number, port: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port); // the network's order
}

/** The eight groups of an address that `isIPv6` has found right. */
function groupsOf(address: string): number[] {
  const [front = "", back] = address.split("::") as [string, string?];
  const first = groups(front);
  if (back === undefined) return first;
  const last = groups(back);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** RFC 5952: the longest run of two zeros and more is left out; a mapped IPv4 address keeps its dots. */
function ipv6Text(groups: readonly number[], bytes: Uint8Array): string {
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.subarray(20, 24).join(".")}`;
  }
  let longest = { from: -1, length: 1 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > longest.length) longest = { from, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (longest.from < 0) return hex.join(":");
  const before = hex.slice(0, longest.from).join(":");
  return `${before}::${hex.slice(longest.from + longest.length).join(":")}`;
}
