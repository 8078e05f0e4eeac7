/** One thing that is measured twice: while it is watched, and left alone. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** What the ratio of the two may be at most. */
  readonly most: number;
  readonly watched: () => Promise<number>;
  readonly alone: () => Promise<number>;
  /** Once before the first round and once after the last one. */
  readonly begin?: () => Promise<void>;
  readonly end?: () => Promise<void>;
}
