/** What became of one case against one broker. */
export type Outcome = "pass" | "fail" | "not observable";

/** The broker did not do what the case expects; the message says what came instead. */
export class Unmet extends Error {
  override readonly name = "Unmet";
}

/**
 * The case cannot tell: the broker may lawfully lack what it needs, or the run was not told enough
 * about it (a forbidden topic, for example).
 */
export class NotObservable extends Error {
  override readonly name = "NotObservable";
}
