/** Something asked of the embedder that no connection waits for: `waiting.ts`. */
export interface Question {
  readonly deadlineMs: number;
  /** What comes when there is no answer by then. */
  readonly timeUp: () => void;
}
