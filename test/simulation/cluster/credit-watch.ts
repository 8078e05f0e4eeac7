import { CREDIT_BYTES, decodeChunk } from "../../../src/cluster/channel.js";
import { SEND_BYTES_MAX } from "../../../src/cluster/fabric.js";

/**
 * What nodes have sent each other and do not know to be done with: a slow node must not be sent more
 * than its credit, however long it stands still.
 */
export class CreditWatch {
  /** By sender and receiver: bytes by the number of their chunk. */
  readonly #open = new Map<string, Map<number, number>>();
  /** By sender and receiver: up to here the receiver has said that it is done. */
  readonly #done = new Map<string, number>();
  readonly #problem: (text: string) => void;

  constructor(problem: (text: string) => void) {
    this.#problem = problem;
  }

  sent(to: string, bytes: Uint8Array): void {
    const { from, number, done, bytes: content } = decodeChunk(bytes);
    // What comes the other way is done with, though its sender may not know yet.
    const back = `${to} ${from}`;
    this.#done.set(back, Math.max(done, this.#done.get(back) ?? 0));
    const answered = this.#open.get(back);
    for (const before of answered?.keys() ?? []) if (before <= done) answered?.delete(before);
    const name = `${from} ${to}`;
    if (number <= (this.#done.get(name) ?? 0)) return;
    const open = this.#open.get(name) ?? new Map<number, number>();
    this.#open.set(name, open);
    open.set(number, content.length);
    const sum = [...open.values()].reduce((total, length) => total + length, 0);
    if (sum > CREDIT_BYTES + SEND_BYTES_MAX) {
      this.#problem(`${from} has sent ${to} ${sum} bytes beyond what that is done with`);
    }
  }
}
