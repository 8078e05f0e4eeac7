import type { AcceptedConnect } from "../ports/events.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason, DropReason } from "../ports/reasons.js";
import type { DenialReason, RefusalReason } from "../ports/refusals.js";
import type { ProtocolError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import type { RefusalCode } from "../protocol/return-codes.js";
import type { PresenceEvent } from "./presence.js";

/** Where a peer came from; told while it is still known. */
interface From {
  /** Like `127.0.0.1:50412`; `""` where it is not known. */
  readonly remoteAddress: string;
  /** Where it came in, like `mqtt://127.0.0.1:1883`; `undefined` when no listener brought it. */
  readonly listener: string | undefined;
}

/**
 * What happens in a broker, and what its listeners are told. `message` says it in the words of the
 * log; nothing that a peer chose is in it.
 */
export interface BrokerEvents {
  /** A Client was accepted. */
  readonly connect: AcceptedConnect & {
    readonly client: Identity;
    readonly sessionPresent: boolean;
  };
  /** A CONNECT was refused; a `disconnect` follows. */
  readonly refused: From & {
    /** `undefined` when the CONNECT could not be read to its end. */
    readonly clientId: string | undefined;
    readonly username: string | undefined;
    readonly reason: RefusalReason;
    /** Of the CONNACK; `undefined`: closed without one. */
    readonly returnCode: RefusalCode | undefined;
    readonly message: string;
  };
  /** A connection ended; `client` is `undefined` when it was never accepted. */
  readonly disconnect: From & {
    readonly client: Identity | undefined;
    readonly reason: CloseReason;
    /** What the peer did wrong, when that was the reason. */
    readonly violation: ProtocolError | undefined;
    readonly message: string;
  };
  /** A Client came or went: see {@link PresenceEvent}. */
  readonly presence: PresenceEvent;
  /** A message was accepted for delivery; `from` is `undefined` for the broker's own. */
  readonly publish: {
    readonly from: Identity | undefined;
    readonly topicName: string;
    /** A view: `payload.slice()` to keep it past the call. */
    readonly payload: Uint8Array;
    readonly qos: QoS;
    readonly retain: boolean;
  };
  /** A message, or its copy for one receiver, was dropped. */
  readonly drop: {
    readonly reason: DropReason;
    readonly topicName: string;
    readonly receiverId: string | undefined;
    /** Whose it was: told for what was refused and for point-to-point, not for what waited in a queue. */
    readonly from: Identity | undefined;
    readonly message: string;
  };
  readonly subscribe: {
    readonly client: Identity;
    readonly topicFilter: string;
    readonly grantedQos: QoS;
  };
  /** A Topic Filter was answered with 0x80, or its Subscription taken back when a Session was resumed. */
  readonly denied: {
    readonly client: Identity;
    readonly topicFilter: string;
    readonly reason: DenialReason;
    readonly message: string;
  };
  readonly unsubscribe: { readonly client: Identity; readonly topicFilter: string };
  /** A commit of the Store failed and is tried again, or works again. */
  readonly store:
    | { readonly state: "failing"; readonly error: Error; readonly failures: number }
    | { readonly state: "recovered"; readonly error: undefined; readonly failures: number };
  /**
   * A hook or listener threw, a socket could not be accepted, a commit of the Store failed, or a bug
   * of ours: never something a peer did. Without a listener and without a logger it becomes a
   * warning of the process, at most one a minute.
   */
  readonly error: unknown;
}

export type Listener<E extends keyof BrokerEvents> = (event: BrokerEvents[E]) => void;
