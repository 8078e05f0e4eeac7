import type { PresenceEvent, PresenceType } from "../library/presence.js";

/** What the node itself writes: what has happened, and who was there before that. */
export interface OwnRecord {
  /** What the node calls itself in presence. */
  readonly name: string;
  /** Of its records, from 1 on: by it the node knows its last one again. */
  readonly number: number;
  /** Of the first of its events, from 1 on. */
  readonly first: number;
  /** Events up to this one need not be told any more. */
  readonly told: number;
  /** Clients that are connected; said again so that older records can go. */
  readonly present: readonly EventText[];
  readonly events: readonly EventText[];
}

/** What others write when the node is gone: whoever has written last tells the rest in its place. */
export interface HeirRecord {
  /** The inbox of the node that does it. */
  readonly by: string;
  /** The number of the last event that the node itself has written. */
  readonly last: number;
  readonly told: number;
  /** Connections whose end was told. */
  readonly gone: readonly string[];
}

/** JSON of what is told of an event, without what an embedder has given along. */
type EventText = string;

/** An event as it stands in a journal. */
export interface JournalEvent
  extends Pick<
    PresenceEvent,
    | "eventType"
    | "clientId"
    | "time"
    | "channelId"
    | "clientIp"
    | "connectedAtMs"
    | "keepAliveSeconds"
    | "protocolLevel"
  > {
  readonly remoteAddress: string;
  readonly cleanSession: boolean;
  readonly username?: string;
  readonly listener?: string;
  readonly reason?: PresenceEvent["reason"];
}

/** About 300 bytes. */
export function eventText(event: PresenceEvent): EventText {
  const { eventType, clientId, time, channelId, clientIp, connectedAtMs, client, reason } = event;
  const { keepAliveSeconds, protocolLevel } = event;
  const { remoteAddress, cleanSession, username, listener } = client;
  return JSON.stringify({
    ...{ eventType, clientId, time, channelId, clientIp, connectedAtMs, keepAliveSeconds },
    ...{ protocolLevel, remoteAddress, cleanSession, username, listener, reason },
  });
}

/** The same event for listeners; its end where that is what is told of it. */
export function eventOf(
  read: JournalEvent,
  end?: Pick<PresenceEvent, "eventType" | "reason" | "time">,
): PresenceEvent {
  const { remoteAddress, cleanSession, username, listener, reason, ...rest } = read;
  const { clientId } = rest;
  return {
    ...rest,
    client: { clientId, username, remoteAddress, cleanSession, listener },
    reason,
    ...end,
  };
}

/** In JSON; the events are that already. */
export function ownText({ present, events, ...rest }: OwnRecord): string {
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"present":[${present.join(",")}],"events":[${events.join(",")}]}`;
}

export function heirText(record: HeirRecord): string {
  return JSON.stringify(record);
}

/** An {@link OwnRecord} that was read. */
export interface ReadOwn extends Omit<OwnRecord, "present" | "events"> {
  readonly present: readonly JournalEvent[];
  readonly events: readonly JournalEvent[];
}

/** What a text says; `undefined`: it is none of ours. */
export function recordOf(text: string): ReadOwn | HeirRecord | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null) return undefined;
  if (isHeir(read)) return read;
  return isOwn(read) ? read : undefined;
}

export function isHeir(record: object): record is HeirRecord {
  const { by, last, told, gone } = record as Partial<HeirRecord>;
  return (
    typeof by === "string" &&
    isCount(last) &&
    isCount(told) &&
    Array.isArray(gone) &&
    gone.every(isText)
  );
}

function isOwn(record: object): record is ReadOwn {
  const { name, number, first, told, present, events } = record as Partial<ReadOwn>;
  const areCounts = isCount(number) && isCount(first) && isCount(told);
  return isText(name) && areCounts && areEvents(present) && areEvents(events);
}

function areEvents(read: unknown): boolean {
  return Array.isArray(read) && read.every(isEvent);
}

function isEvent(read: unknown): boolean {
  if (typeof read !== "object" || read === null) return false;
  const { eventType, clientId, channelId, time, clientIp, remoteAddress } = read as JournalEvent;
  return (
    TYPES.has(eventType) &&
    [clientId, channelId, clientIp, remoteAddress].every(isText) &&
    typeof time === "number"
  );
}

const TYPES: ReadonlySet<PresenceType> = new Set(["connect", "disconnect", "tcpclean"]);

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** What is left to be told of a node that is gone, as its journal says it. */
export class JournalRest {
  /** What the node called itself. */
  name = "";
  /** The number of its last event. */
  last = 0;
  told = 0;
  /** Clients that were connected, by their `channelId`. */
  readonly present = new Map<string, JournalEvent>();
  /** Events that may not have been told, with their numbers. */
  #untold: { readonly number: number; readonly event: JournalEvent }[] = [];

  /** The next record, in the order of the journal. */
  take(record: ReadOwn | HeirRecord): void {
    this.told = Math.max(this.told, record.told);
    if (isHeir(record)) {
      this.last = Math.max(this.last, record.last);
      for (const channelId of record.gone) this.present.delete(channelId);
    } else this.#takeOwn(record);
    if (this.#untold.length > 0 && (this.#untold[0]?.number ?? 0) <= this.told) {
      this.#untold = this.#untold.filter(({ number }) => number > this.told);
    }
  }

  get untold(): readonly { readonly number: number; readonly event: JournalEvent }[] {
    return this.#untold;
  }

  #takeOwn({ name, first, present, events }: ReadOwn): void {
    this.name = name;
    for (const event of present) this.present.set(event.channelId, event);
    for (const [at, event] of events.entries()) {
      const number = first + at;
      this.last = Math.max(this.last, number);
      if (number > this.told) this.#untold.push({ number, event });
      if (event.eventType === "connect") this.present.set(event.channelId, event);
      if (event.eventType === "tcpclean") this.present.delete(event.channelId);
    }
  }
}
