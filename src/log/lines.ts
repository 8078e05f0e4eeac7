import type { AcceptedConnect, ConnectNames, Peer } from "../ports/events.js";
import type { Limits } from "../ports/limits.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason, DropReason, TurnAwayReason } from "../ports/reasons.js";
import { DENIALS, type DenialReason, REFUSALS, type RefusalReason } from "../ports/refusals.js";
import type { ProtocolError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { legible, quoted, shown } from "./escape.js";
import type { LogFields } from "./logger.js";
import type { Tallied } from "./tally.js";
import type { Usage } from "./usage.js";
import {
  CLOSE_WORDS,
  DENIAL_OPTIONS,
  DROP_WORDS,
  FOREIGN_WORDS,
  OPTIONS,
  type OptionName,
} from "./words.js";

/** A line of the log: in words, and as fields. */
export interface Line {
  readonly message: string;
  readonly fields: LogFields;
}

/** A CONNECT was refused. */
export function refusedLine(
  connect: ConnectNames | undefined,
  reason: RefusalReason,
  peer: Peer,
  limits: Limits,
): Line {
  const [returnCode, statement] = REFUSALS[reason];
  const option = optionFields(OPTIONS[reason], limits);
  const code = returnCode === undefined ? "" : `, CONNACK ${returnCode}`;
  return {
    message: `refused ${named(connect, peer)}: ${refusalWords(reason)}${code}${optionWords(option)}`,
    fields: {
      ...namedFields(connect, peer),
      reason,
      statement,
      ...(returnCode !== undefined && { returnCode }),
      ...option,
    },
  };
}

/** Why a CONNECT was refused, with the statement. */
export function refusalWords(reason: RefusalReason): string {
  const [, statement, sentence] = REFUSALS[reason];
  return `${sentence} [${statement}]`;
}

/** The server ended a connection. */
export function hungUpLine(
  client: ConnectNames | undefined,
  reason: CloseReason,
  violation: ProtocolError | undefined,
  peer: Peer,
  limits: Limits,
  usage?: Usage,
): Line {
  const option = optionFields(optionOf(client, reason, violation, limits), limits);
  const fields: LogFields = {
    ...namedFields(client, peer),
    reason,
    ...violationFields(violation),
    ...option,
    ...usage,
  };
  const foreign = violation && FOREIGN_WORDS[violation.code];
  if (foreign !== undefined) {
    const where = `${foreign} ${onPlainPort(peer)}`;
    const statement = `[${fields.statement}]`;
    return { message: `${where}, from ${addressOf(peer)}: hung up ${statement}`, fields };
  }
  const why = `${endWords(reason, violation)}${violationWords(violation)}${optionWords(option)}`;
  return { message: `hung up on ${named(client, peer)}: ${why}`, fields };
}

/** Why a connection ended. */
export function endWords(reason: CloseReason, violation: ProtocolError | undefined): string {
  return violation === undefined ? CLOSE_WORDS[reason] : violation.message;
}

/** Messages were dropped, all for the same reason. */
export function droppedLine(dropped: Readonly<Tallied<DropReason>>, limits: Limits): Line {
  const { reason, receiverId, client, topic, count } = dropped;
  const option = optionFields(OPTIONS[reason], limits);
  const messages = count === 1 ? "a message" : `${count} messages`;
  const about = `${DROP_WORDS[reason]}, topic ${quoted(topic)}${optionWords(option)}`;
  return {
    message: `dropped ${messages}${whomWords(receiverId, client)}: ${about}`,
    fields: { ...whomFields(receiverId, client), reason, topic: shown(topic), count, ...option },
  };
}

/** Subscriptions were denied, all for the same reason. */
export function deniedLine(denied: Readonly<Tallied<DenialReason>>, limits: Limits): Line {
  const { reason, client, topic, count } = denied;
  const option = optionFields(hasOption(reason) ? DENIAL_OPTIONS[reason] : undefined, limits);
  const filters = count === 1 ? "a subscription" : `${count} subscriptions`;
  const about = `${DENIALS[reason]}, topic filter ${quoted(topic)}${optionWords(option)}`;
  return {
    message: `denied ${filters}${whomWords(undefined, client)}: ${about}`,
    fields: { ...whomFields(undefined, client), reason, topic: shown(topic), count, ...option },
  };
}

/** A Client publishes more than it may, and is not read for a while. */
export function slowedLine(client: Identity, limits: Limits): Line {
  const { publishesPerSecondMax, publishBytesPerSecondMax } = limits;
  const bounds = [
    ...(publishesPerSecondMax > 0 ? [`${publishesPerSecondMax} messages`] : []),
    ...(publishBytesPerSecondMax > 0 ? [`${publishBytesPerSecondMax} bytes`] : []),
  ].join(" or ");
  const option =
    publishesPerSecondMax > 0 ? "limits.publishesPerSecondMax" : "limits.publishBytesPerSecondMax";
  return {
    message: `slowed down ${named(client, client)}: it publishes more than ${bounds} a second`,
    fields: { ...namedFields(client, client), ...optionFields(option, limits) },
  };
}

/** A Client was accepted. */
export function connectedLine(
  client: Identity,
  sessionPresent: boolean,
  { cleanSession, keepAliveSeconds }: AcceptedConnect,
): Line {
  const session = sessionPresent ? "its session goes on" : "a new session";
  return {
    message: `connected ${named(client, client)}: ${session}`,
    fields: { ...namedFields(client, client), sessionPresent, cleanSession, keepAliveSeconds },
  };
}

/** A connection ended, for any reason. */
export function disconnectedLine(
  client: ConnectNames | undefined,
  reason: CloseReason,
  peer: Peer,
  usage: Usage,
): Line {
  const seconds = (usage.durationMs / 1_000).toFixed(1);
  const used = `${usage.packetsReceived} packets received, ${usage.packetsSent} sent`;
  return {
    message: `disconnected ${named(client, peer)}: ${CLOSE_WORDS[reason]}, after ${seconds} s, ${used}`,
    fields: { ...namedFields(client, peer), reason, ...usage },
  };
}

/** A Client subscribes, or does so no more (`grantedQos` is `undefined`). */
export function subscriptionLine(
  client: Identity,
  topicFilter: string,
  grantedQos: QoS | undefined,
): Line {
  const what = grantedQos === undefined ? "unsubscribed" : "subscribed";
  const qos = grantedQos === undefined ? "" : ` at QoS ${grantedQos}`;
  return {
    message: `${what} ${named(client, client)}: ${quoted(topicFilter)}${qos}`,
    fields: {
      ...namedFields(client, client),
      topic: shown(topicFilter),
      ...(grantedQos !== undefined && { grantedQos }),
    },
  };
}

/** A peer got no connection, or lost it before the engine had a say. */
export function turnedAwayLine(
  peer: Peer,
  what: "refused" | "hung up",
  why: string,
  reason: TurnAwayReason,
  limits: Limits,
): Line {
  const done = what === "refused" ? what : `${what} on`;
  const option = optionFields(OPTIONS[reason], limits);
  return {
    message: `${done} ${named(undefined, peer)}: ${why}${optionWords(option)}`,
    fields: { ...namedFields(undefined, peer), reason, ...option },
  };
}

/** Who it is: `client "a" (user "u") at 127.0.0.1:50412 on mqtt://127.0.0.1:1883`. */
function named(client: ConnectNames | undefined, peer: Peer): string {
  const address = addressOf(peer);
  if (client === undefined) return `${address}${on(peer)}`;
  const user = client.username === undefined ? "" : ` (user ${quoted(client.username)})`;
  return `client ${quoted(client.clientId)}${user} at ${address}${on(peer)}`;
}

function namedFields(client: ConnectNames | undefined, peer: Peer): LogFields {
  const { remoteAddress, listener } = peer;
  return {
    ...(client && { client: shown(client.clientId) }),
    ...(client?.username !== undefined && { user: shown(client.username) }),
    ...(remoteAddress !== "" && { address: shown(remoteAddress) }),
    ...(listener !== undefined && { listener }),
  };
}

/** Whoever hands over a stream chooses its address. */
function addressOf({ remoteAddress }: Peer): string {
  return remoteAddress === "" ? "an unknown address" : shown(remoteAddress);
}

function on({ listener }: Peer): string {
  return listener === undefined ? "" : ` on ${listener}`;
}

function onPlainPort({ listener }: Peer): string {
  const port = listener === undefined ? undefined : /:(\d+)(?:\/.*)?$/.exec(listener)?.[1];
  return port === undefined ? "on a plain MQTT connection" : `on the plain port ${port}`;
}

/** Whose message it was to be, or else whose it was; neither: those of many. */
function whomWords(receiverId: string | undefined, sender: Identity | undefined): string {
  if (receiverId !== undefined) return ` for client ${quoted(receiverId)}`;
  return sender === undefined ? "" : ` of ${named(sender, sender)}`;
}

function whomFields(receiverId: string | undefined, sender: Identity | undefined): LogFields {
  if (receiverId !== undefined) return { client: shown(receiverId) };
  return sender === undefined ? {} : namedFields(sender, sender);
}

function violationFields(violation: ProtocolError | undefined): LogFields {
  if (violation === undefined) return {};
  const { code, statement, topic, value } = violation;
  return {
    code,
    statement,
    ...(topic !== undefined && { topic: shown(legible(topic)) }),
    ...(code === "packet-too-large" && { packetBytes: value }),
  };
}

function violationWords(violation: ProtocolError | undefined): string {
  if (violation === undefined) return "";
  const { code, at, topic, value } = violation;
  if (code === "packet-too-large")
    return at < 0 ? `, ${value} bytes wait` : `, it has ${value} bytes`;
  return topic === undefined ? "" : `, in ${quoted(legible(topic))}`;
}

/** Before its CONNECT is read a packet may have less. [M19] */
function optionOf(
  client: ConnectNames | undefined,
  reason: CloseReason,
  violation: ProtocolError | undefined,
  { packetBytesMax }: Limits,
): OptionName | undefined {
  if (violation === undefined) return OPTIONS[reason];
  const { code, at, value } = violation;
  if (code !== "packet-too-large") return OPTIONS[code];
  if (client === undefined) return "limits.connectBytesMax";
  // No byte is to blame: too much waits behind its CONNECT, or behind a hook. [M20]
  return at < 0 && value <= packetBytesMax ? "limits.pipelinedBytesMax" : OPTIONS[code];
}

function optionFields(
  option: OptionName | undefined,
  limits: Limits,
): Pick<LogFields, "option" | "limit"> {
  if (option === undefined) return {};
  const name = option.startsWith(LIMITS) ? option.slice(LIMITS.length) : undefined;
  if (name === undefined) return { option };
  return { option, limit: limits[name as keyof Limits] }; // as the type of `option` says
}

const LIMITS = "limits.";

function optionWords({ option, limit }: Pick<LogFields, "option" | "limit">): string {
  if (option === undefined) return "";
  return limit === undefined ? ` (option ${option})` : ` (${option} is ${limit})`;
}

function hasOption(reason: DenialReason): reason is keyof typeof DENIAL_OPTIONS {
  return Object.hasOwn(DENIAL_OPTIONS, reason);
}
