/** How many records a store has of each kind. */
export interface RecordCounts {
  sessions: number;
  subscriptions: number;
  deliveries: number;
  inbound: number;
  inboxes: number;
  retained: number;
  wills: number;
  /** Large messages that are kept once for all their receivers. */
  payloads: number;
}

/** A message that its receiver will not get: its record, or the large message it refers to, is damaged. */
export interface LostDelivery {
  readonly key: Uint8Array;
  readonly owner: number;
  readonly sequence: number;
  /** What it refers to, as far as that can be told. */
  readonly payload: number;
  readonly why: string;
}

/** A queue that has fewer or more messages than were counted into it. */
export interface QueueMismatch {
  readonly owner: number;
  readonly counted: number;
  readonly found: number;
}

/** What a look at every page and every record of a store has found. */
export interface Findings {
  /** The layout the file says to have; `undefined`: it says none. */
  readonly format: unknown;
  readonly counts: RecordCounts;
  /** Bytes of all records with their keys. */
  readonly bytes: number;
  /** What is wrong with the file itself: whole pages of records may be missing. */
  readonly structure: readonly string[];
  /** Records that a server cannot do without, a line each. */
  readonly damaged: readonly string[];
  /** Records that a server drops: one message each is lost, and it is known which. */
  readonly lost: readonly LostDelivery[];
  readonly queues: readonly QueueMismatch[];
  /** Payload -> how many deliveries refer to it, where the books say something else. */
  readonly references: ReadonlyMap<number, number>;
  /** Client Identifiers of the owners named above. */
  readonly clientIds: ReadonlyMap<number, string>;
}

/** Whether a server can work on it: what is lost is a message here and there, and known. */
export function isFit({ structure, damaged, queues }: Findings): boolean {
  return structure.length + damaged.length + queues.length === 0;
}

/** Whether it is somebody else's: it holds something, and nothing in it is as we write it. */
export function isForeign({ format, structure, counts, damaged, lost }: Findings): boolean {
  if (format !== undefined || structure.length > 0) return false;
  const records = Object.values(counts).reduce((sum: number, count: number) => sum + count, 0);
  return damaged.length > 0 && damaged.length + lost.length >= records;
}

/** Everything that is wrong, a line each. */
export function linesOf(findings: Findings): string[] {
  const { structure, damaged, lost, queues } = findings;
  return [
    ...structure.map((problem) => `the file: ${problem}`),
    ...damaged,
    ...lost.map((one) => `a message to ${nameOf(findings, one.owner)} is lost: ${one.why}`),
    ...queues.map(({ owner, counted, found }) => {
      const name = nameOf(findings, owner);
      return `the queue of ${name} has ${found} messages, ${counted} were put into it`;
    }),
  ];
}

function nameOf({ clientIds }: Findings, owner: number): string {
  const clientId = clientIds.get(owner);
  return clientId === undefined ? `owner ${owner}` : `client ${JSON.stringify(clientId)}`;
}
