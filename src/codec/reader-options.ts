import { unknownKey } from "../protocol/unknown-key.js";
import { checkBoolean, checkInteger, refuseField } from "./frame/fields.js";
import { ALL_TYPES, CONNECT_TYPE, firstBytes, type Sender } from "./frame/first-byte.js";
import { PACKET_BYTES_MAX } from "./frame/remaining-length.js";
import { LEVELS_MAX, type TextRules } from "./text/text-check.js";

/** What a `PacketReader` accepts. Without options: all that the standard allows. */
export interface PacketReaderOptions {
  /** Largest whole packet, fixed header included, in bytes. Default: 268,435,460, the largest. */
  readonly packetBytesMax?: number;
  /** Who sends the stream: what the other side alone may send is refused. Default: `either`. */
  readonly sender?: Sender;
  /** A Remaining Length that is not in its shortest form, `C0 80 00`. Default: `accept`. */
  readonly paddedLength?: "accept" | "refuse";
  /** U+0001..U+001F, U+007F..U+009F and noncharacters in strings, §1.5.3. Default: `refuse`. */
  readonly controlCharacters?: "refuse" | "accept";
  /** DUP set on a PUBLISH at QoS 0. Default: `refuse`. [MQTT-3.3.1-2] */
  readonly dupAtQos0?: "refuse" | "accept";
  /** Most levels of a Topic Name or Topic Filter. Default: 65,536, as many as a string can have. */
  readonly topicLevelsMax?: number;
  /**
   * The level whose rules for flags hold: 3 reads past all reserved ones, 4 is as strict as 3.1.1.
   * Default: what the CONNECT in the stream says, and 4 where there is none. A stream that a Server
   * sends has none: give 3 to read one that may come from a Server of MQTT 3.1. [M27]
   */
  readonly protocolLevel?: 3 | 4;
  /** Refuse at its first byte a stream that does not begin with CONNECT. Default: false. */
  readonly firstPacketConnect?: boolean;
  /**
   * Make the `payload` of a PUBLISH object when it is first asked for: before the next packet is
   * read, or it throws a `UsageError`. Default: false, a plain object with all its fields. For those
   * who look at few payloads, and at once: a packet costs a third less, one of 1 KiB that spans
   * chunks two thirds, but `payload` is inherited, unseen by `{ ...packet }` and deep comparison.
   */
  readonly lazyPayload?: boolean;
  /**
   * Leave the filters of a SUBSCRIBE or UNSUBSCRIBE whose body has more bytes than this until they are
   * asked for: by `packet`, or in steps by `filterList`. What is wrong with them is thrown then.
   * Default: all are decoded by `advance`.
   */
  readonly lazyListBytes?: number;
}

/** {@link PacketReaderOptions}, checked and in the form that reading asks for. */
export interface ReaderSettings {
  readonly packetBytesMax: number;
  readonly rules: TextRules;
  readonly paddingAccepted: boolean;
  readonly lazyPayload: boolean;
  readonly lazyListBytes: number;
  /** Whether a stream must begin with CONNECT. */
  readonly onlyConnectFirst: boolean;
  /**
   * What may begin a packet before a CONNECT, and behind one: tables of `first-byte.ts`. Without
   * one for MQTT 3.1 a CONNECT of that is read by the rules of 3.1.1.
   */
  readonly firstBytes: Uint8Array;
  readonly laterFirstBytes: Uint8Array;
  readonly mqtt31FirstBytes: Uint8Array | undefined;
}

/**
 * Options that are frozen are checked once, and all their readers share one result: among many
 * connections 120 bytes each.
 *
 * @throws {@link UsageError} naming the option that has no sense, its value, what is allowed.
 */
export function readerSettings(options: PacketReaderOptions): ReaderSettings {
  let settings = shared.get(options);
  if (settings === undefined) {
    settings = checkedSettings(options);
    if (Object.isFrozen(options)) shared.set(options, settings);
  }
  return settings;
}

const shared = new WeakMap<PacketReaderOptions, ReaderSettings>();

/** All there are: a misspelt one would leave the default, which accepts more than was meant. */
const KEYS: Readonly<Record<keyof PacketReaderOptions, true>> = {
  packetBytesMax: true,
  sender: true,
  paddedLength: true,
  controlCharacters: true,
  dupAtQos0: true,
  topicLevelsMax: true,
  firstPacketConnect: true,
  lazyPayload: true,
  lazyListBytes: true,
  protocolLevel: true,
};

function checkKeys(options: PacketReaderOptions): void {
  if (typeof options !== "object" || options === null)
    refuseField("options", "be an object", options);
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(KEYS, key)) continue;
    throw unknownKey(key, Object.keys(KEYS));
  }
}

function checkedSettings(options: PacketReaderOptions): ReaderSettings {
  checkKeys(options);
  const { packetBytesMax = PACKET_BYTES_MAX, topicLevelsMax = LEVELS_MAX } = options;
  const { sender = "either", dupAtQos0 = "refuse" } = options;
  const { paddedLength = "accept", controlCharacters = "refuse" } = options;
  const { firstPacketConnect = false, lazyPayload = false } = options;
  const { lazyListBytes = PACKET_BYTES_MAX } = options;
  checkBoolean(firstPacketConnect, "firstPacketConnect");
  checkBoolean(lazyPayload, "lazyPayload");
  checkOneOf("sender", sender, ["client", "server", "either"]);
  checkInteger(packetBytesMax, "packetBytesMax", 2, PACKET_BYTES_MAX);
  checkInteger(lazyListBytes, "lazyListBytes", 0, PACKET_BYTES_MAX);
  checkInteger(topicLevelsMax, "topicLevelsMax", 1, LEVELS_MAX);
  const { protocolLevel } = options;
  if (protocolLevel !== undefined) checkInteger(protocolLevel, "protocolLevel", 3, 4);
  const isDupAccepted = accepts("dupAtQos0", dupAtQos0);
  const table = (anyFlags: number) => firstBytes(sender, isDupAccepted, false, anyFlags);
  const mqtt31FirstBytes = protocolLevel === 4 ? undefined : table(ALL_TYPES);
  const laterFirstBytes = protocolLevel === 3 ? table(ALL_TYPES) : table(0);
  const earlyFlags =
    protocolLevel === undefined ? CONNECT_TYPE : protocolLevel === 3 ? ALL_TYPES : 0;
  return {
    packetBytesMax,
    rules: {
      acceptControls: accepts("controlCharacters", controlCharacters),
      levelsMax: topicLevelsMax,
    },
    paddingAccepted: accepts("paddedLength", paddedLength),
    lazyPayload,
    lazyListBytes,
    firstBytes: firstPacketConnect
      ? firstBytes("client", false, true, earlyFlags)
      : table(earlyFlags),
    laterFirstBytes,
    mqtt31FirstBytes,
    onlyConnectFirst: firstPacketConnect,
  };
}

function accepts(option: string, value: "accept" | "refuse"): boolean {
  checkOneOf(option, value, ["accept", "refuse"]);
  return value === "accept";
}

function checkOneOf(option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  refuseField(option, `be ${allowed.join(" or ")}`, value);
}
