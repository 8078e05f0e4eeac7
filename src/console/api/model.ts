/** What the console makes of what it reads, where that is not what the API answers: `admin/answers.ts`. */

import type { RetainedAnswer } from "../../admin/answers.js";

/** A message for one Client. */
export interface DirectMessage {
  readonly parent: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  /** Whether to wait for the receiver's acknowledgement. */
  readonly confirm: boolean;
  readonly timeoutMs: number;
}

export interface RetainedMessage extends RetainedAnswer {
  readonly payload: Uint8Array;
}

export interface LogLine {
  readonly atMs: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}
