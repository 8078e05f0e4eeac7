import { nowUs, toStamp } from "./clock.js";
import { type Accounting, MessageLedger } from "./message-ledger.js";
import { readUint32, STAMP_BYTES, StampAt } from "./message-stamp.js";
import type { BenchOptions } from "./options.js";
import { PublishBlock } from "./packets.js";
import { Peer, type PeerEvents } from "./peer.js";
import { PhaseLog } from "./phase-log.js";
import type { Plan } from "./plan.js";
import { Sender } from "./sender.js";
import { TopicLottery } from "./topic-lottery.js";

interface Receiver {
  readonly peer: Peer;
  readonly firstSender: number;
  readonly senderCount: number;
  readonly firstStream: number;
  readonly measured: boolean;
}

/**
 * The clients of a plan and what passes between them: counts, checks and times every arrival, and
 * gives each publisher its turn again when its message is through.
 *
 * `message`, `acknowledged` and the end of a turn are the generator's hot path.
 */
export class Traffic implements PeerEvents {
  readonly receivers: readonly Receiver[];
  readonly senders: readonly Sender[];
  readonly phases = new PhaseLog();
  /** Of all receivers, in messages and payload bytes. */
  delivered = 0;
  deliveredBytes = 0;
  /** Why connections ended that should not have: the first few, and how many in all. */
  readonly lostReasons: string[] = [];
  lostCount = 0;
  readonly #run: number;
  readonly #persistent: boolean;
  readonly #firstSender: number;
  readonly #ledger: MessageLedger;
  readonly #fanOut: FanOutCredit | undefined;
  readonly #marked: Sender[] = [];
  readonly #answering: Peer[] = [];
  readonly #endTurn = (): void => this.#answerAndPump();
  #chunkStamp = 0;
  #misdelivered = 0;
  #foreign = 0;

  constructor(options: BenchOptions, plan: Plan) {
    this.#run = options.run;
    this.#persistent = options.persistent;
    let streams = 0;
    this.receivers = plan.receivers.map((receiver, index) => {
      const firstStream = streams;
      streams += receiver.senderCount;
      return { ...receiver, firstStream, peer: this.#peer("receiver", index, receiver.clientId) };
    });
    this.#ledger = new MessageLedger(streams);
    this.senders = plan.senders.map(({ index, clientId, topicName }, at) => {
      const shape = { ...options, topicName, sender: index, capacity: BLOCK_PACKETS_MAX };
      const capacity = Math.min(options.window, BLOCK_PACKETS_MAX);
      const block = new PublishBlock(options.ratePerSecond > 0 ? shape : { ...shape, capacity });
      const lottery =
        plan.topics &&
        new TopicLottery(
          plan.topics.layout,
          plan.topics.range,
          plan.receivers.length,
          options.seed + index,
        );
      return new Sender(this.#peer("sender", at, clientId), block, lottery, options.qos, {
        window: options.window,
        open: options.ratePerSecond > 0,
      });
    });
    this.#firstSender = plan.senders[0]?.index ?? 0;
    const measuredCount = this.receivers.filter(({ measured }) => measured).length;
    if (plan.fanOut && this.senders.length > 0) {
      this.#fanOut = new FanOutCredit(this.senders.length, measuredCount);
    }
  }

  chunkBegins(): void {
    this.#chunkStamp = toStamp(nowUs());
  }

