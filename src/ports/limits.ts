import { UsageError } from "../protocol/errors.js";

/**
 * Everything a peer can grow, and how far. A count at its limit is accepted, one past it is not;
 * what happens then stands beside each.
 */
export interface Limits {
  /** Bytes of one packet, header included. More: hang up as soon as the length is known. [M23] */
  readonly packetBytesMax: number;
  /** The same before the Client is accepted. [M19] */
  readonly connectBytesMax: number;
  /** Bytes behind a CONNECT that waits for its answer. More: hang up. [M20] */
  readonly pipelinedBytesMax: number;
  /**
   * Bytes held of packets that are not whole, over all connections; memory may be twice that. More:
   * whoever has had an unfinished one for the longest time is hung up on. [M23]
   */
  readonly unfinishedTotalBytesMax: number;
  /** Payload bytes of one message. More: acknowledged and dropped; in a Will: CONNACK 5. [M29] */
  readonly messageBytesMax: number;
  /** Levels of a Topic Name or Topic Filter. More: hang up. [M22] */
  readonly topicLevelsMax: number;
  /** Time from the open connection to a whole CONNECT, in ms. Then: hang up. [M19] */
  readonly connectTimeoutMs: number;
  /** Time `authenticate` may take, in ms. Then: CONNACK 3. */
  readonly authenticateTimeoutMs: number;
  /** Connections at once. More: closed before a byte is read. */
  readonly connectionsMax: number;
  /** Cap on a Client's Keep Alive, in s; 0 in CONNECT ("never") counts as above it. 0: no cap. */
  readonly keepAliveSecondsMax: number;
  /** QoS 1 and 2 messages on their way to one Client. More wait in the queue. [M16] */
  readonly inFlightMax: number;
  /** QoS 2 messages of one Client that wait for their PUBREL. More: hang up. */
  readonly inboundInFlightMax: number;
  /** Messages queued for one Session. More: oldest QoS 0 dropped, else the newcomer. [M17] */
  readonly queueMessagesMax: number;
  /** Their Topic Names and payloads in bytes; one message alone may have more. [M17] */
  readonly queueBytesMax: number;
  /**
   * Messages that may wait for a connected Client as long as it acknowledges, whatever the two
   * bounds on messages say: many publishers at once are no reason to lose any. [M17]
   */
  readonly burstMessagesMax: number;
  /** Point-to-point messages queued for one Session. More: the oldest dropped. [P9] */
  readonly pointToPointMessagesMax: number;
  /** Their Topic Names and payloads in bytes; one message alone may have more. [P9] */
  readonly pointToPointBytesMax: number;
  /** Point-to-point messages queued for all Sessions. More: the newcomer dropped. [P9] */
  readonly pointToPointTotalMax: number;
  /** Age at which a queued point-to-point message is dropped, in ms. [P9] */
  readonly pointToPointAgeMs: number;
  /**
   * Bytes waiting to leave for one Client; a message for which less waits is sent, however large.
   * Above: QoS 0 dropped, QoS 1 and 2 queued. Above twice that and the largest packet, which only
   * answers to what it sends can fill: it is not read. [M24]
   */
  readonly outboundBytesMax: number;
  /** The same for all Clients together. Above: those with much waiting are treated so. [M24] */
  readonly outboundTotalBytesMax: number;
  /** Time in which a Client must take what was sent, in ms. Then: hang up. [M24] */
  readonly stalledMs: number;
  /** Acknowledgements of one connection that wait for the Store. More: it is not read. [M26] */
  readonly heldMax: number;
  /** Subscriptions of one Session. More: SUBACK 0x80. */
  readonly subscriptionsPerSessionMax: number;
  /** Subscriptions of all Sessions. More: SUBACK 0x80. */
  readonly subscriptionsMax: number;
  /** Retained messages. More: delivered, not kept. */
  readonly retainedMessagesMax: number;
  /** Their Topic Names and payloads in bytes. More: delivered, not kept. */
  readonly retainedBytesMax: number;
  /** Topic Names and payloads of all Wills in bytes. More: CONNACK 3. */
  readonly willBytesMax: number;
  /** Sessions kept for offline Clients. More: the longest offline ends. */
  readonly offlineSessionsMax: number;
  /** Time after which the Session of an offline Client ends, in ms. */
  readonly sessionExpiryMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_LIMITS: Limits = {
  packetBytesMax: 8 * MIB,
  connectBytesMax: 64 * KIB,
  pipelinedBytesMax: MIB,
  unfinishedTotalBytesMax: 256 * MIB,
  messageBytesMax: 268_435_455,
  topicLevelsMax: 128,
  connectTimeoutMs: 10_000,
  authenticateTimeoutMs: 10_000,
  connectionsMax: 1_000_000,
  keepAliveSecondsMax: 0,
  inFlightMax: 32,
  inboundInFlightMax: 65_535,
  queueMessagesMax: 1_000,
  queueBytesMax: 8 * MIB,
  burstMessagesMax: 20_000,
  pointToPointMessagesMax: 1_000,
  pointToPointBytesMax: 8 * MIB,
  pointToPointTotalMax: 1_000_000,
  pointToPointAgeMs: 3 * DAY_MS,
  outboundBytesMax: 4 * MIB,
  outboundTotalBytesMax: 512 * MIB,
  stalledMs: 60_000,
  heldMax: 4_096,
  subscriptionsPerSessionMax: 25_000,
  subscriptionsMax: 5_000_000,
  retainedMessagesMax: 1_000_000,
  retainedBytesMax: 1024 * MIB,
  willBytesMax: 256 * MIB,
  offlineSessionsMax: 1_000_000,
  sessionExpiryMs: 30 * DAY_MS,
};

/** The least that makes sense where 1 is too little, and the most where the protocol has a bound. */
const RANGES: Partial<Record<keyof Limits, readonly [least: number, most: number]>> = {
  packetBytesMax: [64, 268_435_460],
  connectBytesMax: [64, 268_435_460],
  messageBytesMax: [0, 268_435_455],
  topicLevelsMax: [1, 65_536],
  keepAliveSecondsMax: [0, 65_535],
  inFlightMax: [1, 65_535],
  inboundInFlightMax: [1, 65_535],
  queueMessagesMax: [0, Number.MAX_SAFE_INTEGER],
  queueBytesMax: [0, Number.MAX_SAFE_INTEGER],
  burstMessagesMax: [0, Number.MAX_SAFE_INTEGER],
  pointToPointMessagesMax: [0, Number.MAX_SAFE_INTEGER],
  pointToPointBytesMax: [0, Number.MAX_SAFE_INTEGER],
  pointToPointTotalMax: [0, Number.MAX_SAFE_INTEGER],
  subscriptionsPerSessionMax: [0, Number.MAX_SAFE_INTEGER],
  subscriptionsMax: [0, Number.MAX_SAFE_INTEGER],
  retainedMessagesMax: [0, Number.MAX_SAFE_INTEGER],
  retainedBytesMax: [0, Number.MAX_SAFE_INTEGER],
  willBytesMax: [0, Number.MAX_SAFE_INTEGER],
  offlineSessionsMax: [0, Number.MAX_SAFE_INTEGER],
};

/**
 * The defaults with `given` laid over them.
 *
 * @throws {@link UsageError} naming the key, its value and what is allowed.
 */
export function limitsWith(given: Partial<Limits>): Limits {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) {
      const known = Object.keys(DEFAULT_LIMITS).join(", ");
      throw new UsageError(`limits.${key} does not exist; there are ${known}`);
    }
    const [least, most] = RANGES[key as keyof Limits] ?? [1, Number.MAX_SAFE_INTEGER];
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new UsageError(
        `limits.${key} is ${String(value)}; allowed are whole numbers from ${least} to ${most}`,
      );
    }
  }
  return { ...DEFAULT_LIMITS, ...given };
}
