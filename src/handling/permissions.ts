import type { Identity, Pending, Permission } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import type { Rights } from "../ports/rights.js";
import type { QoS } from "../protocol/packet.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";

/**
 * Whether a Client may send this, before anything of it takes effect: `undefined` for yes, the
 * reason for no, or an answer that comes later. [M8] [M21] [M29] [P18]
 */
export function refusalOf(
  core: Core,
  publication: Publication,
): DropReason | undefined | Pending<Permission> {
  const { route: found, from } = publication;
  if (publication.payloadBytes > core.limits.messageBytesMax) return "message-too-large";
  if (found.kind === RouteKind.DOLLAR && !core.allowsDollar(found)) return "dollar-topic";
  if (from === undefined) return undefined;
  if (from.rights !== undefined && !isGranted(from.rights, publication)) return "denied";
  const { mayPublish, maySendToClient } = core.policy;
  if (found.kind === RouteKind.CLIENT && maySendToClient !== undefined) {
    return denialOf(maySendToClient(from, found.receiverId, found.parent));
  }
  if (mayPublish === undefined) return undefined;
  const { qos, retain } = publication;
  return denialOf(mayPublish(from, found.topicName, (retain ? RETAINED : PLAIN)[qos]));
}

/** Somebody the engine has not accepted itself, or in an earlier run, with what rules say of it. */
export function withRights(core: Core, from: Identity): Identity {
  const rights = from.rights ?? core.policy.rightsOf?.(from);
  return rights === undefined ? from : { ...from, rights };
}

/** Whether rules allow it: sending to a Client is another right than publishing. [P18] */
function isGranted(rights: Rights, { route: found, retain }: Publication): boolean {
  return found.kind === RouteKind.CLIENT
    ? rights.maySendTo(found.receiverId, found.parent, found.topicName)
    : rights.mayPublish(found.topicName, retain);
}

/** What `mayPublish` is shown of a message: not the message, which a hook could change. [L1] */
const PLAIN = [traits(0, false), traits(1, false), traits(2, false)] as const;
const RETAINED = [traits(0, true), traits(1, true), traits(2, true)] as const;

function traits(qos: QoS, retain: boolean): { readonly qos: QoS; readonly retain: boolean } {
  return Object.freeze({ qos, retain });
}

function denialOf(
  may: Permission | Pending<Permission>,
): "denied" | undefined | Pending<Permission> {
  if (typeof may === "object") return may;
  return may ? undefined : "denied";
}
