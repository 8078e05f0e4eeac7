import type { ClientSession } from "../state/client-directory.js";
import { KeptMessages } from "./departure.js";

/** So long at most messages wait for what the former home of a Session still passes on. */
const KEPT_MS_MAX = 2_000;

/**
 * A Session that has come from another node and is at home here. What a node sent before it had read that,
 * the former home passes on; what it sent here meanwhile is not for this Session. And what comes behind
 * waits until the former home has passed on everything, so that each publisher's messages keep their order.
 */
export class Arrival {
  readonly session: ClientSession;
  /** The node it comes from. */
  readonly source: string;
  /** The entry of the log by which it is at home here. */
  readonly homedAt: number;
  /** Nodes that may not have read that. */
  readonly unpassed: Set<string>;
  readonly kept = new KeptMessages();
  /** The former home has passed on everything, or is gone. */
  isDone = false;
  /** Messages wait no more. */
  isOpen = false;
  readonly #untilMs: number;

  constructor(
    session: ClientSession,
    source: string,
    homedAt: number,
    unpassed: Set<string>,
    nowMs: number,
  ) {
    this.session = session;
    this.source = source;
    this.homedAt = homedAt;
    this.unpassed = unpassed;
    this.#untilMs = nowMs + KEPT_MS_MAX;
  }

  isOverdue(nowMs: number): boolean {
    return !this.isOpen && nowMs >= this.#untilMs;
  }

  /** Whether it is like any other Session by now. */
  get isOver(): boolean {
    return this.isDone && this.isOpen && this.unpassed.size === 0;
  }
}
