import {
  type EngineOptions,
  type Packet,
  PacketType,
  type Publish,
  type QoS,
} from "../../src/engine.js";
import { answerTo, connectPacket, Harness, type Peer, publishPacket, textOf } from "./harness.js";
import { same } from "./same.js";
import type { SlowDisk } from "./slow-store.js";

const SHARE = "$share/g/t";

/** A message on its way into a member, until it has answered it. */
interface Exchange {
  readonly at: number;
  isTaken: boolean;
}

interface Answer {
  readonly packet: Packet;
  /** What it makes the member's own: by PUBACK, or by the first PUBREC. */
  readonly takes: Exchange | undefined;
}

/** A member that obeys the standard, and answers when the test lets it. */
class Worker {
  readonly clientId: string;
  peer: Peer | undefined;
  isDurable = false;
  isSubscribed = false;
  /** Payloads in order of arrival, repeats under an open identifier left out. */
  received: number[] = [];
  answers: Answer[] = [];
  /** QoS 2 identifiers between PUBLISH and PUBREL. */
  readonly open = new Map<number, Exchange>();

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  get hasSession(): boolean {
    return this.peer !== undefined || this.isDurable;
  }
}

/** What is known of one message. */
interface Sent {
  readonly qos: QoS;
  /** How often something was passed on to other members when it was published. */
  readonly movesBefore: number;
  /** Whether the group had a member then. */
  readonly isExpected: boolean;
  /** How often a Client has made it its own. */
  takenCount: number;
  /** At QoS 0: how often it has arrived. */
  arrivedCount: number;
}

/**
 * A group, its members and one publisher; beside it a model as simple as can be: every message is
 * taken by one member, or counted as dropped.
 */
export class ShareWorld {
  readonly harness: Harness;
  readonly workers: readonly Worker[];
  readonly sent: Sent[] = [];
  readonly #disk: SlowDisk | undefined;
  #publisher: Peer;
  /** How many Sessions have ended, or gone offline with QoS 0 messages perhaps. */
  #moves = 0;
  #packetId = 0;
  isStalled = false;

  constructor(count: number, options: Partial<EngineOptions> = {}, disk?: SlowDisk) {
    this.harness = new Harness(options);
    this.#disk = disk;
    this.#publisher = this.harness.connect({ clientId: "publisher" });
    this.workers = Array.from({ length: count }, (_, at) => new Worker(`c${at}`));
  }

  join(at: number, isDurable: boolean, qos: QoS): void {
    const worker = this.#worker(at);
    if (worker.peer === undefined) this.#connect(worker, isDurable);
    worker.peer?.send({
      type: PacketType.SUBSCRIBE,
      packetId: 1,
      requests: [{ topicFilter: SHARE, requestedQos: qos }],
    });
    worker.isSubscribed = true;
    this.#goOn();
  }

  /** Comes back to its Session, if it has one. */
  resume(at: number): void {
    const worker = this.#worker(at);
    if (worker.peer === undefined && worker.isDurable) this.#connect(worker, true);
  }

  unsubscribe(at: number): void {
    const worker = this.#worker(at);
    worker.peer?.send({ type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters: [SHARE] });
    if (worker.peer !== undefined) worker.isSubscribed = false;
    this.#goOn();
  }

  /** Its network is gone, or it says good-bye. */
  leave(at: number, how: "cut" | "disconnect"): void {
    const worker = this.#worker(at);
    const { peer } = worker;
    if (peer === undefined) return;
    this.#read(worker);
    worker.peer = undefined;
    worker.answers = [];
    if (!worker.isDurable) this.#end(worker);
    else if (this.sent.some(({ qos }) => qos === 0)) this.#moves += 1;
    this.#mustPassOn(worker, () => peer[how]());
    this.#goOn();
  }

  freeze(at: number): void {
    const { peer } = this.#worker(at);
    if (peer !== undefined) peer.link.frozen = true;
  }

  thaw(at: number): void {
    const { peer } = this.#worker(at);
    if (peer?.link.frozen !== true) return;
    peer.link.frozen = false;
    peer.take();
  }

  publish(qos: QoS): void {
    const isExpected = this.workers.some((worker) => worker.isSubscribed && worker.hasSession);
    const payload = `${this.sent.length}`;
    this.sent.push({
      qos,
      movesBefore: this.#moves,
      isExpected,
      takenCount: 0,
      arrivedCount: 0,
    });
    this.#packetId = (this.#packetId % 60_000) + 1;
    const isTaken = this.workers.some(({ peer, isSubscribed }) => {
      return isSubscribed && peer?.link.frozen === false && peer.link.unsentBytes === 0;
    });
    const droppedBefore = this.harness.dropCount("slow-receiver");
    this.#publisher.send(publishPacket("t", payload, { qos, packetId: this.#packetId }));
    if (qos === 2) {
      this.#publisher.send({ type: PacketType.PUBREL, packetId: this.#packetId });
    }
    const dropped = this.harness.dropCount("slow-receiver") - droppedBefore;
    if (isTaken) same("dropped on a stalled member while another one reads", dropped, 0);
    this.#goOn();
  }

  /** Reads everything and answers at most so many packets. */
  read(at: number, countMax: number): void {
    const worker = this.#worker(at);
    this.#read(worker);
    for (const { packet, takes } of worker.answers.splice(0, countMax)) {
      if (takes?.isTaken === false) {
        takes.isTaken = true;
        this.#sent(takes.at).takenCount += 1;
      }
      worker.peer?.send(packet);
    }
    this.#goOn();
  }

