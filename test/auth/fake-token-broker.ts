import type { TokenBroker } from "../../src/auth/token-broker.js";
import type { Identity, Verdict } from "../../src/engine.js";

/** A broker that notes what tokens ask of it, and tells what a test says. */
export class FakeTokenBroker implements TokenBroker {
  /** Notices, closes and new rules in order. */
  readonly done: string[] = [];
  rules: readonly unknown[] = [];
  readonly #listeners = new Map<string, ((event: never) => void)[]>();

  notify(
    client: Identity,
    { topicName, payload }: { topicName: string; payload: string },
    { hangUp = undefined }: { hangUp?: string | undefined } = {},
  ): boolean {
    this.done.push(
      `${client.clientId} ${topicName} ${payload}${hangUp === undefined ? "" : " closed"}`,
    );
    if (hangUp !== undefined) this.tell("disconnect", { client });
    return true;
  }

  setRules(_: string, rules: readonly unknown[]): boolean {
    this.rules = rules;
    return true;
  }

  on(event: string, listener: (event: never) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  tell(event: string, what: object): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(what as never);
  }

  /** Accepts a Client with what credentials have answered. */
  accept(clientId: string, verdict: Verdict | undefined): Identity {
    if (verdict?.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(verdict)}`);
    const { data } = verdict;
    const client: Identity = {
      clientId,
      username: "",
      remoteAddress: "",
      cleanSession: true,
      data,
    };
    this.tell("connect", { client });
    return client;
  }
}
