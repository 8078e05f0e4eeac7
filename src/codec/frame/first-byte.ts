import { VIOLATIONS, type ViolationCode } from "../../protocol/errors.js";
import { PacketType, RESERVED_FLAGS } from "../../protocol/packet-type.js";

/** Who sends the stream that is read; `either` for tools that look at both directions. */
export type Sender = "client" | "server" | "either";

const CODES = Object.keys(VIOLATIONS) as ViolationCode[];

/** What {@link firstBytes} holds at a byte, by name. */
export function firstByteViolation(index: number): ViolationCode {
  return CODES[index - 1] as ViolationCode; // never asked for 0
}

const tables = new Map<string, Uint8Array>();

/** MQTT 3.1 reserves no flags: outside PUBLISH they mean DUP or nothing. [M27] */
export const ALL_TYPES = 0xffff;
/** Before a CONNECT is read whole nobody knows its level: its flags are judged with it. */
export const CONNECT_TYPE = 1 << PacketType.CONNECT;

/**
 * 256 answers to "may this be the first byte of a packet?": 0 for yes, else an index for
 * {@link firstByteViolation}. One table per combination of options is made, ever. §2.2.
 *
 * @param connectOnly - For the first packet of a Client: only CONNECT passes. [MQTT-3.1.0-1]
 * @param anyFlags - A bit for each packet type whose reserved flags are not looked at.
 */
export function firstBytes(
  sender: Sender,
  dupAtQos0: boolean,
  connectOnly = false,
  anyFlags = 0,
): Uint8Array {
  const key = `${sender} ${dupAtQos0} ${connectOnly} ${anyFlags}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = Uint8Array.from({ length: 256 }, (_, byte) => {
      const isRefused = connectOnly && byte >> 4 !== PacketType.CONNECT;
      const code = isRefused
        ? "first-packet-not-connect"
        : violationOf(byte, sender, dupAtQos0, anyFlags);
      return 1 + CODES.indexOf(code as ViolationCode); // none is undefined
    });
    tables.set(key, table);
  }
  return table;
}

function violationOf(
  byte: number,
  sender: Sender,
  dupAtQos0: boolean,
  anyFlags: number,
): ViolationCode | undefined {
  const type = byte >> 4;
  const flags = byte & 0x0f;
  const reserved = RESERVED_FLAGS[type] as number; // 16 entries, one for each type
  if (reserved === -2) return "reserved-packet-type";
  if (((SENT_BY[type] as number) & SIDES[sender]) === 0) return "wrong-direction";
  if (reserved >= 0) {
    const isReadPast = ((anyFlags >> type) & 1) !== 0 && (byte & 0xf6) !== TLS_HELLO;
    return flags === reserved || isReadPast ? undefined : "reserved-flags"; // [MQTT-2.2.2-2]
  }
  if ((flags & 0x06) === 0x06) return "qos-3"; // [MQTT-3.3.1-4]
  if ((flags & 0x0e) === 0x08 && !dupAtQos0) return "dup-at-qos-0"; // [MQTT-3.3.1-2]
  return undefined;
}

/** How TLS begins: a CONNECT at QoS 3, which no version has. It is refused at its first byte. [A03] */
const TLS_HELLO = 0x16;

/** Who sends which packet type, §2.2.1, table 2.1: 1 the Client, 2 the Server, 3 both. */
const SENT_BY = [0, 1, 2, 3, 3, 3, 3, 3, 1, 2, 1, 2, 1, 2, 1, 0] as const;
const SIDES: Readonly<Record<Sender, number>> = { client: 1, server: 2, either: 3 };
