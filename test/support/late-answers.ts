import type { Pending, Permission, Tell } from "../../src/engine.js";
import type { Harness } from "./harness.js";

/** A permission that the test answers when it likes. */
export class LateAnswer implements Pending<Permission> {
  #tell: Tell<Permission> | undefined;
  wasTooLate = false;

  whenAnswered(tell: Tell<Permission>): void {
    this.#tell = tell;
  }

  tooLate(): void {
    this.wasTooLate = true;
  }

  answer(harness: Harness, may: Permission): void {
    this.#tell?.(may, harness.nowMs);
    harness.broker.flush();
  }
}

/** Answers that nobody has given yet, in the order of the questions. */
export class LateAnswers {
  readonly open: LateAnswer[] = [];

  /** A hook that answers later, whatever it is asked. */
  readonly ask = (): LateAnswer => {
    const late = new LateAnswer();
    this.open.push(late);
    return late;
  };

  /** Answers the oldest question. */
  answer(harness: Harness, may: boolean): void {
    this.open.shift()?.answer(harness, may);
  }
}
