import { goesAway } from "../sending/once.js";
import { Numbering } from "../session/numbering.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { Provenance } from "../state/provenance.js";
import type { Publication } from "../state/publication.js";

/** What a node has not read yet of the log may be one entry: numbers of a new Session begin behind it. */
const BEHIND_ENTRY = 0x1_0000;

/** A new kept Session has nothing to do with what its Client has published in another one. [M36] */
export function beginNumbering({ cluster }: Core, session: ClientSession): void {
  if (session.storeKey === 0 || cluster.numbersFrom === 0) return;
  session.inbound.numbering = new Numbering(cluster.numbersFrom + BEHIND_ENTRY);
}

/**
 * A QoS 2 PUBLISH whose identifier nobody waits for is passed on: it is numbered, so that whoever has it from
 * here or from another node before is not given it again. [M36]
 *
 * @param isDup - Its Client has sent it before: the node it was sent to may have ended before it recorded that.
 */
export function number(
  { cluster, settings }: Core,
  session: ClientSession,
  packetId: number,
  isDup: boolean,
  publication: Publication,
): void {
  // A mirror shows what has come point-to-point to the same Session once more.
  if (cluster.numbersFrom === 0 || settings.pointToPointMirror) return;
  session.inbound.numbering ??= new Numbering();
  const { inbound, clientId, storeKey } = session;
  const { numbering } = inbound;
  if (numbering === undefined) return;
  const { floor } = numbering;
  // Where it is not known what is over, or the Session is not kept, it is a new one: nothing is lost.
  const againAbove = isDup && storeKey !== 0 ? numbering.overUpTo(packetId) : 0;
  const next = numbering.next(cluster.numbersFrom);
  publication.provenance = new Provenance(clientId, packetId, next, floor, againAbove);
}

/**
 * Its identifier is recorded when others have it, and with its number: those here that have it must know.
 *
 * @returns its number; 0: it has none.
 */
export function numberForAway(
  core: Core,
  { inbound }: ClientSession,
  { provenance }: Publication,
  isOwed: boolean,
): number {
  if (provenance === undefined) return 0;
  if (isOwed) goesAway(core, provenance);
  if (!provenance.isAway) return 0;
  inbound.setNumber(provenance.packetId, provenance.number);
  return provenance.number;
}

/** The message with that number is over. */
export function numberIsOver({ store }: Core, session: ClientSession, number: number): void {
  const { numbering } = session.inbound;
  if (number === 0 || numbering === undefined) return;
  const gone = numbering.over(number);
  if (session.storeKey === 0) return;
  store.putNumberFloor(session.storeKey, numbering.floor);
  for (const packetId of gone) {
    if (!session.inbound.awaitsPubrel(packetId)) store.deleteInbound(session.storeKey, packetId);
  }
}

/** PUBREL for an identifier that is not known here: the node that knew it may have ended before it recorded it. */
export function releasedUnknown(core: Core, session: ClientSession, packetId: number): void {
  const { cluster, store } = core;
  const { storeKey, inbound } = session;
  if (storeKey === 0 || cluster.numbersFrom === 0) return;
  inbound.numbering ??= new Numbering();
  const upTo = inbound.numbering.releasedUnknown(packetId, cluster.numbersFrom);
  if (upTo === undefined) numberIsOver(core, session, inbound.numbering.last);
  else store.putReleased(storeKey, packetId, upTo);
}
