/** What a topic says about point-to-point. [S3] [S4] [P1] [P2] */
export type Addressing =
  | { readonly kind: "ordinary" }
  /** It addresses one Client: `{parent}/p2p/{clientId}`. */
  | { readonly kind: "client"; readonly parent: string; readonly clientId: string }
  /** It is point-to-point but names no Client: never passed on to anybody. */
  | { readonly kind: "malformed" };

const ORDINARY: Addressing = { kind: "ordinary" };
const MALFORMED: Addressing = { kind: "malformed" };
const INFIX = "/p2p/";

/**
 * Which topics address one Client, and whom. [P1] A plain PUBLISH of any client is enough.
 * [MQTT-7.0.0-2]
 *
 * Level 2 is exactly `p2p`, level 1 is neither empty nor starts with `$`, level 3 is the Client
 * Identifier. One empty level behind it is allowed. Anything else with `p2p` and a slash behind it
 * on level 2 is malformed. `{parent}/p2p` alone is an ordinary topic.
 */
export class PointToPoint {
  readonly #enabled: boolean;
  readonly #parents: ReadonlySet<string> | undefined;

  /**
   * @param parents - The first levels that address Clients, see {@link isParent}; `undefined` for
   *   all of them.
   */
  constructor(enabled: boolean, parents?: readonly string[]) {
    this.#enabled = enabled;
    this.#parents = parents === undefined ? undefined : new Set(parents);
  }

  /** What a Topic Name, or a Topic Filter without wildcards, says. O(length). */
  addressing(topic: string): Addressing {
    const parentEnd = topic.indexOf("/");
    if (!this.#enabled || parentEnd <= 0 || topic.charCodeAt(0) === DOLLAR) return ORDINARY;
    if (!topic.startsWith(INFIX, parentEnd)) return ORDINARY;
    const parent = topic.slice(0, parentEnd);
    if (this.#parents?.has(parent) === false) return ORDINARY;
    const idAt = parentEnd + INFIX.length;
    const slashAt = topic.indexOf("/", idAt);
    const idEnd = slashAt === -1 ? topic.length : slashAt;
    if (idEnd === idAt || idEnd < topic.length - 1) return MALFORMED;
    return { kind: "client", parent, clientId: topic.slice(idAt, idEnd) };
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
