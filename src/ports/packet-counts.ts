import { PacketType } from "../protocol/packet-type.js";

type TypeName = keyof typeof PacketType;

/** What a Client sends. §2.2.1 */
const FROM_CLIENT: readonly TypeName[] = [
  ...(["CONNECT", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const),
  ...(["SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT"] as const),
];
/** What a Server sends. §2.2.1 */
const FROM_SERVER: readonly TypeName[] = [
  ...(["CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const),
  ...(["SUBACK", "UNSUBACK", "PINGRESP"] as const),
];

/** A type is four bits. §2.2.1 */
const TYPES = 16;

/** How many packets of each type there were, and their bytes. Doubles: they never run over. */
export class PacketCounts {
  readonly #types: readonly (readonly [name: string, type: number])[];
  readonly #none: Readonly<Record<string, number>>;
  readonly #packets = new Float64Array(TYPES);
  readonly #bytes = new Float64Array(TYPES);

  /** @param sender - Who sends them: some types are for one side only. */
  constructor(sender: "client" | "server") {
    const types = sender === "client" ? FROM_CLIENT : FROM_SERVER;
    this.#types = types.map((name) => [name.toLowerCase(), PacketType[name]]);
    this.#none = Object.fromEntries(this.#types.map(([name]) => [name, 0]));
  }

  /** Once for each packet. @param bytes - Of the whole packet, its fixed header too. */
  add(type: number, bytes: number): void {
    (this.#packets[type] as number) += 1; // 0..15, as every type is
    (this.#bytes[type] as number) += bytes;
  }

  /** Of all types. */
  get packets(): number {
    return sum(this.#packets);
  }

  /** Of all types. */
  get bytes(): number {
    return sum(this.#bytes);
  }

  /** Packets by the name of their type: every type that there can be. */
  get packetsByType(): Readonly<Record<string, number>> {
    return this.#byType(this.#packets);
  }

  /** Their bytes by the same names. */
  get bytesByType(): Readonly<Record<string, number>> {
    return this.#byType(this.#bytes);
  }

  #byType(counts: Float64Array): Readonly<Record<string, number>> {
    const byType: Record<string, number> = { ...this.#none }; // all names at once: one by one it would grow
    for (const [name, type] of this.#types) byType[name] = counts[type] as number;
    return byType;
  }
}

function sum(counts: Float64Array): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
