import { utf8Decode } from "../codec/index.js";
import { utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import { Message } from "../session/message.js";
import { type Author, authorOf, RetainedMessage } from "../session/retained-message.js";
import { copyOf } from "../state/copy-of.js";
import { isValidTopicName } from "../topic/topic-name.js";
import { FieldReader, FieldWriter, ForeignError, MalformedError } from "./byte-fields.js";

/** `BLR`, then a version: other versions are left alone. */
const MARK = 0x424c52;
const VERSION = 1;
/** Beside the QoS. */
const IS_REMOVAL = 0x80;
const HAS_AUTHOR = 0x40;
const QOS_MASK = 0x03;
/** Mark, flags and lengths. */
const FIXED_BYTES = 4 + 1 + 4 + 4;

/** What the log of retained messages says of one topic. */
export interface RetainedRecord {
  /** Empty: it is there for its place in the log only. */
  readonly topicName: string;
  /** `undefined`: nothing is retained any more. */
  readonly message: Message | undefined;
}

/** Mark | flags and QoS | the author as JSON, where there is one | length of the topic | topic | payload. */
export function encodeRetainedRecord({ topicName, message }: RetainedRecord): Uint8Array {
  const topic = message?.topic ?? utf8Encode(topicName);
  const payload = message?.payload;
  const author = message && authorOf(message);
  const writer = new FieldWriter(FIXED_BYTES + topic.length + (payload?.length ?? 0));
  const flags = message === undefined ? IS_REMOVAL : message.qos;
  writer.mark(MARK, VERSION).u8(author === undefined ? flags : flags | HAS_AUTHOR);
  if (author !== undefined) writer.text(JSON.stringify(author));
  writer.u32(topic.length).raw(topic);
  if (payload !== undefined) writer.raw(payload);
  return writer.bytes;
}

/** So many bytes it will be, or a few less. */
export function recordBytes(message: Message): number {
  const author = authorOf(message);
  const authorBytes = author === undefined ? 0 : 3 * JSON.stringify(author).length;
  return FIXED_BYTES + authorBytes + message.byteCount;
}

/** Reads records, with one object for all that an author has written in a row. */
export class RetainedReader {
  #authorText = "";
  #author: Author | undefined;

  /** @throws ForeignError, MalformedError: it is none of ours, or of another version. [L03] */
  read(bytes: Uint8Array): RetainedRecord {
    const reader = new FieldReader(bytes);
    reader.mark(MARK, VERSION);
    const flags = reader.u8();
    const author = (flags & HAS_AUTHOR) === 0 ? undefined : this.#authorFrom(reader.text());
    const topicLength = reader.u32();
    const rest = reader.rest();
    if (topicLength > rest.length) throw new MalformedError("it ends within its topic");
    const block = copyOf(rest); // one array for topic and payload
    const topicName = textOf(block, topicLength);
    if (topicName !== "" && !isValidTopicName(topicName)) {
      throw new MalformedError("its topic is none");
    }
    if ((flags & IS_REMOVAL) !== 0) return { topicName, message: undefined };
    const qos = flags & QOS_MASK;
    if (qos > 2) throw new MalformedError("it has QoS 3");
    const topic = block.subarray(0, topicLength);
    const fields = [topicName, topic, block, topicLength, block.length, qos as QoS] as const;
    const message =
      author === undefined ? new Message(...fields) : new RetainedMessage(author, ...fields);
    return { topicName, message };
  }

  #authorFrom(text: string): Author {
    if (this.#author === undefined || text !== this.#authorText) {
      this.#author = authorIn(text);
      this.#authorText = text;
    }
    return this.#author;
  }
}

function textOf(block: Uint8Array, length: number): string {
  try {
    return utf8Decode(block, 0, length);
  } catch {
    throw new MalformedError("its topic is not UTF-8");
  }
}

function authorIn(text: string): Author {
  let author: unknown;
  try {
    author = JSON.parse(text);
  } catch {
    throw new MalformedError("its author is not JSON");
  }
  const isAuthor = typeof author === "object" && author !== null && "clientId" in author;
  if (!isAuthor) throw new MalformedError("its author is none");
  return author as Author; // as encoded: only nodes may write here
}

/** Whether an error says that a record is none that this node can read. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof ForeignError || error instanceof MalformedError;
}
