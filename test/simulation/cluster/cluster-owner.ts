import type { ClusterWorld } from "./cluster-world.js";
import { Life, type Published, type SimClientSetting } from "./sim-client.js";
import type { SimNode } from "./sim-node.js";

const CLIENTS = 6;
/** A connection sends fewer packets with an identifier. */
const IDENTIFIERS_MAX = 250;
/** What others say where nodes talk: nobody's, of a later version, and cut off. [L03] */
const FOREIGN_IN_LOG = [[], [1, 2, 3], [0x42, 0x4c, 0x43, 1, 0, 0]];
const FOREIGN_IN_INBOX = [...FOREIGN_IN_LOG, [0x42, 0x4c, 0x4f, 1], [0x42, 0x4c, 0x43, 9]];
const CUT_OFF = [0x42, 0x4c, 0x43, 1, 7, 7];

/**
 * Who runs the nodes, and whoever else is on their network: closes and writes to Clients at whichever
 * node they are, has a node tell of itself, looks at all Clients, and says what no node says.
 */
export class ClusterOwner {
  readonly #world: ClusterWorld;
  /** Who is said to have published what it has. */
  readonly #lives = new Map<SimNode, Life>();
  #serial = 0;
  #packetId = 0;

  constructor(world: ClusterWorld) {
    this.#world = world;
  }

  /** As whom a Client comes, and whether its Session is kept. */
  guise(clientId: string): SimClientSetting {
    const { dice } = this.#world;
    const username = dice.oneIn(10) ? "somebody else" : `user of ${clientId}`;
    this.#packetId += IDENTIFIERS_MAX;
    return { username, cleanSession: !dice.oneIn(3), afterPacketId: this.#packetId };
  }

  act(): void {
    const { dice, nodes, log, nowMs } = this.#world;
    const node = dice.pick(nodes);
    if (!node.process.isAlive || node.isStopping) return;
    const clientId = `c${dice.below(CLIENTS)}`;
    switch (dice.below(6)) {
      case 0:
        if (dice.oneIn(3)) node.turn(() => node.broker.disconnect(clientId, nowMs));
        break;
      case 1:
        this.#sendTo(clientId, node);
        break;
      case 2:
        this.#look(node);
        break;
      case 3:
        log.add(Uint8Array.from(dice.pick(FOREIGN_IN_LOG)), nowMs);
        break;
      case 4:
        node.fabric.intrude(Uint8Array.from(dice.pick([...FOREIGN_IN_INBOX, CUT_OFF])));
        break;
      default:
        this.#tellOfItself(node);
    }
  }

  /** To one Client, wherever it is, shown under another topic; whether it has gone is told once at most. [P12] */
  #sendTo(clientId: string, node: SimNode): void {
    const { dice } = this.#world;
    const isShown = dice.oneIn(2);
    const published = this.#publish(node, isShown ? `n/${clientId}` : `d/p2p/${clientId}`);
    let settled = 0;
    const receipt = {
      settle: () => {
        settled += 1;
        if (settled > 1) this.#world.problem(`two receipts for ${published.text}`);
      },
    };
    const message = {
      parent: "d",
      payload: new TextEncoder().encode(published.text),
      qos: published.qos,
      ...(isShown && { topicName: published.topicName }),
      receipt,
    };
    node.turn((nowMs) => node.broker.sendToClient(clientId, message, nowMs));
  }

  /** What a node says of itself stays there: others say the same of themselves. */
  #tellOfItself(node: SimNode): void {
    const { topicName, text } = this.#publish(node, `$SYS/broker/${node.name}`);
    const message = { topicName, payload: new TextEncoder().encode(text), qos: 0, retain: false };
    node.turn((nowMs) => node.broker.publish({ ...message, qos: 0 }, nowMs));
  }

  #publish(node: SimNode, topicName: string): Published {
    const { dice, published, nowMs } = this.#world;
    const life = this.#lives.get(node) ?? new Life("owner", node);
    this.#lives.set(node, life);
    this.#serial += 1;
    const qos = dice.oneIn(2) ? 1 : 0;
    const one = {
      text: `o${this.#serial}`,
      topicName,
      qos,
      sentMs: nowMs,
      life,
      ackedMs: 0,
    } as const;
    published.push({ ...one });
    return one;
  }

  /** All Clients there are, page by page: each once, and in order. */
  #look({ cluster, name }: SimNode): void {
    const { dice } = this.#world;
    let before = "";
    let after: string | undefined;
    do {
      const { items, next } = cluster.clients({ after, limit: 1 + dice.below(4) });
      for (const { clientId } of items) {
        if (clientId <= before) this.#world.problem(`${name} shows ${clientId} behind ${before}`);
        before = clientId;
      }
      after = next;
    } while (after !== undefined);
  }
}
