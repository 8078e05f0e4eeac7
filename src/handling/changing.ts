import type { HookMessage, MessageChange } from "../ports/policy.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";

/**
 * A publication as plain values.
 *
 * @param isOwned - Whether the payload is a copy of its own; else it is a view of what was received.
 */
export function hookMessageOf(publication: Publication, isOwned: boolean): HookMessage {
  const { route, block, payloadAt, payloadEnd, qos, retain } = publication;
  const payload = isOwned
    ? copyOf(block, payloadAt, payloadEnd)
    : block.subarray(payloadAt, payloadEnd);
  return Object.freeze({ topicName: route.topicName, payload, qos, retain });
}

/** What `onMessage` wants instead. The publisher's acknowledgement stays that of its own QoS. */
export function applyChange(core: Core, publication: Publication, change: MessageChange): void {
  const route =
    change.topicName === undefined ? publication.route : core.routes.of(change.topicName);
  const { block, payloadAt, payloadEnd, origin } = publication;
  const { payload } = change;
  publication.set(
    route,
    change.qos ?? publication.qos,
    change.retain ?? publication.retain,
    payload ?? block,
    payload === undefined ? payloadAt : 0,
    payload === undefined ? payloadEnd : payload.length,
  );
  publication.origin = origin; // the same publisher waits for it [M31]
}
