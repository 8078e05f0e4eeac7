import type { HookMessage, Identity, Obligation, Policy } from "../../src/engine.js";
import { type Harness, textOf } from "./harness.js";

/** What was handed on, and what of it has no end yet. */
export class Forwards {
  readonly seen: string[] = [];
  readonly topics: string[] = [];
  readonly open: Obligation[] = [];
  tooLateCount = 0;
  readonly policy: Policy = {
    forward: (message: HookMessage, _from: Identity, owe) => {
      this.seen.push(textOf(message.payload));
      this.topics.push(message.topicName);
      const obligation = owe(() => {
        this.tooLateCount += 1;
      });
      this.open.push(obligation);
    },
  };

  settle(harness: Harness): void {
    this.open.shift()?.settle();
    work(harness);
  }

  fail(harness: Harness): void {
    this.open.shift()?.fail(new Error("not taken"));
    work(harness);
  }
}

/** What a transport does when the engine says that it has work. */
export function work(harness: Harness): void {
  if (harness.broker.needsWork) harness.broker.work(harness.nowMs);
  harness.broker.flush();
}
