import type { PresenceEvent } from "../library/presence.js";
import { eventText } from "./journal-record.js";

/** Characters of the events of one record, about. */
const RECORD_MAX = 32 * 1024;
/** An event that is longer is told, and not written down: its identifier or user is many times what others are. */
const CONNECT_MAX = 16 * 1024;
/** The end of a connection says a little more than its beginning, and is written when that is. */
const END_MAX = CONNECT_MAX + 256;

/** An event that waits to be written into a journal. */
export interface WaitingEvent {
  readonly event: PresenceEvent;
  readonly text: string;
  isTold: boolean;
}

export function waitingEvent(event: PresenceEvent): WaitingEvent {
  return { event, text: eventText(event), isTold: false };
}

/** Whether it is too long to be written. */
export function isLong({ event: { eventType }, text }: WaitingEvent): boolean {
  return text.length > (eventType === "connect" ? CONNECT_MAX : END_MAX);
}

/** Events that wait, first in, first out. */
export class WaitingEvents {
  #items: WaitingEvent[] = [];
  #size = 0;

  get count(): number {
    return this.#items.length;
  }

  /** In characters. */
  get size(): number {
    return this.#size;
  }

  add(item: WaitingEvent): void {
    this.#items.push(item);
    this.#size += item.text.length;
  }

  /** Takes out the first ones: as many as go into a record, or one that is too long for any. */
  take(): WaitingEvent[] {
    let size = 0;
    let count = 0;
    for (const item of this.#items) {
      size += item.text.length;
      if (count > 0 && (size > RECORD_MAX || isLong(item))) break;
      count += 1;
      if (isLong(item)) break;
    }
    const taken = this.#items.splice(0, count);
    for (const { text } of taken) this.#size -= text.length;
    return taken;
  }

  /** Takes out all. */
  clear(): WaitingEvent[] {
    const items = this.#items;
    this.#items = [];
    this.#size = 0;
    return items;
  }

  [Symbol.iterator](): Iterator<WaitingEvent> {
    return this.#items[Symbol.iterator]();
  }
}
