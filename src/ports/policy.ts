import type { QoS } from "../protocol/packet.js";
import type { RefusalCode } from "../protocol/return-codes.js";

/** Who is on the other side of an accepted connection. One object a connection: compare freely. */
export interface Identity {
  readonly clientId: string;
  readonly username: string | undefined;
  /** As the Link tells it, like `127.0.0.1:50412`. */
  readonly remoteAddress: string;
  /** Where it came in, like `mqtt://127.0.0.1:1883`; `undefined` when no listener brought it. */
  readonly listener?: string | undefined;
}

/** A CONNECT that waits for an answer. */
export interface ConnectAttempt extends Identity {
  /** `undefined` when the CONNECT has none. */
  readonly password: Uint8Array | undefined;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
  /** 3 for MQTT 3.1, 4 for MQTT 3.1.1. */
  readonly protocolLevel: number;
}

/** What `authenticate` decides. */
export type Verdict =
  | {
      readonly kind: "accepted";
      /** Instead of `limits.inFlightMax` for this Client, until it connects again. [M16] 1..65535 */
      readonly inFlightMax?: number;
    }
  | { readonly kind: "refused"; readonly returnCode: RefusalCode }
  /** No return code fits: close without CONNACK. [MQTT-3.2.2-6] */
  | { readonly kind: "closed" };

/** Tells the engine a verdict; only the first call counts. `nowMs` as in every other input. */
export type Answer = (verdict: Verdict, nowMs: number) => void;

/**
 * What an embedder decides. A missing member means yes. Only `authenticate` may answer later; the
 * others answer at once, and none may throw or call back into the engine.
 */
export interface Policy {
  /** May this Client connect? The engine waits up to `limits.authenticateTimeoutMs`. §5.4.1 */
  readonly authenticate?: (attempt: ConnectAttempt, answer: Answer) => void;
  /** May it publish to this Topic Name? Asked for Wills too, at CONNECT and again when sent. */
  readonly mayPublish?: (
    from: Identity,
    topicName: string,
    message: { readonly qos: QoS; readonly retain: boolean },
  ) => boolean;
  /** May it subscribe to this Topic Filter? Asked again when its Session is resumed. */
  readonly maySubscribe?: (from: Identity, topicFilter: string, requestedQos: QoS) => boolean;
  /** May it send to this Client under this parent? Missing: as `mayPublish` says. [P18] */
  readonly maySendToClient?: (from: Identity, to: string, parent: string) => boolean;
}
