/**
 * Builds the bytes this suite sends and expects. It shares no code with the codec of this package
 * on purpose: a mistake made in both directions by one codec would cancel itself out.
 */

const encoder = new TextEncoder();

/** Bytes, or a string that stands for its UTF-8 bytes. */
export type Bytes = Uint8Array | string;

/** The bytes of spaced hex: hex`38 06  0003 612f62`. A `${…}` is a byte, UTF-8 text or bytes. */
export function hex(
  digits: TemplateStringsArray,
  ...values: readonly (number | Bytes)[]
): Uint8Array {
  const parts: Uint8Array[] = [];
  digits.forEach((part, index) => {
    const pairs = part.replace(/\s+/g, "");
    if (!/^([0-9a-f]{2})*$/i.test(pairs)) throw new TypeError(`not spaced hex: "${part}"`);
    parts.push(Uint8Array.from(pairs.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
    const value = values[index];
    if (typeof value === "number") parts.push(Uint8Array.of(value));
    else if (value !== undefined) parts.push(toBytes(value));
  });
  return join(...parts);
}

/** The UTF-8 bytes of a string; bytes stay as they are, well-formed or not. */
export function toBytes(value: Bytes): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** All parts behind one another. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A two-byte number, high byte first. §1.5.2. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

/** A field with its two-byte length in front: strings, Will Message, password. §1.5.3. */
export function field(value: Bytes): Uint8Array {
  const bytes = toBytes(value);
  return join(u16(bytes.length), bytes);
}

/** Remaining Length in its shortest form. §2.2.3. */
export function remainingLength(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** Any packet: its first byte, the right Remaining Length, and the parts behind it. */
export function packet(firstByte: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const rest = join(...parts);
  return join(Uint8Array.of(firstByte), remainingLength(rest.length), rest);
}

/** The Will of a CONNECT; QoS 0 and no RETAIN unless said. §3.1.2.5. */
export interface WillOptions {
  readonly topicName: Bytes;
  readonly payload?: Bytes;
  readonly qos?: number;
  readonly retain?: boolean;
}

/** A CONNECT; the defaults are Clean Session, no Keep Alive, no Will, no credentials. §3.1. */
export interface ConnectOptions {
  readonly clientId: Bytes;
  readonly cleanSession?: boolean;
  readonly keepAliveSeconds?: number;
  readonly will?: WillOptions;
  readonly username?: Bytes;
  readonly password?: Bytes;
  readonly protocolName?: Bytes;
  readonly protocolLevel?: number;
  /** Connect Flags as they are to be sent, whatever the fields say. */
  readonly flags?: number;
}

/** CONNECT. */
export function connect(options: ConnectOptions): Uint8Array {
  const { will, username, password } = options;
  const parts = [
    field(options.protocolName ?? "MQTT"),
    Uint8Array.of(options.protocolLevel ?? 4, options.flags ?? connectFlags(options)),
    u16(options.keepAliveSeconds ?? 0),
    field(options.clientId),
  ];
  if (will !== undefined) parts.push(field(will.topicName), field(will.payload ?? ""));
  if (username !== undefined) parts.push(field(username));
  if (password !== undefined) parts.push(field(password));
  return packet(0x10, ...parts);
}

function connectFlags({ cleanSession, will, username, password }: ConnectOptions): number {
  let flags = (cleanSession ?? true) ? 0x02 : 0;
  if (will !== undefined) flags |= 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0);
  if (password !== undefined) flags |= 0x40;
  if (username !== undefined) flags |= 0x80;
  return flags;
}

/** CONNACK. §3.2. */
export function connack(returnCode: number, sessionPresent = false): Uint8Array {
  return hex`20 02 ${sessionPresent ? 1 : 0} ${returnCode}`;
}

/** A PUBLISH; QoS 0, no flags and an empty payload unless said. §3.3. */
export interface PublishOptions {
  readonly topicName: Bytes;
  readonly payload?: Bytes;
  readonly qos?: number;
  /** Needed when `qos` is above 0. */
  readonly packetId?: number;
  readonly retain?: boolean;
  readonly dup?: boolean;
}

/** PUBLISH. */
export function publish(options: PublishOptions): Uint8Array {
  const qos = options.qos ?? 0;
  const flags = (options.dup ? 8 : 0) | (qos << 1) | (options.retain ? 1 : 0);
  const identifier = qos > 0 ? u16(options.packetId ?? 0) : new Uint8Array(0);
  return packet(0x30 | flags, field(options.topicName), identifier, toBytes(options.payload ?? ""));
}

/** PUBACK. §3.4. */
export const puback = (packetId: number): Uint8Array => packet(0x40, u16(packetId));
/** PUBREC. §3.5. */
export const pubrec = (packetId: number): Uint8Array => packet(0x50, u16(packetId));
/** PUBREL. §3.6. */
export const pubrel = (packetId: number): Uint8Array => packet(0x62, u16(packetId));
/** PUBCOMP. §3.7. */
export const pubcomp = (packetId: number): Uint8Array => packet(0x70, u16(packetId));

/** SUBSCRIBE: `subscribe(1, ["a/#", 2], ["b", 0])`. §3.8. */
export function subscribe(
  packetId: number,
  ...requests: readonly (readonly [topicFilter: Bytes, requestedQos: number])[]
): Uint8Array {
  const parts = requests.map(([filter, qos]) => join(field(filter), Uint8Array.of(qos)));
  return packet(0x82, u16(packetId), ...parts);
}

/** SUBACK. §3.9. */
export function suback(packetId: number, ...returnCodes: readonly number[]): Uint8Array {
  return packet(0x90, u16(packetId), Uint8Array.from(returnCodes));
}

/** UNSUBSCRIBE. §3.10. */
export function unsubscribe(packetId: number, ...topicFilters: readonly Bytes[]): Uint8Array {
  return packet(0xa2, u16(packetId), ...topicFilters.map(field));
}

/** UNSUBACK. §3.11. */
export const unsuback = (packetId: number): Uint8Array => packet(0xb0, u16(packetId));

/** PINGREQ, §3.12; PINGRESP, §3.13; DISCONNECT, §3.14. */
export const PINGREQ = hex`c0 00`;
export const PINGRESP = hex`d0 00`;
export const DISCONNECT = hex`e0 00`;