  /** Everybody who has a Session comes, takes everything and answers it. */
  settle(): void {
    this.isStalled = false;
    this.#goOn();
    for (let quiet = 0; quiet < 3; quiet += 1) {
      for (const at of this.workers.keys()) {
        this.thaw(at);
        this.resume(at);
        for (let left = this.#waiting(at); left > 0; left = this.#waiting(at)) {
          quiet = 0;
          this.read(at, Number.POSITIVE_INFINITY);
        }
      }
    }
  }

  /** Each message at QoS 1 and 2 was taken by one member, or dropped because nobody was left. */
  compare(): void {
    const { drops } = this.harness.broker.stats;
    same("dropped by a bound", drops["queue-full"], 0);
    const expected = this.sent.filter(({ qos, isExpected }) => qos > 0 && isExpected);
    const others = this.sent.filter(({ qos, isExpected }) => qos > 0 && !isExpected);
    same("taken by nobody's member", others.filter(({ takenCount }) => takenCount > 0).length, 0);
    same("taken twice", expected.filter(({ takenCount }) => takenCount > 1).length, 0);
    const missing = expected.filter(({ takenCount }) => takenCount === 0).length;
    // QoS 0 that waited in a queue is counted there, too.
    const lost = this.sent.filter(({ qos, arrivedCount }) => qos === 0 && arrivedCount === 0);
    const atMostOnce = drops["session-ended"] - missing;
    same("missing is dropped", atMostOnce >= 0 && atMostOnce <= lost.length, true);
  }

  /** The same for QoS 0, as long as nobody froze: what was written is read. */
  compareAtMostOnce(): void {
    const { drops } = this.harness.broker.stats;
    const expected = this.sent.filter(({ isExpected }) => isExpected);
    const missing = expected.filter(({ qos, takenCount, arrivedCount }) => {
      return (qos === 0 ? arrivedCount : takenCount) === 0;
    });
    same("missing", missing.length, drops["session-ended"] + drops["offline-qos-0"]);
  }

  #worker(at: number): Worker {
    return this.workers[at % this.workers.length] as Worker; // there is at least one
  }

  #sent(at: number): Sent {
    return this.sent[at] as Sent; // only what was sent comes back
  }

  #connect(worker: Worker, isDurable: boolean): void {
    if (worker.isDurable && !isDurable) this.#end(worker); // a clean CONNECT ends what was kept
    const peer = this.harness.open();
    const packet = connectPacket({ clientId: worker.clientId, cleanSession: !isDurable });
    this.#mustPassOn(worker, () => peer.send(packet));
    this.#catchUp();
    const { sessionPresent } = peer.first(PacketType.CONNACK);
    same("session present", sessionPresent, worker.isDurable && isDurable);
    worker.peer = peer;
    worker.isDurable = isDurable;
  }

  /** What may end a Session: while there are other members nothing of it is dropped. */
  #mustPassOn(worker: Worker, act: () => void): void {
    const others = this.workers.some((other) => {
      return other !== worker && other.isSubscribed && other.hasSession;
    });
    const before = this.harness.dropCount("session-ended");
    act();
    const dropped = this.harness.dropCount("session-ended") - before;
    if (others) same("dropped although there are other members", dropped, 0);
  }

  #end(worker: Worker): void {
    worker.isDurable = false;
    worker.isSubscribed = false;
    worker.open.clear();
    worker.received = [];
    this.#moves += 1;
  }

  #waiting(at: number): number {
    const worker = this.#worker(at);
    this.#goOn();
    this.#read(worker);
    return worker.answers.length;
  }

  #read(worker: Worker): void {
    for (const packet of worker.peer?.packets() ?? []) {
      const takes = packet.type === PacketType.PUBLISH ? this.#arrive(worker, packet) : undefined;
      if (packet.type === PacketType.PUBREL) worker.open.delete(packet.packetId);
      const answer = answerTo(packet);
      if (answer !== undefined) worker.answers.push({ packet: answer, takes });
    }
  }

  /** @returns what its answer makes the worker's own. */
  #arrive(worker: Worker, packet: Publish): Exchange | undefined {
    const { qos, dup, packetId, payload } = packet;
    const before = qos === 2 ? worker.open.get(packetId) : undefined;
    if (before !== undefined) return before; // a repeat
    const at = Number(textOf(payload));
    if (!dup) this.#checkOrder(worker, at);
    worker.received.push(at);
    if (qos === 0) {
      this.#sent(at).arrivedCount += 1;
      same("copies at QoS 0", this.#sent(at).arrivedCount, 1);
      return undefined;
    }
    const exchange = { at, isTaken: false };
    if (qos === 2) worker.open.set(packetId, exchange);
    return exchange;
  }

  /** In order of publishing, except what another member's end brings it late. */
  #checkOrder(worker: Worker, at: number): void {
    const latest = Math.max(-1, ...worker.received);
    const isLate = this.#sent(at).movesBefore < this.#moves;
    if (at < latest && !isLate) {
      throw new Error(`${worker.clientId} got ${at} behind ${latest}`);
    }
  }

  #goOn(): void {
    if (!this.isStalled) this.#catchUp();
  }

  #catchUp(): void {
    this.#disk?.finishAll();
    this.harness.broker.flush();
  }
}
