/** More than 300 lines: the rows of one table, which whoever looks for a limit reads from top to bottom. */
import { defaultsOf, kept, shapeOf } from "../options/check.js";
import { frozen, type Given, type NumberRow, wholeNumber } from "../options/row.js";
import { hasShape } from "../protocol/usage.js";
import { WINDOW_LEAST } from "../session/window.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Bounds of the protocol: the longest packet, the longest payload, the largest 16-bit number. */
const PACKET_BYTES = 268_435_460;
const PAYLOAD_BYTES = 268_435_455;
const UINT16 = 65_535;

/**
 * Everything a peer can grow, and how far. A count at its limit is accepted, one past it is not;
 * what happens then stands beside each. A limit is added here and nowhere else: its flag, its line
 * of help and its row of docs/options.md follow.
 */
export const LIMIT_ROWS = frozen({
  /** Bytes of one packet, header included. More: hang up as soon as the length is known. [M23] */
  packetBytesMax: limit(
    "bytes",
    8 * MIB,
    "Largest packet. Whoever sends a larger one is disconnected.",
    {
      least: 64,
      most: PACKET_BYTES,
    },
  ),
  /** The same before the Client is accepted. [M19] */
  connectBytesMax: limit(
    "bytes",
    64 * KIB,
    "Largest packet before a client is accepted. Whoever sends a larger one is disconnected.",
    { least: 64, most: PACKET_BYTES },
  ),
  /** Bytes behind a CONNECT that waits for its answer. More: hang up. [M20] */
  pipelinedBytesMax: limit(
    "bytes",
    MIB,
    "Most bytes a client may send after CONNECT before it is answered. With more it is disconnected.",
    { least: 64, most: PACKET_BYTES },
  ),
  /**
   * Bytes held of packets that are not whole, over all connections; memory may be twice that. More:
   * whoever has had an unfinished one for the longest time is hung up on. [M23]
   */
  unfinishedTotalBytesMax: limit(
    "bytes",
    256 * MIB,
    "Most bytes of packets that have not come whole, for all clients. Above it, the client that has been sending one for longest is disconnected.",
  ),
  /** Payload bytes of one message. More: acknowledged and dropped; in a Will: CONNACK 5. [M29] */
  messageBytesMax: limit(
    "bytes",
    PAYLOAD_BYTES,
    "Largest payload of a message. A larger one is acknowledged and dropped.",
    { least: 0, most: PAYLOAD_BYTES },
  ),
  /** Levels of a Topic Name or Topic Filter. More: hang up. [M22] */
  topicLevelsMax: limit(
    "count",
    128,
    "Most levels in a topic. Whoever uses more is disconnected.",
    { most: 65_536 },
  ),
  /**
   * Bytes of a Topic Name or Topic Filter. More: in PUBLISH hang up, in SUBSCRIBE 0x80, in a Will
   * CONNACK 5. What the broker's owner publishes has no bound but the standard's. [T4]
   */
  topicBytesMax: limit(
    "bytes",
    4 * KIB,
    "Longest topic. Whoever publishes to a longer one is disconnected; subscriptions to longer ones are refused.",
    { most: UINT16 },
  ),
  /** Bytes of a Client Identifier. More: CONNACK 2. [T4] [MQTT-3.1.3-5] */
  clientIdBytesMax: limit(
    "bytes",
    KIB,
    "Longest client identifier. Clients with a longer one are turned away.",
    { least: 23, most: UINT16 },
  ),
  /** Bytes of a user name, which is kept as long as the Session. More: CONNACK 4. [T7] */
  usernameBytesMax: limit(
    "bytes",
    4 * KIB,
    "Longest user name. Clients with a longer one are turned away.",
    { least: 0, most: UINT16 },
  ),
  /** Time from the open connection to a whole CONNECT, in ms. Then: hang up. [M19] */
  connectTimeoutMs: limit("ms", 10_000, "Time a new connection has to send its whole CONNECT."),
  /** Time `authenticate` may take, in ms. Then: CONNACK 3. */
  authenticateTimeoutMs: limit(
    "ms",
    10_000,
    "Time the check of credentials may take. After that the client is turned away.",
  ),
  /** Time any other hook may take to answer, in ms. Then: no. */
  hookTimeoutMs: limit(
    "ms",
    10_000,
    "Time any other check of a client's rights may take. After that the answer is no.",
  ),
  /** Time the Store may take to make a new Session durable, in ms. Then: CONNACK 3. [M26] */
  commitTimeoutMs: limit(
    "ms",
    10_000,
    "Time the disk may take to keep a new session. After that the client is turned away.",
  ),
  /** Where there are other nodes: how long they may take to give a Client to this one, in ms. */
  claimTimeoutMs: limit(
    "ms",
    20_000,
    "In a cluster, time it may take until no other node serves a client that connects here. After that the client is turned away.",
  ),
  /** Connections at once. More: closed before a byte is read. */
  connectionsMax: limit("count", 1_000_000, "Most connections at once. Further ones are closed."),
  /**
   * Connections from one address at once; of IPv6 the first 64 bits are one. Not for addresses of
   * this machine. More: closed before a byte is read. [I01]
   */
  connectionsPerAddressMax: limit(
    "count",
    4_000,
    "Most connections from one address at once; addresses of this machine are not counted. Further ones are closed.",
  ),
  /** New connections from one address in a second, on average; ten times that at once. [I03] */
  connectsPerSecondMax: limit(
    "count",
    200,
    "Most new connections from one address a second, on average; ten times that may come at once. Further ones are closed.",
  ),
  /** PROXY headers, TLS handshakes and WebSocket requests under way. More: the oldest goes. [K11] */
  handshakesMax: limit(
    "count",
    1_000,
    "Most TLS handshakes and WebSocket requests under way. With more, the oldest is closed.",
  ),
  /** Time for a PROXY header, and for a TLS handshake, in ms. Then: closed. [K11] */
  handshakeTimeoutMs: limit("ms", 10_000, "Time a new connection has for its TLS handshake."),
  /**
   * PUBLISH packets of one Client in a second, on average; a second's worth may come at once. 0: no
   * bound. More: it is not read until time has made up for it.
   */
  publishesPerSecondMax: limit(
    "count",
    0,
    "Most messages one client may publish a second, on average; 0 for any. With more it is not read for a while.",
    { least: 0 },
  ),
  /** Bytes of one Client in a second, in the same way. */
  publishBytesPerSecondMax: limit(
    "bytes",
    0,
    "Most bytes one client may send a second, on average; 0 for any. With more it is not read for a while.",
    { least: 0 },
  ),
  /** Wrong credentials from one address answered at once. More: later and later. [M01] */
  authFailuresMax: limit(
    "count",
    10,
    "Wrong credentials from one address that are answered at once. Further ones are answered later and later.",
    { least: 0 },
  ),
  /**
   * Longest Keep Alive, in s; 0 in CONNECT ("never") counts as above it. 0: no bound. What happens to
   * longer ones: `keepAlivePolicy`.
   */
  keepAliveSecondsMax: limit(
    "s",
    0,
    "Longest keep alive a client may ask for; 0 for any. What happens to longer ones: --keep-alive-policy.",
    { least: 0, most: UINT16 },
  ),
  /** QoS 1 and 2 messages on their way to one Client. More wait in the queue. 0: see below. [M16] */
  inFlightMax: limit(
    "count",
    0,
    "Most QoS 1 and 2 messages sent to one client and not yet acknowledged. Further ones wait. " +
      "0: 32 at first, and more for a client that acknowledges quickly.",
    { least: 0, most: UINT16 },
  ),
  /** How far that grows for a Client that keeps up. [M16] */
  inFlightCeiling: limit(
    "count",
    1_024,
    "Most such messages for a client that acknowledges quickly, where --in-flight-max is 0.",
    { least: WINDOW_LEAST, most: UINT16 },
  ),
  /** In ms: a whole window acknowledged within it doubles the window, silence halves it. [M16] */
  windowGrowMs: limit(
    "ms",
    1_000,
    "Time in which a client must acknowledge all of them to be sent twice as many; silent for as long it is sent half.",
  ),
  /** QoS 2 messages of one Client that wait for their PUBREL. More: hang up. */
  inboundInFlightMax: limit(
    "count",
    UINT16,
    "Most QoS 2 messages that one client may leave unfinished. With more it is disconnected.",
    { most: UINT16 },
  ),
  /** Messages queued for one Session. More: oldest QoS 0 dropped, else the newcomer. [M17] */
  queueMessagesMax: limit(
    "count",
    1_000,
    "Most messages that wait for one session. Above it the oldest QoS 0 message is dropped, else the new one.",
    { least: 0 },
  ),
  /** Their Topic Names and payloads in bytes; one message alone may have more. [M17] */
  queueBytesMax: limit(
    "bytes",
    8 * MIB,
    "Most bytes of messages that wait for one session. Above it the oldest QoS 0 message is dropped, else the new one.",
    {
      least: 0,
    },
  ),
  /**
   * Memory of the messages that wait for all Sessions, or are not acknowledged by them; one for many
   * counts once, what is on disk alone not at all. From three quarters on, Sessions with 64 KiB or
   * 100 messages waiting get no more; at the limit no queue grows. What has a place on disk waits
   * there, the rest is dropped. [T7]
   */
  queueTotalBytesMax: limit(
    "bytes",
    1024 * MIB,
    "Most memory for the messages that wait for all sessions. Near it, sessions with much waiting get no more; at it, nothing waits but on disk.",
    { least: 0 },
  ),
  /**
   * Messages that may wait for a connected Client as long as it acknowledges, whatever the two
   * bounds on messages say: many publishers at once are no reason to lose any. [M17]
   */
  burstMessagesMax: limit(
    "count",
    20_000,
    "Most messages that wait for a connected client as long as it goes on acknowledging.",
    { least: 0 },
  ),
  /** Point-to-point messages queued for one Session. More: the oldest dropped. [P9] */
  pointToPointMessagesMax: limit(
    "count",
    1_000,
    "Most point-to-point messages that wait for one session. The oldest goes first.",
    { least: 0 },
  ),
  /** Their Topic Names and payloads in bytes; one message alone may have more. [P9] */
  pointToPointBytesMax: limit(
    "bytes",
    8 * MIB,
    "Most bytes of point-to-point messages that wait for one session.",
    { least: 0 },
  ),
  /** Point-to-point messages queued for all Sessions. More: the newcomer dropped. [P9] */
  pointToPointTotalMax: limit(
    "count",
    1_000_000,
    "Most point-to-point messages that wait for all sessions together.",
    { least: 0 },
  ),
  /** Age at which a queued point-to-point message is dropped, in ms. [P9] */
  pointToPointAgeMs: limit(
    "ms",
    3 * DAY_MS,
    "Age at which a waiting point-to-point message is dropped.",
  ),
  /**
   * Bytes waiting to leave for one Client; a message for which less waits is sent, however large.
   * Above: QoS 0 dropped, QoS 1 and 2 queued. Above twice that and the largest packet, which only
   * answers to what it sends can fill: it is not read. [M24]
   */
  outboundBytesMax: limit(
    "bytes",
    4 * MIB,
    "Most bytes on their way to one client. Above it QoS 0 messages are dropped, others wait.",
  ),
  /** The same for all Clients together. Above: those with much waiting are treated so. [M24] */
  outboundTotalBytesMax: limit(
    "bytes",
    512 * MIB,
    "Most bytes on their way to all clients. Above it, clients with much waiting get no more.",
  ),
  /** Time in which a Client must take what was sent, in ms. Then: hang up. [M24] */
  stalledMs: limit(
    "ms",
    60_000,
    "Time a client has to take what was sent to it. After that it is disconnected.",
  ),
  /** Acknowledgements of one connection that wait for the Store. More: it is not read. [M26] */
  heldMax: limit(
    "count",
    4_096,
    "Most acknowledgements to one client that wait for the disk. With more, it is not read until they have left.",
  ),
  /**
   * Units of work that one Client causes in a turn: about as many deliveries at QoS 0, packets, or
   * Topic Filters. More: it is not read, and what is left goes on when everybody else with work left
   * has had a turn. A turn may go over it by as much again, when one message has nearly that many
   * receivers.
   */
  workPerTurnMax: limit(
    "count",
    2_000,
    "Most work done for one client at a time, counted in deliveries. With more to do, others have their turn first.",
  ),
  /** Time in which what peers send is worked on before the sockets are looked at again, in ms. */
  roundMs: limit(
    "ms",
    5,
    "Time the server works on what came before it looks after all connections again.",
    { most: 1_000 },
  ),
  /** Topic Filters of one SUBSCRIBE or UNSUBSCRIBE. More: hang up. Each is kept until all are done. [T2] */
  filtersPerPacketMax: limit(
    "count",
    100_000,
    "Most topic filters in one SUBSCRIBE or UNSUBSCRIBE. Whoever sends more is disconnected.",
  ),
  /** Subscriptions of one Session. More: SUBACK 0x80. */
  subscriptionsPerSessionMax: limit(
    "count",
    25_000,
    "Most subscriptions of one session. Further ones are refused.",
    { least: 0 },
  ),
  /** Subscriptions of all Sessions. More: SUBACK 0x80. */
  subscriptionsMax: limit(
    "count",
    5_000_000,
    "Most subscriptions of all sessions together. Further ones are refused.",
    { least: 0 },
  ),
  /** Bytes of the Topic Filters of one Session. More: SUBACK 0x80. [T7] */
  subscriptionBytesPerSessionMax: limit(
    "bytes",
    4 * MIB,
    "Most bytes of the topic filters of one session. Further subscriptions are refused.",
    { least: 0 },
  ),
  /** The same of all Sessions. More: SUBACK 0x80. [T7] */
  subscriptionBytesMax: limit(
    "bytes",
    256 * MIB,
    "Most bytes of the topic filters of all sessions together. Further subscriptions are refused.",
    { least: 0 },
  ),
  /**
   * Levels of all different patterns among the Topic Filters with wildcards of one Session, `a/+/c`
   * and `b/+/d` having one of three levels. More: SUBACK 0x80. [T3]
   */
  wildcardLevelsPerSessionMax: limit(
    "count",
    512,
    "Most levels in the different wildcard patterns of one session's subscriptions: a/+/c and b/+/d are one pattern of 3 levels. Further patterns are refused.",
    { least: 0 },
  ),
  /** The same of all Sessions: what the match of one message costs at most. More: SUBACK 0x80. [T3] */
  wildcardLevelsMax: limit(
    "count",
    8_192,
    "The same for all sessions together: with more, each message would take long to find its subscribers. Further patterns are refused.",
    { least: 0 },
  ),
  /**
   * Percent of the memory that Node, the container or the machine allows. From here on nothing new is kept: new
   * Sessions are CONNACK 3, Subscriptions 0x80, retained messages are delivered only, and queues in
   * memory do not grow, those with much in them first. 100: never. [I12] [T7]
   */
  memoryPercentMax: limit(
    "count",
    85,
    "Percent of the memory that Node, the container or the machine allows. Above it new sessions, subscriptions, retained and waiting messages are refused; 100 for never.",
    { most: 100 },
  ),
  /** Retained messages. More: delivered, not kept. */
  retainedMessagesMax: limit(
    "count",
    1_000_000,
    "Most retained messages. Further ones are delivered and not kept.",
    { least: 0 },
  ),
  /** Their Topic Names and payloads in bytes. More: delivered, not kept. */
  retainedBytesMax: limit(
    "bytes",
    1024 * MIB,
    "Most bytes of retained messages. Further messages are delivered and not kept.",
    { least: 0 },
  ),
  /** Topic Names and payloads of all Wills in bytes. More: CONNACK 3. */
  willBytesMax: limit(
    "bytes",
    256 * MIB,
    "Most bytes of all wills. Clients whose will does not fit are turned away.",
    { least: 0 },
  ),
  /** Sessions kept for offline Clients. More: the longest offline ends. */
  offlineSessionsMax: limit(
    "count",
    1_000_000,
    "Most sessions kept for clients that are offline. The one offline longest goes first.",
    { least: 0 },
  ),
  /**
   * Lines of each kind that the log gets in a second, whoever causes them; of connects and disconnects,
   * which somebody has asked for, 25 times as many. More: counted and left out. [I14]
   */
  logLinesPerSecondMax: limit(
    "count",
    20,
    "Most lines a second in the log about refused clients, and as many about hang-ups, dropped messages and so on; of connects, disconnects and subscriptions 25 times as many. Further ones are counted and left out.",
  ),
  /** Time after which the Session of an offline Client ends, in ms. */
  sessionExpiryMs: limit("ms", 30 * DAY_MS, "Time for which an offline client's session is kept."),
});

/** See {@link LIMIT_ROWS}. */
export type Limits = Required<Given<typeof LIMIT_ROWS>>;

/** What holds where nothing else is said; nobody can change it. */
export const DEFAULT_LIMITS: Limits = defaultsOf(LIMIT_ROWS);

/**
 * The defaults with `given` laid over them.
 *
 * @throws UsageError naming the key, its value and what is allowed.
 */
export function limitsWith(given: Partial<Limits>): Limits {
  check(given, "limits");
  return { ...DEFAULT_LIMITS, ...kept(given) };
}

const check = hasShape(shapeOf(LIMIT_ROWS));

/** A limit is read anew each time it is needed, so that it can be changed while the server runs. */
function limit(
  unit: NumberRow["unit"],
  standard: number,
  about: string,
  range: { readonly least?: number; readonly most?: number } = {},
): NumberRow<number> {
  return wholeNumber({ unit, default: standard, about, live: true, ...range });
}
