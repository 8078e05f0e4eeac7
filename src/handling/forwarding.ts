import type { Obligation, Owe } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import { hookMessageOf } from "./changing.js";

/** Hands a Client's message on to the embedder, where it wants that. */
export function forward({ policy }: Core, publication: Publication, owe: Owe): void {
  const { from } = publication;
  if (policy.forward === undefined || from === undefined) return;
  if (publication.route.kind === RouteKind.MALFORMED) return; // it goes to nobody [P2]
  policy.forward(hookMessageOf(publication, true), from, owe);
}

/**
 * What the `forward` hook may call: the promises of this turn then wait for its obligation.
 *
 * At QoS 2 the message is known to be handed on when that has settled. Until then, and after a
 * failure or a crash, a repeat is handed on again, though nobody here gets it twice. [M4]
 */
export function oweFor(core: Core, connection: Connection, packetId: number, qos: QoS): Owe {
  const { session } = connection;
  if (qos === 0 || session === undefined) return oweNothing;
  const handOver = qos === 2 ? core.handedOn.of(session, packetId) : undefined;
  if (handOver !== undefined) handOver.isDone = true; // unless the hook owes something
  return (tooLate) => {
    if (handOver !== undefined) handOver.isDone = false;
    const untilMs = core.nowMs + core.limits.hookTimeoutMs;
    const obligation = core.obligations.add(connection, { untilMs, tooLate });
    if (handOver === undefined) return obligation;
    return {
      settle() {
        handOver.isDone = true;
        obligation.settle();
      },
      fail: (reason) => obligation.fail(reason),
    };
  };
}

const DONE: Obligation = { settle: () => undefined, fail: () => undefined };

/** Nobody waits for an acknowledgement. */
export function oweNothing(): Obligation {
  return DONE;
}
