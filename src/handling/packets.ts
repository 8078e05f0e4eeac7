import { orderError, ProtocolError } from "../protocol/errors.js";
import type { Connect, Subscribe, Unsubscribe } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { proceed, SLICE_UNITS } from "../sending/retained-backlog.js";
import { write } from "../sending/send-packet.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { onPuback, onPubcomp, onPubrec, onPubrel } from "./acknowledging.js";
import { onConnect, refuseFor } from "./connecting.js";
import { boundFilters, decodeInSlices } from "./long-lists.js";
import { onPublish } from "./publishing.js";
import { onSubscribe, onUnsubscribe } from "./subscribing.js";

/**
 * Works on every whole packet the connection has received, in order, until it is doomed, closed or
 * has to wait for an answer from outside: what comes behind stays in the reader. [M20] [MQTT-4.8.0-1]
 */
export function onReceived(core: Core, connection: Connection): void {
  try {
    const { reader } = connection;
    const isHeard = core.workLeft > 0; // else it is only taken down
    while (core.workLeft > 0 && takesPackets(connection) && reader.advance()) {
      core.stats.received.add(reader.type, reader.end - reader.start);
      connection.lastPacketMs = core.nowMs; // whole packets only [M18]
      core.workLeft -= PACKET_UNITS + ((reader.end - reader.start) >> UNIT_BYTES_BITS);
      if (connection.phase === Phase.EXPECTING_CONNECT) {
        // The reader lets nothing but CONNECT through at first. [MQTT-3.1.0-1]
        onConnect(core, connection, reader.packet() as Connect);
      } else if (!onPacket(core, connection)) {
        core.owing.add(connection);
      }
    }
    if (connection.waiting !== undefined && !connection.isPeer) boundWaiting(core, connection);
    if (core.workLeft > 0) connection.hasOverspent = false;
    else if (takesPackets(connection)) postponeRest(core, connection, isHeard);
  } catch (error) {
    const isFirst = connection.phase === Phase.EXPECTING_CONNECT;
    if (isFirst && error instanceof ProtocolError && refuseFor(core, connection, error)) return;
    core.doomForError(connection, error); // no CONNACK before acceptance [MQTT-3.1.4-1]
  }
}

/** What a packet costs that sets nothing off, and what its bytes do. */
const PACKET_UNITS = 1;
const UNIT_BYTES_BITS = 10;
/** A transport that goes on bringing bytes of a peer that is not read may bring so many packets. */
const POSTPONED_PACKETS_MAX = 4;

/** This turn has done its share: what has come besides is worked on in the peer's next one. */
function postponeRest(core: Core, connection: Connection, isHeard: boolean): void {
  const { reader } = connection;
  if (!reader.hasUnread) {
    reader.advance(); // false: it lets go of the chunk
    return;
  }
  if (isHeard) connection.hasOverspent = true;
  core.postpone(connection);
}

/**
 * The peer is not read while it waits. A transport may still bring a little; one that goes on for
 * ever is cut off. [B17]
 */
function boundWaiting(core: Core, { reader, phase }: Connection): void {
  const { packetBytesMax, pipelinedBytesMax } = core.limits;
  const bytesMax = phase === Phase.ACCEPTED ? packetBytesMax : pipelinedBytesMax; // [M20]
  const { bufferedBytes } = reader;
  if (bufferedBytes > bytesMax) {
    throw new ProtocolError("packet-too-large", -1, undefined, bufferedBytes);
  }
}

/**
 * The same for a peer that is not read since it has caused too much work: what it has sent in one
 * chunk may be more than a packet, what comes behind that is bounded.
 */
export function boundPostponed({ limits }: Core, { reader }: Connection): void {
  const { bufferedBytes } = reader;
  if (bufferedBytes <= POSTPONED_PACKETS_MAX * limits.packetBytesMax) return;
  throw new ProtocolError("packet-too-large", -1, undefined, bufferedBytes);
}

/**
 * Counts what has come of a packet that is not whole. When it is too much for all together, whoever
 * makes others wait for theirs the longest is hung up on. [M23]
 */
export function boundUnfinished(core: Core, connection: Connection): void {
  const { unfinished } = core;
  if (connection.phase < Phase.DOOMED) unfinished.set(connection, connection.reader.bufferedBytes);
  for (let who = unfinished.takeExcess(); who !== undefined; who = unfinished.takeExcess()) {
    core.doom(who, "unfinished-packet");
  }
}

/** What stands behind a refused CONNECT is not read. [MQTT-3.1.4-5] */
function takesPackets({ phase, waiting, task }: Connection): boolean {
  if (waiting !== undefined || task !== undefined) return false;
  return phase === Phase.ACCEPTED || phase === Phase.EXPECTING_CONNECT;
}

/**
 * One packet of an accepted Client. The frequent ones first; only the rare ones become objects.
 *
 * @returns false when it owes retained messages that go beyond this turn.
 */
function onPacket(core: Core, connection: Connection): boolean {
  const { reader } = connection;
  switch (reader.type) {
    case PacketType.PUBLISH:
      if (connection.isPeer) core.cluster.onPublish(connection);
      else onPublish(core, connection, reader);
      return true;
    case PacketType.PUBACK:
      return onPuback(core, connection, reader.packetId);
    case PacketType.PUBREC:
      onPubrec(core, connection, reader.packetId);
      return true;
    case PacketType.PUBREL:
      onPubrel(core, connection, reader.packetId);
      return true;
    case PacketType.PUBCOMP:
      return onPubcomp(core, connection, reader.packetId);
    case PacketType.PINGREQ:
      write(core, connection, PINGRESP); // [MQTT-3.12.4-1]
      return true;
    case PacketType.SUBSCRIBE:
    case PacketType.UNSUBSCRIBE:
      return onFilters(core, connection);
    case PacketType.DISCONNECT:
      core.doom(connection, "disconnected"); // no Will; what follows is not read [MQTT-3.14.4-3]
      return true;
    case PacketType.CONNECT:
      throw orderError("second-connect", 0); // [MQTT-3.1.0-2]
    default:
      throw new ProtocolError("wrong-direction", 0); // the reader refuses these already
  }
}

/** SUBSCRIBE or UNSUBSCRIBE. @returns as {@link onPacket}. */
function onFilters(core: Core, connection: Connection): boolean {
  const { reader } = connection;
  const list = reader.filterList();
  const isSubscribe = reader.type === PacketType.SUBSCRIBE;
  const take = (packet: Subscribe | Unsubscribe): void => {
    if (packet.type === PacketType.SUBSCRIBE) {
      boundFilters(core, packet.requests.length);
      onSubscribe(core, connection, packet);
    } else {
      boundFilters(core, packet.topicFilters.length);
      onUnsubscribe(core, connection, packet);
    }
  };
  if (list === undefined)
    take(reader.packet() as Subscribe | Unsubscribe); // its type says so
  else decodeInSlices(core, connection, list, take);
  return !isSubscribe || servesOwed(core, connection);
}

/**
 * Sends what a SUBSCRIBE has made due, unless this is a turn too short for it: hundreds who subscribe at
 * once are answered first. [T9]
 */
function servesOwed(core: Core, { session, retainedBacklog }: Connection): boolean {
  if (session === undefined) return true;
  if (retainedBacklog !== undefined && core.workLeft < SLICE_UNITS) return false;
  return proceed(core, session);
}

const PINGRESP = { type: PacketType.PINGRESP } as const;
