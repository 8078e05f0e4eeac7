import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { ClientSession } from "./client-directory.js";
import type { Connection } from "./connection.js";
import type { Publication } from "./publication.js";
import type { ShareGroup } from "./share-group.js";

/** May this node accept a Client? `superseded`: a later CONNECT of it is preferred. */
export type ClaimAnswer = "granted" | "superseded" | "other-user";

/** Who wants to connect. */
export interface ClaimedClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly cleanSession: boolean;
}

/** What became of a message for a Client elsewhere, as far as it is known at once. */
export type AwayDispatch = "sent" | "queued" | "dropped";

/**
 * The port to the other nodes, where many are one broker. Called inside turns; it never waits, and
 * calls back in turns of its own.
 */
export interface Cluster {
  /** Whether there are others. Everything below is called only then, but for what says otherwise. */
  readonly isOn: boolean;
  /**
   * From this time on, nobody may be served here: others may have taken over what this node held.
   * Read at each input; `Infinity` where there are no others.
   */
  readonly servesUntilMs: number;
  /** It is about to go: whoever connects is sent away. Read without asking {@link isOn}. */
  readonly isLeaving: boolean;
  /** Whether {@link work} has anything to do. Read without asking {@link isOn}. */
  readonly hasWork: boolean;
  /** Subscriptions of other nodes in this node's trie. */
  readonly awayCount: number;
  /** How much of what the nodes agree on is known here. */
  readonly position: number;
  /**
   * No QoS 2 message is numbered lower from now on, and all that have been are, at whatever node: `Numbering`.
   * 0: nothing is numbered here now.
   */
  readonly numbersFrom: number;
  /** Between turns: what there is to be sent to others. */
  work(nowMs: number): void;
  /** Time has passed. In a turn. */
  tick(): void;

  /** A Client wants to connect here: no two nodes serve one at a time. */
  claim(
    connection: Connection,
    { clientId, username, cleanSession }: ClaimedClient,
    tell: (answer: ClaimAnswer, nowMs: number) => void,
  ): void;
  /** It has not been granted in time, and is not wanted any more. */
  unclaim(clientId: string): void;
  /** A Session has ended. */
  ended(clientId: string): void;
  /** Closes the connection of a Client that is not here. @returns whether another node has it. */
  kick(clientId: string): boolean;

  /** A Session here subscribes, or does so no more. */
  subscribed(topicFilter: string): void;
  unsubscribed(topicFilter: string): void;

  /**
   * What is retained of a topic has changed here, and changes everywhere; `undefined`: nothing is retained
   * any more. The publisher's acknowledgement waits until all nodes will learn of it.
   *
   * @returns false: it is too large for that, and nothing has changed elsewhere.
   */
  retained(topicName: string, message: Message | undefined, publication: Publication): boolean;
  /** Somebody subscribes: SUBACK waits until what was retained elsewhere before is known here. */
  awaitRetained(): void;

  /**
   * Passes on a message to a Client that has no Session here, or one on its way.
   *
   * @returns `undefined`: it has none elsewhere either, or is at home here.
   */
  routeAway(publication: Publication): AwayDispatch | undefined;
  /**
   * Passes on a message that another node wants, or that is for a Session on its way from one node to
   * another. @returns false: it is to be delivered as always.
   */
  divert(session: ClientSession, publication: Publication, grantedQos: QoS): boolean;
  /** Passes on a message to a member of the group at another node. @returns false: there is none. */
  toMemberAway(group: ShareGroup, publication: Publication): boolean;
  /** PUBLISH from another node, read in place. */
  onPublish(connection: Connection): void;
  /** The channel to another node is broken. */
  closed(connection: Connection): void;
}

const nothing = (): void => undefined;

/** This node is alone. */
export const NO_CLUSTER: Cluster = {
  isOn: false,
  servesUntilMs: Number.POSITIVE_INFINITY,
  isLeaving: false,
  hasWork: false,
  awayCount: 0,
  position: 0,
  numbersFrom: 0,
  work: nothing,
  tick: nothing,
  claim: (_connection, _client, tell) => tell("granted", 0),
  unclaim: nothing,
  ended: nothing,
  kick: () => false,
  subscribed: nothing,
  unsubscribed: nothing,
  retained: () => true,
  awaitRetained: nothing,
  routeAway: nothing as () => undefined,
  divert: () => false,
  toMemberAway: () => false,
  onPublish: nothing,
  closed: nothing,
};