  message(peer: Peer, bytes: Uint8Array, payloadAt: number, end: number): void {
    const receiver = peer.role === "receiver" ? this.receivers[peer.index] : undefined;
    const own = end - payloadAt >= STAMP_BYTES && readUint32(bytes, payloadAt) === this.#run;
    if (!own) {
      this.#foreign += 1;
      return;
    }
    const sender = readUint32(bytes, payloadAt + StampAt.SENDER);
    const heard = receiver === undefined ? -1 : sender - receiver.firstSender;
    if (receiver === undefined || heard < 0 || heard >= receiver.senderCount) {
      this.#misdelivered += 1;
      return;
    }
    if (!receiver.measured) return;
    this.delivered += 1;
    this.deliveredBytes += end - payloadAt;
    const counter = readUint32(bytes, payloadAt + StampAt.COUNTER);
    const advance = this.#ledger.accept(receiver.firstStream + heard, counter);
    this.phases.arrived(readUint32(bytes, payloadAt + StampAt.TIME), this.#chunkStamp);
    if (advance > 0) this.#credit(sender - this.#firstSender, counter, advance);
  }

  acknowledged(peer: Peer, packetId: number): void {
    const sender = peer.role === "sender" ? this.senders[peer.index] : undefined;
    if (sender === undefined) return;
    const sentStamp = sender.acknowledge(packetId);
    if (sentStamp >= 0) this.phases.acknowledged(sentStamp, this.#chunkStamp);
    this.#mark(sender);
  }

  repliesWait(peer: Peer): void {
    this.#endTurnLater();
    this.#answering.push(peer);
  }

  lost(peer: Peer, reason: string): void {
    this.lostCount += 1;
    if (this.lostReasons.length < LOST_REASONS_MAX) {
      this.lostReasons.push(`${peer.clientId}: ${reason}`);
    }
  }

  get sent(): number {
    return this.senders.reduce((sum, sender) => sum + sender.sent, 0);
  }

  /** Messages sent and not yet through; for a fan-out those of the receivers here. */
  get outstanding(): number {
    return this.senders.reduce((sum, sender) => sum + sender.outstanding, 0);
  }

  /**
   * The balance.
   *
   * @param fanOutSent - Messages sent by each publisher of a fan-out, wherever it lives.
   */
  accounting(fanOutSent: readonly number[]): Accounting {
    const sentOf = new Map<number, number>();
    this.receivers.forEach((receiver, index) => {
      for (let heard = 0; heard < receiver.senderCount && receiver.measured; heard += 1) {
        const sender = this.senders[receiver.firstSender + heard - this.#firstSender];
        const sent = fanOutSent[heard] ?? sender?.lottery?.sentTo(index) ?? sender?.sent ?? 0;
        sentOf.set(receiver.firstStream + heard, sent);
      }
    });
    return {
      sent: this.sent,
      unsent: this.senders.reduce((sum, { due, sent }) => sum + Math.max(0, due - sent), 0),
      delivered: this.delivered,
      lost: this.#ledger.lost((stream) => sentOf.get(stream) ?? 0),
      duplicated: this.#ledger.duplicated,
      reordered: this.#ledger.reordered,
      misdelivered: this.#misdelivered,
      foreign: this.#foreign,
      strayAcks: this.senders.reduce((sum, sender) => sum + sender.strayAcks, 0),
    };
  }

  #credit(sender: number, counter: number, advance: number): void {
    const publisher = this.senders[sender];
    if (publisher === undefined) return; // a fan-out whose publisher lives in another process
    if (this.#fanOut === undefined) publisher.delivered += advance;
    else publisher.delivered = this.#fanOut.arrived(sender, counter, advance);
    this.#mark(publisher);
  }

  #mark(sender: Sender): void {
    if (sender.marked) return;
    this.#endTurnLater();
    sender.marked = true;
    this.#marked.push(sender);
  }

  /** All sockets that are readable are read first: then each peer writes once for all of it. */
  #endTurnLater(): void {
    if (this.#marked.length + this.#answering.length === 0) setImmediate(this.#endTurn);
  }

  #answerAndPump(): void {
    const { length } = this.#answering;
    for (let at = 0; at < length; at += 1) (this.#answering[at] as Peer).flushReplies();
    this.#answering.length = 0;
    const marked = this.#marked;
    for (let at = 0; at < marked.length; at += 1) {
      const sender = marked[at] as Sender;
      sender.marked = false;
      sender.pump();
    }
    marked.length = 0;
  }

  #peer(role: "sender" | "receiver", index: number, clientId: string): Peer {
    return new Peer(role, index, clientId, this, role === "sender" || !this.#persistent);
  }
}

/** When has every receiver got a message? Counts down per message; the messages form a ring. */
class FanOutCredit {
  readonly #receiverCount: number;
  readonly #arrivals: Uint32Array[];
  readonly #through: number[];

  constructor(senderCount: number, receiverCount: number) {
    this.#receiverCount = receiverCount;
    this.#arrivals = Array.from({ length: senderCount }, () => new Uint32Array(RING));
    this.#through = Array.from({ length: senderCount }, () => 0);
  }

  /** Enters that one receiver moved on to `counter` by `advance`; returns how many are through. */
  arrived(sender: number, counter: number, advance: number): number {
    const arrivals = this.#arrivals[sender] as Uint32Array;
    for (let message = counter - advance + 1; message <= counter; message += 1) {
      const at = message & (RING - 1);
      arrivals[at] = (arrivals[at] as number) + 1;
    }
    let through = this.#through[sender] as number;
    while (arrivals[through & (RING - 1)] === this.#receiverCount) {
      arrivals[through & (RING - 1)] = 0;
      through += 1;
    }
    this.#through[sender] = through;
    return through;
  }
}

/** A power of two, and more messages of a fan-out than can be on their way at once. */
const RING = 131_072;
const BLOCK_PACKETS_MAX = 512;
const LOST_REASONS_MAX = 5;
