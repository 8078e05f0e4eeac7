/** A message as RocketMQ hands it over. */
export interface Received {
  readonly topic: string;
  readonly messageId: string;
  readonly body: Uint8Array;
  /** What its sender put there, by name. */
  readonly properties: ReadonlyMap<string, string>;
  /** When it was sent, in ms since 1970; `undefined`: nobody said. */
  readonly bornMs: number | undefined;
  /** Its body is packed in a way that is not known here. */
  readonly isUnreadable?: boolean;
  /** 1 for the first delivery; more: it comes again. */
  readonly attempt: number;
}

/** A message for RocketMQ. */
export interface Outgoing {
  readonly topic: string;
  readonly body: Uint8Array;
  readonly tag: string;
  readonly properties: ReadonlyMap<string, string>;
  /** Those with the same group keep their order; only for topics of the kind FIFO. */
  readonly group: string | undefined;
}

/** `done`: RocketMQ need not send it again. `again`: nobody could decide, it shall come once more. */
export type Handled = "done" | "again";
export type Handler = (message: Received) => Promise<Handled>;

/** What an adapter tells the bridge. */
export interface AdapterHost {
  /** Messages of this topic arrive now, or cannot arrive for this reason. */
  receiving(topic: string, failure: string | undefined): void;
  /** RocketMQ knows that a message was handled; or, for this reason, it does not, and sends it again. */
  acknowledged(failure: string | undefined): void;
}

/** Where RocketMQ is, and as whom it is spoken to. */
export interface Place {
  /** `host:port`, several with `;` in between. */
  readonly address: string;
  readonly group: string;
  /** Which tags are received: `*`, or names with `||` in between. */
  readonly tags: string;
  readonly tls: boolean;
  readonly accessKey?: string | undefined;
  readonly secret?: string | undefined;
}

/** One way to speak to RocketMQ. It connects by itself, again and again. */
export interface Adapter {
  /**
   * Sends once.
   *
   * @throws {@link UnsendableError} for what RocketMQ will never take, else why it did not go now.
   */
  send(message: Outgoing): Promise<void>;
  /** Receives messages of these topics from now on. Call it once. */
  receive(topics: readonly string[], handler: Handler): void;
  /** Receives nothing more; what is being handled is acknowledged when that takes no longer than this. */
  stopReceiving(ms: number): Promise<void>;
  /** Lets go of the connections, within a second. */
  close(): Promise<void>;
}

/** RocketMQ will never take this message. */
export class UnsendableError extends Error {
  override readonly name = "UnsendableError";
}

/** What an error says, in one line. */
export function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ""] = text.split("\n");
  return line.replace(EMPTY_END, "").slice(0, WORDS_MAX);
}

const WORDS_MAX = 300;
/** What gRPC adds when it has nothing to add. */
const EMPTY_END = /(\. Last error: null)?\. Resolution note: *$/;
