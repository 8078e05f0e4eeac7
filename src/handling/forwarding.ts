import type { Obligation } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { hookMessageOf } from "./changing.js";

/**
 * What the `forward` hook may call: the promises of this turn then wait for its obligation.
 *
 * At QoS 2 the identifier is noted as handed on when that has settled. Until then, and after a
 * failure or a crash, a repeat is handed on again, though nobody here gets it twice.
 */
export function oweFor(
  core: Core,
  session: ClientSession,
  packetId: number,
  qos: QoS,
): () => Obligation {
  if (qos < 2) return () => core.obligations.add();
  core.handedOn.add(session, packetId); // unless the hook owes something
  return () => {
    const obligation = core.obligations.add();
    core.handedOn.remove(session, packetId);
    return {
      settle() {
        core.handedOn.add(session, packetId);
        obligation.settle();
      },
      fail: (reason) => obligation.fail(reason),
    };
  };
}

/** A repeat of a QoS 2 message that is not known to have reached the embedder. [M4] */
export function forwardAgain(
  core: Core,
  session: ClientSession,
  packetId: number,
  publication: Publication,
): void {
  const { forward } = core.policy;
  const { from } = publication;
  if (forward === undefined || from === undefined || core.handedOn.has(session, packetId)) return;
  forward(hookMessageOf(publication, true), from, oweFor(core, session, packetId, 2));
}
