import type { QoS } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { type Ledger, OWNER, type Sent } from "./ledger.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { payloadOf } from "./wishes.js";

/** What the program around the engine sends: to a topic, or to one client with a receipt. [P12] */
export class Owner {
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #ledger: Ledger;
  readonly #server: SimServer;
  readonly #clientIds: readonly string[];

  constructor(
    world: {
      readonly scheduler: Scheduler;
      readonly dice: Random;
      readonly plan: Plan;
      readonly ledger: Ledger;
      readonly server: SimServer;
    },
    clientIds: readonly string[],
  ) {
    this.#scheduler = world.scheduler;
    this.#dice = world.dice;
    this.#plan = world.plan;
    this.#ledger = world.ledger;
    this.#server = world.server;
    this.#clientIds = clientIds;
  }

  act(): void {
    if (this.#dice.oneIn(2)) this.#publish();
    else this.#sendToClient();
  }

  #publish(): void {
    const retain = this.#plan.features.retained && this.#dice.oneIn(3);
    const sent = this.#newMessage(`t/${OWNER}`, retain);
    const { topicName, qos } = sent;
    const message = { topicName, payload: payloadOf(sent), qos, retain };
    const { broker, node } = this.#server;
    this.#server.turn(() =>
      broker.publish(message, this.#scheduler.nowMs, (failure) => {
        if (failure === undefined && node.isAlive) this.#isTaken(sent);
      }),
    );
  }

  #sendToClient(): void {
    const clientId = this.#dice.pick(this.#clientIds);
    const sent = this.#newMessage(`p/p2p/${clientId}`, false);
    const { qos } = sent;
    const receipt = {
      settle: (outcome: Sent["outcome"]) => {
        if (sent.outcome !== undefined) this.#ledger.problem(`[10] two receipts for m${sent.id}`);
        sent.outcome = outcome;
      },
    };
    const message = { parent: "p", payload: payloadOf(sent), qos, receipt };
    const { broker, node } = this.#server;
    this.#server.turn(() =>
      broker.sendToClient(clientId, message, this.#scheduler.nowMs, (outcome) => {
        if (node.isAlive && (outcome === "sent" || outcome === "queued")) this.#isTaken(sent);
      }),
    );
  }

  #newMessage(topicName: string, retain: boolean): Sent {
    const qos = this.#dice.below(3) as QoS; // below 3
    const sent = this.#ledger.newMessage({ from: OWNER, topicName, qos, retain });
    sent.sends = 1;
    this.#ledger.note(`owner PUBLISH ${topicName} m${sent.id} q${qos}`);
    return sent;
  }

  #isTaken(sent: Sent): void {
    sent.acknowledgedMs ??= this.#scheduler.nowMs;
    this.#ledger.note(`owner done m${sent.id}`);
  }
}
