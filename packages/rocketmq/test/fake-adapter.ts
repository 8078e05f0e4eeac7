import type { Adapter, Handler, Outgoing, Received } from "../src/adapter.js";

/** A RocketMQ that does what a test says. */
export class FakeAdapter implements Adapter {
  readonly sent: Outgoing[] = [];
  /** What becomes of the next messages, in order; then all is well. */
  readonly failures: Error[] = [];
  /** While there: messages wait for it. */
  gate: Promise<void> | undefined;
  handler: Handler | undefined;
  topics: readonly string[] = [];
  readonly calls: string[] = [];

  async send(message: Outgoing): Promise<void> {
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.sent.push(message);
  }

  receive(topics: readonly string[], handler: Handler): void {
    this.topics = topics;
    this.handler = handler;
  }

  async stopReceiving(): Promise<void> {
    this.calls.push("stopReceiving");
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }
}

/** A message from RocketMQ for `handler`. */
export function received(properties: Record<string, string> = {}, rest: Partial<Received> = {}) {
  return {
    ...{ topic: "demo", messageId: "M1", body: Buffer.from("x"), bornMs: Date.now(), attempt: 1 },
    properties: new Map(Object.entries(properties)),
    ...rest,
  };
}

export function outgoing(text: string, group?: string): Outgoing {
  return { topic: "demo", body: Buffer.from(text), tag: "t", properties: new Map(), group };
}
