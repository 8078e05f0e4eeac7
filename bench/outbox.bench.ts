/**
 * The queue of bytes on their way to one peer: our outbox against the same job done with `bl`, the
 * byte queue of npm, in one process, in turns. The sink takes everything at once and counts it, so
 * that only the queue is measured: what it costs to put packets in and to hand them over.
 *
 * Run it with `npm run bench -- outbox`; `--quick` takes a moment and means nothing.
 */
import { cpus } from "node:os";
import {
  BlockPool,
  encodedLength,
  encodeInto,
  Outbox,
  type Packet,
  PacketType,
} from "beeline-mqtt/engine";
import bl from "bl";

const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 3 : 15;
const PACKETS_PER_ROUND = isQuick ? 2_000 : 200_000;
const BLOCK_BYTES = 16 * 1024;

/** What is measured: packets of one size, some of them at a time between two flushes. */
interface Workload {
  readonly label: string;
  readonly payloadBytes: number;
  readonly packetsPerFlush: number;
}

const WORKLOADS: readonly Workload[] = [
  { label: "1 PUBLISH of 64 B a flush", payloadBytes: 64, packetsPerFlush: 1 },
  { label: "20 PUBLISH of 64 B a flush", payloadBytes: 64, packetsPerFlush: 20 },
  { label: "500 PUBLISH of 64 B a flush", payloadBytes: 64, packetsPerFlush: 500 },
  { label: "20 PUBLISH of 16 KiB a flush", payloadBytes: 16 * 1024, packetsPerFlush: 20 },
];

/** Both queues behind one face. */
interface Queue {
  put(header: Packet, headerBytes: number, payload: Uint8Array): void;
  flush(): void;
  sentBytes: number;
}

/** A payload from here on is appended by reference, by both. */
const REFERENCE_FROM_BYTES = 4 * 1024;

class Ours implements Queue {
  sentBytes = 0;
  readonly #outbox = new Outbox(new BlockPool(() => Buffer.allocUnsafeSlow(BLOCK_BYTES)));

  put(header: Packet, headerBytes: number, payload: Uint8Array): void {
    const outbox = this.#outbox;
    if (payload.length >= REFERENCE_FROM_BYTES) {
      const at = outbox.reserve(PacketType.PUBLISH, headerBytes); // may change the block
      encodeInto(header, outbox.block, at);
      outbox.append(payload);
      return;
    }
    const at = outbox.reserve(PacketType.PUBLISH, headerBytes + payload.length);
    encodeInto(header, outbox.block, at);
    outbox.block.set(payload, at + headerBytes);
  }

  flush(): void {
    for (const part of this.#outbox.parts()) this.sentBytes += part.length;
    this.#outbox.sent(true);
  }
}

/** `bl` as its users use it, for one write; or its buffers as they are, one part each for `writev`. */
class Theirs implements Queue {
  sentBytes = 0;
  readonly #list = new bl.BufferList();
  readonly #asOne: boolean;

  constructor(asOne: boolean) {
    this.#asOne = asOne;
  }

  put(header: Packet, headerBytes: number, payload: Uint8Array): void {
    if (payload.length >= REFERENCE_FROM_BYTES) {
      const bytes = Buffer.allocUnsafe(headerBytes);
      encodeInto(header, bytes, 0);
      this.#list.append(bytes);
      this.#list.append(payload as Buffer); // one it was made as
      return;
    }
    const bytes = Buffer.allocUnsafe(headerBytes + payload.length);
    encodeInto(header, bytes, 0);
    bytes.set(payload, headerBytes);
    this.#list.append(bytes);
  }

  flush(): void {
    const { length } = this.#list;
    if (this.#asOne) this.sentBytes += this.#list.slice(0, length).length;
    else for (const part of this.#list.getBuffers()) this.sentBytes += part.length;
    this.#list.consume(length);
  }
}

/** PUBACK stands for any small header, so that the codec costs both the same little. */
const HEADER: Packet = { type: PacketType.PUBACK, packetId: 1 };

function nsPerPacket(queue: Queue, { payloadBytes, packetsPerFlush }: Workload): number {
  const payload = Buffer.alloc(payloadBytes, "x");
  const headerBytes = encodedLength(HEADER);
  const packets = Math.ceil(PACKETS_PER_ROUND / packetsPerFlush) * packetsPerFlush;
  const sentBefore = queue.sentBytes;
  const startedMs = performance.now();
  for (let flushed = 0; flushed < packets; flushed += packetsPerFlush) {
    for (let count = 0; count < packetsPerFlush; count += 1)
      queue.put(HEADER, headerBytes, payload);
    queue.flush();
  }
  const elapsedMs = performance.now() - startedMs;
  if (queue.sentBytes - sentBefore !== packets * (headerBytes + payloadBytes)) {
    throw new Error("the queue lost bytes");
  }
  return (elapsedMs * 1e6) / packets;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number; // never empty

console.log(`${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`);
console.log(
  "ns a packet, median of rounds in turns; in brackets the median of the rounds' ratios\n",
);
console.log("workload                          outbox           bl, one write        bl, writev");
for (const workload of WORKLOADS) {
  const rounds: (readonly [number, number, number])[] = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const ns = [new Ours(), new Theirs(true), new Theirs(false)].map((queue) =>
      nsPerPacket(queue, workload),
    );
    if (round >= 0) rounds.push(ns as [number, number, number]); // the first two warm up
  }
  const figure = (at: 0 | 1 | 2): string => {
    const ns = median(rounds.map((round) => round[at])).toFixed(0);
    const ratio = median(rounds.map((round) => round[at] / round[0])).toFixed(1);
    return at === 0 ? ns : `${ns} (${ratio}x)`;
  };
  console.log(
    workload.label.padEnd(30) +
      figure(0).padStart(10) +
      figure(1).padStart(24) +
      figure(2).padStart(18),
  );
}
