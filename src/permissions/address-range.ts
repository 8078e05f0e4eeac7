/** Bits of an address. */
const IPV4_BITS = 32;
const IPV6_BITS = 128;

interface Address {
  readonly bits: typeof IPV4_BITS | typeof IPV6_BITS;
  readonly value: bigint;
}

/** Addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or a single one. */
export class AddressRange {
  readonly #bits: number;
  /** What is left of an address of the range when the bits behind the prefix are gone. */
  readonly #prefix: bigint;
  readonly #shift: bigint;

  private constructor({ bits, value }: Address, prefixBits: number) {
    this.#bits = bits;
    this.#shift = BigInt(bits - prefixBits);
    this.#prefix = value >> this.#shift;
  }

  /** The range of a text; `undefined` for what is none. */
  static of(text: string): AddressRange | undefined {
    const [host = "", length, more] = text.split("/");
    const address = addressOf(host);
    if (address === undefined || more !== undefined) return undefined;
    if (length === undefined) return new AddressRange(address, address.bits);
    if (!/^\d{1,3}$/.test(length) || Number(length) > address.bits) return undefined;
    return new AddressRange(address, Number(length));
  }

  /** @param remoteAddress - With its port or without: `127.0.0.1:50412`, `[::1]:50412`, `::1`. */
  holds(remoteAddress: string): boolean {
    const address = addressOf(hostOf(remoteAddress));
    return address?.bits === this.#bits && address.value >> this.#shift === this.#prefix;
  }
}

function hostOf(remoteAddress: string): string {
  if (remoteAddress.startsWith("[")) return remoteAddress.slice(1, remoteAddress.indexOf("]"));
  const [host = "", ...more] = remoteAddress.split(":");
  return more.length === 1 ? host : remoteAddress;
}

/** An IPv4 address in IPv6's clothes is an IPv4 address. */
function addressOf(text: string): Address | undefined {
  if (!text.includes(":")) {
    const value = ipv4Of(text);
    return value === undefined ? undefined : { bits: IPV4_BITS, value };
  }
  const value = ipv6Of(text.replace(/%.*$/, "")); // without its zone
  if (value === undefined) return undefined;
  if (value >> 32n === MAPPED) return { bits: IPV4_BITS, value: value & 0xffff_ffffn };
  return { bits: IPV6_BITS, value };
}

/** The first 96 bits of `::ffff:127.0.0.1`. */
const MAPPED = 0xffffn;

function ipv4Of(text: string): bigint | undefined {
  const bytes = text.split(".");
  if (bytes.length !== 4) return undefined;
  let value = 0n;
  for (const byte of bytes) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(byte) || Number(byte) > 255) return undefined;
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

function ipv6Of(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

const GROUPS = 8;

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    const ipv4 = index === words.length - 1 ? ipv4Of(word) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(BigInt(`0x${word}`));
    else return undefined;
  }
  return groups;
}
