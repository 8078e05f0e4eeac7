import type { QoS } from "../protocol/packet.js";
import type { RefusalCode } from "../protocol/return-codes.js";
import type { RefusalReason } from "./refusals.js";
import type { Rights } from "./rights.js";

/** Who is on the other side of an accepted connection. One object a connection: compare freely. */
export interface Identity {
  readonly clientId: string;
  readonly username: string | undefined;
  /** As the Link tells it, like `127.0.0.1:50412`. */
  readonly remoteAddress: string;
  /** Whether its Session ends with its connection. [MQTT-3.1.2-6] */
  readonly cleanSession: boolean;
  /** What `authenticate` gave it along: the embedder's own, never looked at. */
  readonly data?: unknown;
  /** What it may do, as `authenticate` gave it along: for the permissions, never looked at here. */
  readonly rules?: unknown;
  /** What it may do by rules; `undefined`: there are none, and only hooks decide. */
  readonly rights?: Rights | undefined;
  /** Where it came in, like `mqtt://127.0.0.1:1883`; `undefined` when no listener brought it. */
  readonly listener?: string | undefined;
  /** Of a Client that showed a valid one: see {@link PeerDetails}. */
  readonly certificate?: ClientCertificate | undefined;
}

/** The HTTP request that became a WebSocket. */
export interface UpgradeRequest {
  readonly url: string;
  /** By their names in lower case, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * A Client's certificate, with what is mostly asked for. Node's `PeerCertificate` is one; hooks and
 * events are shown a frozen copy of these three.
 */
export interface ClientCertificate {
  readonly subject: { readonly CN?: string | readonly string[] };
  /** Like `DNS:device.example, URI:urn:device:7`. */
  readonly subjectaltname?: string | undefined;
  /** SHA-256 of the certificate, like `3A:F0:...`. */
  readonly fingerprint256: string;
}

/** What a transport knows of a peer besides its address. */
export interface PeerDetails {
  /** `undefined` for a connection that was no WebSocket. Shown to `authenticate` alone. */
  readonly request: UpgradeRequest | undefined;
  /** `undefined` where the transport asks for none, or did not find it valid. */
  readonly certificate: ClientCertificate | undefined;
}

/**
 * A CONNECT that waits for an answer. What only `authenticate` is shown is not kept afterwards: an
 * {@link Identity} has the rest.
 */
export interface ConnectAttempt extends Identity {
  /** `undefined` for a connection that was no WebSocket. */
  readonly request: UpgradeRequest | undefined;
  readonly certificate: ClientCertificate | undefined;
  /** `undefined` when the CONNECT has none. */
  readonly password: Uint8Array | undefined;
  readonly keepAliveSeconds: number;
  /** 3 for MQTT 3.1, 4 for MQTT 3.1.1. */
  readonly protocolLevel: number;
  /**
   * Whether anybody still waits for the answer: false once the connection has ended, the time was up or
   * an answer came, and when its peer has gone and left nothing behind CONNECT. May cost a system call;
   * for whoever has a line of such questions and is about to begin with one.
   */
  readonly isWanted: () => boolean;
}

/** What `authenticate` decides. */
export type Verdict =
  | {
      readonly kind: "accepted";
      /** Instead of `limits.inFlightMax` for this Client, until it connects again. [M16] 1..65535 */
      readonly inFlightMax?: number;
      /** Becomes {@link Identity.data} for every later hook and event. */
      readonly data?: unknown;
      /** Becomes {@link Identity.rules}. */
      readonly rules?: unknown;
      /**
       * Instead of the user name in the CONNECT, such as the name in a certificate: every later hook
       * is shown this one, and its Session belongs to it.
       */
      readonly username?: string;
      /**
       * When the connection ends, as the credentials do. For the engine in the clock of `nowMs`; as an
       * answer to `createBroker` in ms since 1970, as `Date.now()` tells it. In the past: CONNACK 5.
       */
      readonly expiresAtMs?: number;
    }
  | {
      readonly kind: "refused";
      readonly returnCode: RefusalCode;
      /** For counters and logs, where the return code does not say enough. */
      readonly reason?: RefusalReason;
    }
  /** No return code fits: close without CONNACK. [MQTT-3.2.2-6] */
  | { readonly kind: "closed" };

/** Tells the engine an answer; only the first call counts. `nowMs` as in every other input. */
export type Tell<T> = (answer: T, nowMs: number) => void;

/** Tells the engine a verdict. */
export type Answer = Tell<Verdict>;

/** An answer that comes later: what asked for it waits, with everything behind it, and nobody else. */
export interface Pending<T> {
  /** Called once by the engine. `tell` is called later, outside of any turn, or never. */
  whenAnswered(tell: Tell<T>): void;
  /** The time was up first: nobody looks at an answer any more. */
  tooLate?(): void;
}

/**
 * What a permission is answered with. `undefined`: the hook failed, and nobody can tell. That is a no,
 * but takes nothing away that was given before.
 */
export type Permission = boolean | undefined;

/** An application message as a hook sees it. */
export interface HookMessage {
  readonly topicName: string;
  /** For `onMessage` a view that dies with the call; for `forward` a copy of its own. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** What `onMessage` makes of a message: what is left out stays as it was. */
export type MessageChange = Partial<HookMessage>;

/** Something that the promises of a turn wait for. The first call of either counts. */
export interface Obligation {
  settle(): void;
  /** Whoever waits for it gets no acknowledgement, but a closed connection. [MQTT-4.8.0-2] */
  fail(reason: unknown): void;
}

/**
 * What an embedder decides. A missing member means yes, costs one comparison, and nothing else.
 * None may throw or call back into the engine: the library around it takes care of both.
 *
 * A permission may come later, as a {@link Pending}: the connection that asked is not read meanwhile,
 * what it sent behind waits in order, and after `limits.hookTimeoutMs` the answer is no.
 */
export interface Policy {
  /** May this Client connect? The engine waits up to `limits.authenticateTimeoutMs`. §5.4.1 */
  readonly authenticate?: (attempt: ConnectAttempt, answer: Answer) => void;
  /**
   * What a Client may do by rules: asked once, when it is accepted, and for the Will of one that was
   * connected when an earlier run ended. What its rights deny, no hook is asked about. [P18]
   */
  readonly rightsOf?: (client: Identity) => Rights | undefined;
  /** May it publish to this Topic Name? Asked for Wills too, at CONNECT and again when sent. */
  readonly mayPublish?: (
    from: Identity,
    topicName: string,
    message: { readonly qos: QoS; readonly retain: boolean },
  ) => Permission | Pending<Permission>;
  /**
   * May it subscribe to this Topic Filter? Asked again when its Session is resumed: a no ends the
   * Subscription, and when nobody can tell in time, the CONNECT is refused and the Session stays. A
   * shared Subscription is asked about as the Client wrote it, `$share/{group}/{filter}`. [F15] [M30]
   */
  readonly maySubscribe?: (
    from: Identity,
    topicFilter: string,
    requestedQos: QoS,
  ) => Permission | Pending<Permission>;
  /** May it send to this Client under this parent? Missing: as `mayPublish` says. [P18] */
  readonly maySendToClient?: (
    from: Identity,
    to: string,
    parent: string,
  ) => Permission | Pending<Permission>;
  /**
   * Sees a permitted message of a Client before anybody gets it, its Will too: `"drop"` ends it,
   * acknowledged as its QoS asks, a change is passed on instead. Its new topic is not asked about.
   * What it changes in the payload it is shown, it changes for everybody.
   */
  readonly onMessage?: (message: HookMessage, from: Identity) => MessageChange | "drop" | undefined;
  /**
   * Sees a message of a Client to a `$` topic that Clients may not publish to: true when it was meant
   * for the server, which has taken it. It is acknowledged then, and goes to nobody; a Client that
   * was closed meanwhile gets no acknowledgement. While it is there `$SYS/` is the server's own.
   */
  readonly onServerMessage?: (message: HookMessage, from: Identity) => boolean;
  /**
   * Hands a message of a Client on to the embedder, as `onMessage` has made it, before anybody else
   * gets it. Whoever calls `owe` makes the publisher's PUBACK or PUBREC wait until that obligation
   * has settled; after `limits.hookTimeoutMs` it has failed. At QoS 0, and for a Will, nobody waits.
   * A QoS 2 message that is repeated is handed on again, unless it is known to have arrived.
   */
  readonly forward?: (message: HookMessage, from: Identity, owe: Owe) => void;
}

/** Makes an acknowledgement wait. Inside the call of `forward` only. */
export type Owe = (tooLate?: () => void) => Obligation;
