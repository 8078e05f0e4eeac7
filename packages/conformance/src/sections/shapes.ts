import type { Citation, ConformanceCase } from "../case.js";
import type { Lab } from "../lab.js";
import { Unmet } from "../outcome.js";
import { type Bytes, hex, packet, toBytes } from "../packets.js";
import { dump } from "../received.js";

/** Connections one case holds open at once while it tries its variants. */
const VARIANTS_AT_ONCE = 8;

/** Byte sequences that are no UTF-8, by what is wrong with them. §1.5.3. */
export const ILL_FORMED: ReadonlyMap<string, Uint8Array> = new Map([
  ["a byte that UTF-8 never uses", hex`ff`],
  ["a lone continuation byte", hex`80`],
  ["an overlong NUL", hex`c080`],
  ["an overlong slash", hex`c0af`],
  ["an overlong NUL of three bytes", hex`e08080`],
  ["an overlong NUL of four bytes", hex`f0808080`],
  ["the first surrogate", hex`eda080`],
  ["the last surrogate", hex`edbfbf`],
  ["a pair of surrogates", hex`eda080 edb080`],
  ["a code point above U+10FFFF", hex`f4908080`],
  ["a five-byte sequence", hex`f888808080`],
  ["a six-byte sequence", hex`fc8480808080`],
  ["half of two bytes", hex`c3`],
  ["two thirds of three bytes", hex`e282`],
  ["three quarters of four bytes", hex`f09f98`],
]);

/** A packet of a client that must make the broker hang up. */
export type Offence = readonly [what: string, bytes: Uint8Array];

/** How the offending connection begins. */
export interface OffenceOptions {
  /** True: nothing comes before the offending bytes, which are or replace the CONNECT. */
  readonly first?: boolean;
  readonly ours?: boolean;
}

/** A case: for every offence a connection, and the broker closes it without sending anything. */
export function hangsUp(
  title: string,
  proves: readonly Citation[],
  offences: (lab: Lab) => readonly Offence[],
  options: OffenceOptions = {},
): ConformanceCase {
  return {
    title,
    proves,
    ...(options.ours ? { ours: true } : {}),
    run: (lab) => eachHangsUp(lab, offences(lab), options.first ?? false),
  };
}

/** Tries every offence on a connection of its own. */
export async function eachHangsUp(
  lab: Lab,
  offences: readonly Offence[],
  first = false,
): Promise<void> {
  await inBatches(offences, async ([what, bytes]) => {
    const client = first ? await lab.dial() : await lab.connect();
    client.send(bytes);
    await about(what, bytes, client.expectClose());
  });
}

/** Adds what was sent to the message of a failed expectation. */
export async function about<T>(
  what: string,
  bytes: Uint8Array,
  expectation: Promise<T>,
): Promise<T> {
  try {
    return await expectation;
  } catch (error) {
    if (error instanceof Unmet) throw new Unmet(`${what} (${dump(bytes)}): ${error.message}`);
    throw error;
  }
}

/** Runs `run` for every item, a few at a time. */
export async function inBatches<T>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
  atOnce = VARIANTS_AT_ONCE,
): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) {
    await Promise.all(items.slice(at, at + atOnce).map(run));
  }
}

/** `packet` with every other value of the low four bits of its first byte. */
export function otherFlags(name: string, right: Uint8Array): Offence[] {
  const offences: Offence[] = [];
  for (let flags = 0; flags < 16; flags++) {
    const first = ((right[0] ?? 0) & 0xf0) | flags;
    if (first === right[0]) continue;
    const wrong = right.slice();
    wrong[0] = first;
    offences.push([`${name} with flags ${flags.toString(2).padStart(4, "0")}`, wrong]);
  }
  return offences;
}

/** Numbers from 0 to `count - 1`. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

/** A packet with its body unchanged and another Remaining Length (below 128). */
export function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const wrong = bytes.slice();
  wrong[1] = length;
  return wrong;
}

/** A string field whose declared size is not its own. */
export function fieldOfSize(size: number, value: Bytes): Uint8Array {
  const bytes = toBytes(value);
  const field = new Uint8Array(2 + bytes.length);
  field[0] = size >> 8;
  field[1] = size & 0xff;
  field.set(bytes, 2);
  return field;
}

/** A packet with further bytes behind its last field, counted by its Remaining Length. */
export function withTrailing(bytes: Uint8Array, trailing: Uint8Array): Uint8Array {
  return packet(bytes[0] ?? 0, bytes.subarray(2), trailing); // bodies here are below 128 bytes
}

/** The point-to-point Topic Name of a Client, below a parent of the case's own. */
export function inboxOf(lab: Lab, name: string): string {
  return `${lab.level}/p2p/${lab.clientId(name)}`;
}

/** A case on our own model: marked so, because no standard asks it of another broker. */
export function ourCase(
  title: string,
  proves: ConformanceCase["proves"],
  run: ConformanceCase["run"],
): ConformanceCase {
  return { title, proves, ours: true, run };
}
