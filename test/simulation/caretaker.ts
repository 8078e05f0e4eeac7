import { type QoS, UsageError } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { type Ledger, NOTICES, OWNER } from "./ledger.js";
import { MISTAKES } from "./mistakes.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { anyText } from "./texts.js";
import { useTools } from "./tools.js";
import { payloadOf } from "./wishes.js";

/**
 * Whoever runs the server, on a bad day: looks at all there is, page by page, tidies up behind clients,
 * tells them things, sends in their names, and calls what cannot be. Nothing of it may harm anybody.
 */
export class Caretaker {
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #ledger: Ledger;
  readonly #server: SimServer;
  readonly #names: readonly string[];

  constructor(
    world: {
      readonly scheduler: Scheduler;
      readonly dice: Random;
      readonly plan: Plan;
      readonly ledger: Ledger;
      readonly server: SimServer;
    },
    names: readonly string[],
  ) {
    this.#scheduler = world.scheduler;
    this.#dice = world.dice;
    this.#plan = world.plan;
    this.#ledger = world.ledger;
    this.#server = world.server;
    this.#names = names;
  }

  act(): void {
    const dice = this.#dice;
    const who = dice.oneIn(8) ? "nobody" : dice.pick(this.#names);
    const { broker } = this.#server;
    const { nowMs } = this.#scheduler;
    switch (dice.below(11)) {
      case 0:
        this.#lookAtClients();
        break;
      case 1:
        this.#lookAtSubscriptions(who);
        break;
      case 2:
        this.#lookAtRetained();
        break;
      case 3:
        this.#notify(who);
        break;
      case 4:
        this.#sendFor(who);
        break;
      case 5:
        this.#server.turn(() => broker.recheck(nowMs, dice.oneIn(2) ? who : undefined));
        break;
      case 6:
        if (dice.oneIn(4)) this.#server.turn(() => void broker.clearQueue(who, nowMs));
        else broker.view.client(who);
        break;
      case 7:
        // A Session that is gone owes nothing any more: only where that is so for all of them.
        if (this.#plan.forgets) this.#server.turn(() => void broker.endSession(who, nowMs));
        break;
      case 8:
        this.#publishTo(who);
        break;
      case 9:
        this.#tellOfItself();
        break;
      default:
        for (let left = 6; left > 0; left -= 1) this.#makeMistake();
        for (let left = 3; left > 0; left -= 1) this.#useTools();
    }
  }

  /** Rule 12: whoever is there is shown, in order, and nobody twice. */
  #lookAtClients(): void {
    const dice = this.#dice;
    const { view } = this.#server.broker;
    const connected = dice.pick([true, false, undefined]);
    const text = dice.oneIn(3) ? dice.pick(["c", "user", "1"]) : "";
    const limit = 1 + dice.below(4);
    const found: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 1_000; pages += 1) {
      const { items, next } = view.clients({ after, limit, connected, text });
      found.push(...items.map(({ clientId }) => clientId));
      after = next;
      if (next === undefined) break;
    }
    const isInOrder = found.every((clientId, at) => at === 0 || (found[at - 1] ?? "") < clientId);
    if (!isInOrder) this.#ledger.problem(`[12] clients are shown as ${found.join()}`);
    if (connected === false || text !== "") return;
    for (const clientId of this.#ledger.present) {
      if (!found.includes(clientId)) this.#ledger.problem(`[12] ${clientId} is not shown`);
    }
  }

