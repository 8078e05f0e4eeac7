import type { Knowledge, Lab } from "./lab.js";

/**
 * What a case proves: a normative statement (`MQTT-3.3.1-2`), binding text without a number
 * (`§3.2.2.1`), a promise of the point-to-point model (`S4`), a decision (`P3`, `M5`) or a bad
 * input of the attack list (`A09`).
 */
export type Citation = `MQTT-${string}` | `§${string}` | `${string}${number}`;

/** One behaviour of a Server, proven on the wire. */
export interface ConformanceCase {
  /** A sentence about the broker: "hangs up on …". */
  readonly title: string;
  readonly proves: readonly Citation[];
  /**
   * True where the standard leaves the choice to the Server and this is the choice of Beeline:
   * another broker that differs is no worse for it.
   */
  readonly ours?: boolean;
  /** What the run has to be told about the broker, or the case cannot tell. */
  readonly needs?: readonly (keyof Knowledge)[];
  /** Seconds of real time the case must wait; such cases run side by side after the others. */
  readonly lastsSeconds?: number;
  /**
   * True: the case subscribes to topics of the whole broker, and runs before the others so that no
   * neighbour's garbage, should the broker pass it on, is taken for its own.
   */
  readonly isWide?: boolean;
  readonly run: (lab: Lab) => Promise<void>;
}

/** The cases of one section of the standard, or of one matter of ours. */
export interface Section {
  /** File name without ending: `section-3-1-connect`. */
  readonly name: string;
  readonly title: string;
  readonly cases: readonly ConformanceCase[];
}

/** `[MQTT-3.1.0-2] [M12] hangs up on a second CONNECT`. */
export function fullTitle({ proves, title }: ConformanceCase): string {
  return `${proves.map((citation) => `[${citation}]`).join(" ")} ${title}`;
}

/** Whether a case is an attack, after which an innocent pair of Clients must still work. */
export function isAttack({ proves }: ConformanceCase): boolean {
  return proves.some((citation) => /^[A-GI]\d\d$/.test(citation));
}
