import type { RefusalCode } from "../protocol/return-codes.js";

/**
 * Why a CONNECT is refused: the CONNACK return code, where the standard or a choice of ours says so,
 * and a sentence for the log. §3.1.4, §3.2.2.3 Names never change their meaning; new ones may come.
 */
export const REFUSALS = {
  "protocol-level": [1, "MQTT-3.1.2-2", "the Protocol Level is not one spoken here"],
  mqtt5: [1, "MQTT-3.1.2-2", "it speaks MQTT 5, and MQTT 3.1.1 is spoken here"],
  "mqtt31-off": [1, "MQTT-3.1.2-2", "it speaks MQTT 3.1, which is switched off here"],
  "bridge-off": [
    1,
    "MQTT-3.1.2-2",
    "it says that it is a bridge, and bridges are switched off here",
  ],
  "empty-client-id": [2, "MQTT-3.1.3-8", "an empty Client Identifier needs Clean Session"],
  "mqtt31-client-id": [
    2,
    "MQTT-3.1.3-9",
    "MQTT 3.1 wants a Client Identifier of 1 to 23 characters",
  ],
  "no-group-client-id": [
    2,
    "MQTT-3.1.3-9",
    "its Client Identifier is not like GID_group@@@device, and only those may connect here",
  ],
  "client-id-too-long": [
    2,
    "MQTT-3.1.3-9",
    "its Client Identifier is too long for a CONNECT of the size allowed here",
  ],
  "client-id-bytes": [
    2,
    "MQTT-3.1.3-9",
    "its Client Identifier has more bytes than one may have here",
  ],
  "username-bytes": [4, "§3.2.2.3", "its user name has more bytes than one may have here"],
  "client-id": [2, "MQTT-3.1.3-9", "this Client Identifier is not allowed here"],
  "keep-alive-too-long": [2, "§3.1.2.10", "it asks for a longer Keep Alive than is allowed here"],
  "unwanted-level": [1, "§3.2.2.3", "this protocol version is not allowed here"],
  "cannot-tell": [3, "§3.2.2.3", "its credentials could not be checked: it may try again later"],
  "too-many-failures": [
    3,
    "§3.2.2.3",
    "too many wrong credentials came from its address: it may try again later",
  ],
  "bad-credentials": [4, "§3.2.2.3", "the user name or the password is wrong"],
  "not-authorized": [5, "§3.2.2.3", "it is not allowed to connect"],
  "authenticate-timeout": [3, "§3.2.2.3", "its credentials were not checked in time"],
  "store-too-slow": [3, "§3.2.2.3", "its session was not recorded in time"],
  "permissions-unknown": [
    3,
    "§3.2.2.3",
    "whether it may keep its subscriptions was not answered: it may try again later",
  ],
  "cluster-silent": [
    3,
    "§3.2.2.3",
    "the other nodes were not told of it in time: it may try again later",
  ],
  "node-leaving": [3, "§3.2.2.3", "this node is about to stop: another one takes it"],
  "other-user": [5, "§3.2.2.3", "its Client Identifier belongs to another user"],
  "will-denied": [5, "§3.2.2.3", "it is not allowed to publish its Will"],
  "will-too-large": [5, "§3.2.2.3", "its Will has more payload than a message may have"],
  "will-topic-too-long": [5, "§3.2.2.3", "the topic of its Will has more bytes than one may have"],
  "wills-full": [3, "§3.2.2.3", "there is no room for its Will"],
  "memory-full": [3, "§3.2.2.3", "the server has too little memory left for another session"],
  "closed-unanswered": [undefined, "MQTT-3.2.2-6", "it was turned away without an answer"],
} as const satisfies Readonly<Record<string, Refusal>>;

type Refusal = readonly [returnCode: RefusalCode | undefined, statement: string, sentence: string];

/** Stable name of one reason to refuse a CONNECT. */
export type RefusalReason = keyof typeof REFUSALS;

/** What `authenticate` means by a return code. */
export const REFUSED_BY_POLICY = {
  1: "unwanted-level",
  2: "client-id",
  3: "cannot-tell",
  4: "bad-credentials",
  5: "not-authorized",
} as const satisfies Readonly<Record<RefusalCode, RefusalReason>>;

/** Why a SUBSCRIBE is answered with 0x80 for a Topic Filter, and a sentence for the log. §3.9.3 */
export const DENIALS = {
  "not-allowed": "the client is not allowed to subscribe to it",
  revoked: "the client is not allowed to subscribe to it any more",
  "other-inbox": "it addresses another client, and only that one receives what is sent there",
  shared: "subscriptions shared among clients are switched off here",
  "malformed-share": "it begins with $share/, and no name and Topic Filter follow",
  "filter-too-long": "it has more bytes than a topic may have",
  "session-full": "the client has as many subscriptions as it may have",
  "memory-full": "the server has too little memory left for more subscriptions",
  "session-bytes-full": "the client has as many bytes of topic filters as it may have",
  "bytes-full": "all clients together have as many bytes of topic filters as they may have",
  "session-patterns-full": "the client has as many different wildcard patterns as it may have",
  "patterns-full": "all clients together have as many different wildcard patterns as they may have",
  full: "all clients together have as many subscriptions as they may have",
} as const;

/** Stable name of one reason to deny a Subscription. */
export type DenialReason = keyof typeof DENIALS;
