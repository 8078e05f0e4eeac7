import { Seen } from "../session/seen.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Provenance } from "../state/provenance.js";

/**
 * Whether a Session is to be given a QoS 2 message: not if it has been given it before. If it is, that is
 * recorded in the same turn as the message. [M36]
 */
export function isNewFor(core: Core, session: ClientSession, provenance: Provenance): boolean {
  if (session.seen?.has(provenance) === true) {
    // Under the number by which it may come once more. Whoever is told that it is here waits for that record,
    // and so for the one of the message itself, which was made before.
    note(core, session, provenance);
    return false;
  }
  if (provenance.isAway) note(core, session, provenance);
  else provenance.here.push(session);
  return true;
}

/** Others are about to be handed the message: whoever has it here must remember that from now on. In a turn. */
export function goesAway(core: Core, provenance: Provenance | undefined): void {
  if (provenance === undefined || provenance.isAway) return;
  provenance.isAway = true;
  for (const session of provenance.here) note(core, session, provenance);
  provenance.here.length = 0;
}

function note({ store }: Core, session: ClientSession, provenance: Provenance): void {
  session.seen ??= new Seen();
  const { seen, storeKey } = session;
  const { publisherId } = provenance;
  const all = seen.note(provenance);
  if (storeKey !== 0) store.putSeen(storeKey, publisherId, all);
  const oldest = seen.forgetOldest(publisherId);
  if (oldest !== undefined && storeKey !== 0) store.putSeen(storeKey, oldest, undefined);
}
