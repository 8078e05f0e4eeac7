import type { EngineEvents } from "../ports/events.js";
import type { Link } from "../ports/link.js";
import type { ClientCertificate, Identity, Policy } from "../ports/policy.js";
import type { Rights } from "../ports/rights.js";
import type { Connect } from "../protocol/packet.js";

/** What `authenticate` gives along for later hooks. */
export type Given = Pick<Identity, "data" | "rules">;
const NOTHING: Given = {};

/**
 * Who a Client is. Where a policy or an event shows it, with the peer's address as it is now; else
 * the address is found when it is first asked for: a system call and 120 bytes, which nobody needs.
 */
export function identityOf(
  policy: Policy,
  events: EngineEvents,
  link: Link,
  { clientId, username, cleanSession }: Pick<Connect, "clientId" | "username" | "cleanSession">,
  { data, rules }: Given = NOTHING,
): Identity {
  if (!isShown(policy, events)) return new LateIdentity(clientId, username, cleanSession, link);
  const identity = {
    clientId,
    username,
    remoteAddress: link.remoteAddress,
    listener: link.listener,
    cleanSession,
    data,
    rules,
    certificate: link.certificate,
    rights: undefined as Rights | undefined,
  };
  identity.rights = policy.rightsOf?.(identity);
  // Frozen: what a hook or listener does to it must not reach anybody else.
  return Object.freeze(identity);
}

function isShown(policy: Policy, events: EngineEvents): boolean {
  return (
    (policy.authenticate ??
      policy.rightsOf ??
      policy.mayPublish ??
      policy.maySubscribe ??
      policy.maySendToClient ??
      policy.onMessage ??
      policy.onServerMessage ??
      policy.forward ??
      events.onConnect ??
      events.onDisconnect ??
      events.onArrive ??
      events.onLeave ??
      events.onPublish ??
      events.onSubscribe ??
      events.onUnsubscribe) !== undefined
  );
}

class LateIdentity implements Identity {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly cleanSession: boolean;
  readonly #link: Link;

  constructor(clientId: string, username: string | undefined, cleanSession: boolean, link: Link) {
    this.clientId = clientId;
    this.username = username;
    this.cleanSession = cleanSession;
    this.#link = link;
    Object.freeze(this);
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  get listener(): string | undefined {
    return this.#link.listener;
  }

  get certificate(): ClientCertificate | undefined {
    return this.#link.certificate;
  }
}
