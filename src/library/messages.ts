import type { Identity } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { isValidTopicName } from "../topic/topic-name.js";

/** A message from the program around the broker. */
export interface MessageToPublish {
  readonly topicName: string;
  /** A string goes as UTF-8; bytes are copied. */
  readonly payload: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
}

/** A message to one Client. */
export interface MessageToClient {
  /** First level of the address `{parent}/p2p/{clientId}`. */
  readonly parent: string;
  /** A string goes as UTF-8; bytes are copied. */
  readonly payload: string | Uint8Array;
  /** Default 1. */
  readonly qos?: QoS;
  /** Whether to wait for the receiver's acknowledgement. Default false; of no effect at QoS 0. */
  readonly confirm?: boolean;
  /** How long, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Topic Name shown to the receiver instead of the address. [P6] */
  readonly topicName?: string;
  /** On whose behalf: its permissions count then. Default: the program's own, which may do anything. */
  readonly from?: Identity;
}

const CONFIRM_TIMEOUT_MS = 10_000;
/** The longest a timer of Node's can run. */
const TIMEOUT_MAX_MS = 2_147_483_647;

const encoder = new TextEncoder();

/** {@link MessageToPublish} with every choice made. @throws UsageError */
export function completed(message: MessageToPublish): {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
} {
  const { topicName, qos = 0, retain = false } = message;
  checkTopicName("topicName", topicName);
  checkQos(qos);
  checkBoolean("retain", retain);
  return { topicName, payload: ownBytes(message.payload), qos, retain };
}

/** {@link MessageToClient} with every choice made. @throws UsageError */
export function completedDirect(message: MessageToClient): {
  readonly parent: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly confirm: boolean;
  readonly timeoutMs: number;
  readonly topicName?: string;
  readonly from?: Identity;
} {
  const { parent, qos = 1, confirm = false, timeoutMs = CONFIRM_TIMEOUT_MS } = message;
  const { topicName, from } = message;
  checkQos(qos);
  checkBoolean("confirm", confirm);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > TIMEOUT_MAX_MS) {
    throw new UsageError(
      `timeoutMs is ${String(timeoutMs)}; allowed: whole numbers from 1 to ${TIMEOUT_MAX_MS}`,
    );
  }
  return {
    parent,
    payload: ownBytes(message.payload),
    qos,
    confirm: confirm && qos > 0,
    timeoutMs,
    ...(topicName !== undefined && { topicName }),
    ...(from !== undefined && { from }),
  };
}

function checkTopicName(option: string, topicName: unknown): void {
  if (typeof topicName === "string" && isValidTopicName(topicName)) return;
  throw new UsageError(
    `${option} is ${shown(topicName)}; allowed: 1 to 65,535 bytes of UTF-8 without + # and NUL`,
  );
}

function checkQos(qos: unknown): void {
  if (qos === 0 || qos === 1 || qos === 2) return;
  throw new UsageError(`qos is ${shown(qos)}; allowed: 0, 1 or 2`);
}

function checkBoolean(option: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new UsageError(`${option} is ${shown(value)}; allowed: true or false`);
}

/** The caller may write to its own array as it likes afterwards. */
function ownBytes(payload: unknown): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload instanceof Uint8Array) return new Uint8Array(payload);
  throw new UsageError(`payload is ${shown(payload)}; allowed: a string or a Uint8Array`);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
