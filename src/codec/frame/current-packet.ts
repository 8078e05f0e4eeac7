import { ProtocolError, type ViolationCode } from "../../protocol/errors.js";
import type { QoS } from "../../protocol/packet.js";

/** Where a whole packet lies. */
export interface PacketPlace {
  readonly bytes: Uint8Array;
  /** Of `bytes` from their first on, where there is one: words are read through it faster. */
  readonly view: DataView | undefined;
  readonly start: number;
  /** Where its variable header begins. */
  readonly bodyAt: number;
  readonly end: number;
  /** A view of `bytes[from..to)`. */
  viewOf(from: number, to: number): Uint8Array;
}

/** The fields of a `PacketReader` that say where the current packet lies and what it holds. */
export interface CurrentPacket extends PacketPlace {
  /** Of the reader. */
  readonly id: number;
  readonly flags: number;
  packetId: number;
  readonly dup: boolean;
  readonly qos: QoS;
  readonly retain: boolean;
  topicAt: number;
  topicEnd: number;
  topicHash: number;
  payloadAt: number;
}

/**
 * The Packet Identifier at `at`, never 0. [MQTT-2.3.1-1]
 *
 * @throws {@link ProtocolError} `truncated` or `zero-packet-id`.
 */
export function packetIdAt({ bytes, start, end }: CurrentPacket, at: number): number {
  if (at + 2 > end) refuse("truncated", start, at);
  const packetId = ((bytes[at] as number) << 8) | (bytes[at + 1] as number); // in bounds
  if (packetId === 0) refuse("zero-packet-id", start, at);
  return packetId;
}

/** @throws {@link ProtocolError} `trailing-bytes` when the packet goes on behind `at`. */
export function finishAt({ start, end }: CurrentPacket, at: number): void {
  if (at !== end) refuse("trailing-bytes", start, at);
}

/** Refuses the packet that begins at `start` for the byte at `at`. */
export function refuse(code: ViolationCode, start: number, at: number): never {
  throw new ProtocolError(code, at - start);
}
