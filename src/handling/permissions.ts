import type { Pending } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
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
): DropReason | undefined | Pending<boolean> {
  const { route: found, from } = publication;
  if (publication.payloadBytes > core.limits.messageBytesMax) return "message-too-large";
  if (found.kind === RouteKind.DOLLAR && !core.allowsDollar(found)) return "dollar-topic";
  if (from === undefined) return undefined;
  const { mayPublish, maySendToClient } = core.policy;
  if (found.kind === RouteKind.CLIENT && maySendToClient !== undefined) {
    return denialOf(maySendToClient(from, found.receiverId, found.parent));
  }
  return mayPublish && denialOf(mayPublish(from, found.topicName, publication));
}

function denialOf(may: boolean | Pending<boolean>): "denied" | undefined | Pending<boolean> {
  if (typeof may === "object") return may;
  return may ? undefined : "denied";
}
