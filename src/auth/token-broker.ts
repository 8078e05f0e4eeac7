import type { Rule } from "../permissions/rule.js";
import type { Identity } from "../ports/policy.js";

/** What tokens need of a broker; `MqttBroker` has it. */
export interface TokenBroker {
  /** Sends to one connection, whatever it subscribes to; closes it then if asked to. */
  notify(
    client: Identity,
    message: { readonly topicName: string; readonly payload: string },
    options?: { readonly hangUp?: "credentials-expired" | undefined },
  ): unknown;
  setRules(clientId: string, rules: readonly Rule[]): boolean;
  on(event: "connect", listener: (event: { readonly client: Identity }) => void): unknown;
  on(
    event: "disconnect",
    listener: (event: { readonly client: Identity | undefined }) => void,
  ): unknown;
  on(
    event: "drop",
    listener: (event: { readonly reason: string; readonly from: Identity | undefined }) => void,
  ): unknown;
  on(
    event: "denied",
    listener: (event: { readonly reason: string; readonly client: Identity }) => void,
  ): unknown;
}
