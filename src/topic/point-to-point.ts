/** What a topic says about point-to-point. [S3] [S4] [P1] [P2] */
export type Addressing =
  | { readonly kind: "ordinary" }
  /** It addresses one Client: `{parent}/p2p/{clientId}`. */
  | {
      readonly kind: "client";
      readonly parent: string;
      readonly clientId: string;
      /** Its sender asks what becomes of it; `""`: it does not. [P20] */
      readonly token: string;
    }
  /** It is point-to-point but names no Client: never passed on to anybody. */
  | { readonly kind: "malformed" };

const ORDINARY: Addressing = { kind: "ordinary" };
const MALFORMED: Addressing = { kind: "malformed" };
const INFIX = "/p2p/";
/** Where receipts come: nobody publishes there. [P20] */
const RECEIPT_INFIX = "/p2p-receipt/";
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Which topics address one Client, and whom. [P1] A plain PUBLISH of any client is enough.
 * [MQTT-7.0.0-2]
 *
 * Level 2 is exactly `p2p`, level 1 is neither empty nor starts with `$`, level 3 is the Client
 * Identifier. One empty level behind it is allowed. Anything else with `p2p` and a slash behind it
 * on level 2 is malformed. `{parent}/p2p` alone is an ordinary topic.
 *
 * With receipts level 4 may be a token, and everything below `{parent}/p2p-receipt/` is malformed: a
 * receipt that somebody else has made would be a lie. [P20]
 */
export class PointToPoint {
  readonly #enabled: boolean;
  readonly #parents: ReadonlySet<string> | undefined;
  readonly #receipts: boolean;

  /**
   * @param parents - The first levels that address Clients, see {@link isParent}; `undefined` for
   *   all of them.
   * @param receipts - Whether a sender may ask for a receipt.
   */
  constructor(enabled: boolean, parents?: readonly string[], receipts = false) {
    this.#receipts = receipts;
    this.#enabled = enabled;
    this.#parents = parents === undefined ? undefined : new Set(parents);
  }

  /** What a Topic Name, or a Topic Filter without wildcards, says. O(length). */
  addressing(topic: string): Addressing {
    const parentEnd = topic.indexOf("/");
    if (!this.#enabled || parentEnd <= 0 || topic.charCodeAt(0) === DOLLAR) return ORDINARY;
    const isAddress = topic.startsWith(INFIX, parentEnd);
    if (!isAddress && !(this.#receipts && topic.startsWith(RECEIPT_INFIX, parentEnd))) {
      return ORDINARY;
    }
    const parent = topic.slice(0, parentEnd);
    if (this.#parents?.has(parent) === false) return ORDINARY;
    return isAddress ? this.#addressed(topic, parentEnd, parent) : MALFORMED;
  }

  #addressed(topic: string, parentEnd: number, parent: string): Addressing {
    const idAt = parentEnd + INFIX.length;
    const slashAt = topic.indexOf("/", idAt);
    const idEnd = slashAt === -1 ? topic.length : slashAt;
    if (idEnd === idAt) return MALFORMED;
    const token = topic.slice(idEnd + 1);
    if (token !== "" && !(this.#receipts && TOKEN.test(token))) return MALFORMED;
    return { kind: "client", parent, clientId: topic.slice(idAt, idEnd), token };
  }
}

const DOLLAR = 0x24;

/** Whether this can be the first level of a topic that addresses a Client. [P1] [G16] */
export function isParent(level: string): boolean {
  return level !== "" && level.charCodeAt(0) !== DOLLAR && !/[/+#\0]/.test(level);
}

/** Whether point-to-point can address this Client Identifier: it has to fit into one level. [P17] */
export function isAddressable(clientId: string): boolean {
  return clientId !== "" && !/[/+#\0]/.test(clientId);
}
