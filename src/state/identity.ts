import type { EngineEvents } from "../ports/events.js";
import type { Link } from "../ports/link.js";
import type { Identity, Policy } from "../ports/policy.js";
import type { Connect } from "../protocol/packet.js";

/**
 * Who a Client is. Where a policy or an event shows it, with the peer's address as it is now; else
 * the address is found when it is first asked for: a system call and 120 bytes, which nobody needs.
 */
export function identityOf(
  policy: Policy,
  events: EngineEvents,
  link: Link,
  { clientId, username }: Pick<Connect, "clientId" | "username">,
): Identity {
  if (!isShown(policy, events)) return new LateIdentity(clientId, username, link);
  return { clientId, username, remoteAddress: link.remoteAddress, listener: link.listener };
}

function isShown(policy: Policy, events: EngineEvents): boolean {
  return (
    (policy.authenticate ??
      policy.mayPublish ??
      policy.maySubscribe ??
      policy.maySendToClient ??
      events.onConnect ??
      events.onDisconnect ??
      events.onPublish ??
      events.onSubscribe ??
      events.onUnsubscribe) !== undefined
  );
}

class LateIdentity implements Identity {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly #link: Link;

  constructor(clientId: string, username: string | undefined, link: Link) {
    this.clientId = clientId;
    this.username = username;
    this.#link = link;
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  get listener(): string | undefined {
    return this.#link.listener;
  }
}
