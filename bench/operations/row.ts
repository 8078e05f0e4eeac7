/** One thing that is measured twice: while it is watched, and left alone. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly watched: () => Promise<number>;
  readonly alone: () => Promise<number>;
  /** Once before the first round and once after the last one. */
  readonly begin?: () => Promise<void>;
  readonly end?: () => Promise<void>;
}