  #lookAtSubscriptions(who: string): void {
    const dice = this.#dice;
    const { view } = this.#server.broker;
    const query = {
      clientId: dice.oneIn(3) ? who : undefined,
      topicFilter: dice.oneIn(3) ? "t/+" : undefined,
      topicName: dice.oneIn(3) ? `t/${who}` : undefined,
    };
    let after = dice.oneIn(8) ? anyText(dice) : undefined;
    for (let pages = 0; pages < 1_000; pages += 1) {
      const { next } = view.subscriptions({ ...query, after, limit: 1 + dice.below(5) });
      if (next === undefined) return;
      after = next;
    }
  }

  #lookAtRetained(): void {
    const dice = this.#dice;
    const { view } = this.#server.broker;
    const filters = ["#", "r/+", "r/#", "+/a", "r/c1", "t"];
    const topicFilter = dice.oneIn(3) ? undefined : dice.pick(filters);
    let after: string | undefined;
    for (let pages = 0; pages < 1_000; pages += 1) {
      const { items, next } = view.retained({ after, limit: 1 + dice.below(3), topicFilter });
      for (const { topicName } of items) {
        if (view.retainedMessage(topicName) === undefined) {
          this.#ledger.problem(`[5] ${topicName} is shown as retained, and is not`);
        }
      }
      if (next === undefined) break;
      after = next;
    }
    view.retainedMessage("nothing/there");
  }

  /** To one connection and nobody else. */
  #notify(who: string): void {
    const { broker } = this.#server;
    const client = broker.identityOf(who);
    if (client === undefined) return;
    const tell = (): void => {
      const sent = this.#newMessage(`${NOTICES}${who}`, 0);
      const hangUp = this.#dice.oneIn(10) ? "kicked" : undefined;
      const notice = { topicName: sent.topicName, payload: payloadOf(sent), hangUp } as const;
      this.#server.turn(
        () => void this.#server.broker.notify(client, notice, this.#scheduler.nowMs),
      );
    };
    tell();
    this.#scheduler.after(1_000, tell); // who it was is gone by then, perhaps
  }

  /** What a server says of itself is kept for whoever asks, and not on disk. */
  #tellOfItself(): void {
    const dice = this.#dice;
    const topicName = `$SYS/broker/simulated/${dice.below(3)}`;
    const payload = new Uint8Array(dice.below(2) * 20); // an empty one removes what is kept
    const message = { topicName, payload, qos: 0, retain: true } as const;
    this.#server.turn(() => this.#server.broker.publish(message, this.#scheduler.nowMs));
  }

  /** Where clients ask for receipts: the owner is told nothing. [P20] */
  #publishTo(who: string): void {
    const sent = this.#newMessage(`p/p2p/${who}`, this.#dice.below(3) as QoS); // below 3
    const message = { ...sent, topicName: `${sent.topicName}/tok`, payload: payloadOf(sent) };
    this.#server.turn(() => this.#server.broker.publish(message, this.#scheduler.nowMs));
  }

  /** In a client's name, by its rights; perhaps under another topic, or kept where others are not. */
  #sendFor(who: string): void {
    const dice = this.#dice;
    const { broker } = this.#server;
    const from = broker.identityOf(who);
    const to = dice.oneIn(6) ? "nobody" : dice.pick(this.#names);
    const isShownElsewhere = dice.oneIn(2);
    const topicName = isShownElsewhere ? `${NOTICES}${to}` : `p/p2p/${to}`;
    const sent = this.#newMessage(topicName, dice.below(3) as QoS); // below 3
    const message = {
      parent: "p",
      payload: payloadOf(sent),
      qos: sent.qos,
      ...(isShownElsewhere && { topicName }),
      ...(from !== undefined && { from }),
      ...(to !== "nobody" && dice.oneIn(2) && { keepOffline: dice.oneIn(2) }),
    };
    this.#server.turn(() => broker.sendToClient(to, message, this.#scheduler.nowMs));
  }

  /** @returns one of its own, in an order of its own: nobody is owed it. */
  #newMessage(topicName: string, qos: QoS) {
    const from = `${OWNER} ${this.#scheduler.ran}`;
    const sent = this.#ledger.newMessage({ from, topicName, qos, retain: false });
    sent.sends = 1;
    return sent;
  }

  /** Rule 13: what cannot be is refused with a word, and changes nothing. */
  #makeMistake(): void {
    const dice = this.#dice;
    const { broker } = this.#server;
    const { name, make } = dice.pick(MISTAKES);
    try {
      make(broker, this.#scheduler.nowMs, dice);
      this.#ledger.problem(`[13] ${name}: nobody complained`);
    } catch (error) {
      if (error instanceof UsageError && error.message !== "") return;
      this.#ledger.problem(`[13] ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }

  #useTools(): void {
    const problem = useTools(this.#dice);
    if (problem !== undefined) this.#ledger.problem(problem);
  }
}
