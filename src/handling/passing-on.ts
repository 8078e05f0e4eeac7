import type { Identity, Owe } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import type { Will } from "../protocol/packet.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { applyChange, hookMessageOf } from "./changing.js";
import type { FanOut } from "./fan-out.js";
import { forward, oweNothing } from "./forwarding.js";
import { tellDiverted, tellRefusal } from "./receipts.js";
import { keepRetained } from "./retaining.js";
import { route } from "./router.js";

/** A message that comes as a whole: a Will, or from the broker's owner. */
export function wholeMessage(
  core: Core,
  from: Identity | undefined,
  senderIsDurable: boolean,
  { topicName, payload, qos, retain }: Will,
): Publication {
  const publication = new Publication(core.routes.of(topicName));
  publication.from = from;
  publication.senderIsDurable = senderIsDurable;
  publication.set(publication.route, qos, retain, payload, 0, payload.length);
  return publication;
}

/**
 * Passes a message on, or drops it for a reason.
 *
 * @param owe - What the embedder may make the publisher's acknowledgement wait for; without it
 *   nobody waits.
 * @returns what is left to do in later turns: nobody is acknowledged before.
 */
export function passOn(
  core: Core,
  publication: Publication,
  refusal: DropReason | undefined,
  owe: Owe = oweNothing,
): FanOut | undefined {
  const { policy } = core;
  // Asked for here: as calls that do nothing they took V8's room to make deliveries a part of this.
  const isAsked = refusal !== undefined || policy.onMessage !== undefined;
  if (isAsked && !isLetThrough(core, publication, refusal)) return undefined;
  if (policy.forward !== undefined) forward(core, publication, owe);
  const { from, route: found, qos, retain } = publication;
  if (core.events.onPublish !== undefined) {
    const payload = publication.block.subarray(publication.payloadAt, publication.payloadEnd);
    core.events.onPublish(from, found.topicName, payload, qos, retain);
  }
  if (retain) keepRetained(core, publication); // else what is kept stays [MQTT-3.3.1-12]
  return route(core, publication);
}

/** The repeat of a message that everybody here has: only the embedder may still want it. [M4] */
export function passOnAgain(
  core: Core,
  publication: Publication,
  refusal: DropReason | undefined,
  owe: Owe,
): void {
  if (isLetThrough(core, publication, refusal)) forward(core, publication, owe);
}

/** Whether it goes on, changed perhaps; else its drop has been counted. */
function isLetThrough(
  core: Core,
  publication: Publication,
  refusal: DropReason | undefined,
): boolean {
  if (refusal !== undefined) {
    if (refusal === "dollar-topic" && isForServer(core, publication)) return false;
    core.drop(refusal, publication.route.topicName, undefined, publication.from);
    if (publication.route.token !== "") tellRefusal(core, publication, refusal);
    return false;
  }
  const { onMessage } = core.policy;
  const { from } = publication;
  if (from === undefined || onMessage === undefined) return true;
  const change = onMessage(hookMessageOf(publication, false), from);
  if (change === "drop") {
    core.drop("dropped-by-hook", publication.route.topicName, undefined, from);
    if (publication.route.token !== "") tellRefusal(core, publication, "dropped-by-hook");
    return false;
  }
  if (change === undefined) return true;
  const { route: found } = publication;
  applyChange(core, publication, change);
  if (found.token !== "" && publication.route.token === "") tellDiverted(core, publication, found);
  return true;
}

/** Whether it was meant for the server, which has taken it. */
function isForServer({ policy }: Core, publication: Publication): boolean {
  const { from } = publication;
  if (from === undefined || policy.onServerMessage === undefined) return false;
  return policy.onServerMessage(hookMessageOf(publication, false), from);
}
