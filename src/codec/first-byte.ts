import type { ViolationCode } from "../protocol/errors.js";
import { PacketType, RESERVED_FLAGS } from "../protocol/packet-type.js";

/** Who sends the stream that is read; `either` for tools that look at both directions. */
export type Sender = "client" | "server" | "either";

/** What is wrong with a first byte; the tables below hold indexes into this list. */
const FIRST_BYTE_VIOLATIONS: readonly (ViolationCode | undefined)[] = [
  undefined,
  "reserved-packet-type",
  "reserved-flags",
  "qos-3",
  "dup-at-qos-0",
  "wrong-direction",
  "first-packet-not-connect",
];

/** What {@link firstBytes} holds at a byte, by name. */
export function firstByteViolation(index: number): ViolationCode {
  return FIRST_BYTE_VIOLATIONS[index] as ViolationCode; // never asked for 0
}

const tables = new Map<string, Uint8Array>();

/**
 * 256 answers to "may this be the first byte of a packet?": 0 for yes, else an index for
 * {@link firstByteViolation}. One table per combination of options is made, ever. §2.2.
 */
export function firstBytes(sender: Sender, dupAtQos0: boolean): Uint8Array {
  return tableOf(`${sender} ${dupAtQos0}`, (byte) => violationOf(byte, sender, dupAtQos0));
}

/** The table for the first packet of a Client: only `10` passes. [MQTT-3.1.0-1] */
export function firstBytesOfConnect(): Uint8Array {
  return tableOf("connect", (byte) =>
    byte >> 4 === PacketType.CONNECT
      ? violationOf(byte, "client", false)
      : "first-packet-not-connect",
  );
}

function tableOf(key: string, violation: (byte: number) => ViolationCode | undefined): Uint8Array {
  let table = tables.get(key);
  if (table === undefined) {
    table = Uint8Array.from({ length: 256 }, (_, byte) =>
      FIRST_BYTE_VIOLATIONS.indexOf(violation(byte)),
    );
    tables.set(key, table);
  }
  return table;
}

function violationOf(byte: number, sender: Sender, dupAtQos0: boolean): ViolationCode | undefined {
  const type = byte >> 4;
  const flags = byte & 0x0f;
  const reserved = RESERVED_FLAGS[type] as number; // 16 entries, one for each type
  if (reserved === -2) return "reserved-packet-type";
  if (!SENT_BY[sender].has(type)) return "wrong-direction";
  if (reserved >= 0) return flags === reserved ? undefined : "reserved-flags"; // [MQTT-2.2.2-2]
  if ((flags & 0x06) === 0x06) return "qos-3"; // [MQTT-3.3.1-4]
  if ((flags & 0x0e) === 0x08 && !dupAtQos0) return "dup-at-qos-0"; // [MQTT-3.3.1-2]
  return undefined;
}

const BOTH_WAYS = [3, 4, 5, 6, 7]; // PUBLISH and its acknowledgements
const FROM_CLIENT = [1, 8, 10, 12, 14];
const FROM_SERVER = [2, 9, 11, 13];

/** Who sends which packet type, §2.2.1, table 2.1. */
const SENT_BY: Readonly<Record<Sender, ReadonlySet<number>>> = {
  client: new Set([...BOTH_WAYS, ...FROM_CLIENT]),
  server: new Set([...BOTH_WAYS, ...FROM_SERVER]),
  either: new Set([...BOTH_WAYS, ...FROM_CLIENT, ...FROM_SERVER]),
};
