import type { ClientSession } from "./client-directory.js";
import type { Connection } from "./connection.js";
import type { Publication } from "./publication.js";
import type { ShareGroup } from "./share-group.js";

/** May this node accept a Client? `superseded`: a later CONNECT of it is preferred. */
export type ClaimAnswer = "granted" | "superseded" | "other-user";

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
  /** Whether {@link work} has anything to do. Read without asking {@link isOn}. */
  readonly hasWork: boolean;
  /** Subscriptions of other nodes in this node's trie. */
  readonly awayCount: number;
  /** Between turns: what there is to be sent to others. */
  work(nowMs: number): void;
  /** Time has passed. In a turn. */
  tick(): void;

  /** A Client wants to connect here: no two nodes serve one at a time. */
  claim(
    connection: Connection,
    clientId: string,
    username: string | undefined,
    tell: (answer: ClaimAnswer, nowMs: number) => void,
  ): void;
  /** A Session has ended. */
  ended(clientId: string): void;
  /** Closes the connection of a Client that is not here. @returns whether another node has it. */
  kick(clientId: string): boolean;

  /** A Session here subscribes, or does so no more. */
  subscribed(topicFilter: string): void;
  unsubscribed(topicFilter: string): void;

  /**
   * Passes on a message to a Client that has no Session here.
   *
   * @returns `undefined`: it has none elsewhere either.
   */
  routeAway(publication: Publication): AwayDispatch | undefined;
  /** Passes on a message that another node wants. @returns false: the Session is not of a node. */
  toPeer(session: ClientSession, publication: Publication): boolean;
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
  hasWork: false,
  awayCount: 0,
  work: nothing,
  tick: nothing,
  claim: (_connection, _clientId, _username, tell) => tell("granted", 0),
  ended: nothing,
  kick: () => false,
  subscribed: nothing,
  unsubscribed: nothing,
  routeAway: nothing as () => undefined,
  toPeer: () => false,
  toMemberAway: () => false,
  onPublish: nothing,
  closed: nothing,
};
