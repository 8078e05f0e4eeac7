import { utf8Encode } from "../codec/raw.js";
import type { DropReason } from "../ports/reasons.js";
import { deliver, send } from "../sending/delivery.js";
import { hold } from "../sending/durability.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import type { DueReceipt, ReceiptWord } from "../state/due-receipts.js";
import { Publication } from "../state/publication.js";
import { Route } from "../state/route-table.js";
import { countUp } from "../state/stats.js";

/** The text between the parent and the receiver in the topic of a receipt. */
const INFIX = "/p2p-receipt/";

/**
 * A message whose topic has a token is about to be dispatched: `{parent}/p2p/{clientId}/{token}`. Its
 * sender is told what becomes of it, without a Subscription, if it may know. [P20]
 *
 * @returns how many receipts there were before: see {@link tellDispatch}.
 */
export function askForReceipt(core: Core, publication: Publication): number {
  publication.view = undefined; // the receiver is shown the address, which has no token
  if (mayKnow(publication)) publication.receipt = addressOf(publication);
  return core.dueReceipts.count;
}

/** What became of it at once. What comes later is told by the delivery itself. */
export function tellDispatch(
  core: Core,
  publication: Publication,
  outcome: "sent" | "queued" | "offline" | "dropped",
  countBefore: number,
): void {
  if (publication.from === undefined) return; // the broker's owner has asked for nothing
  if (publication.receipt === undefined) {
    tell(core, publication, "accepted");
  } else if (outcome === "sent") {
    if (publication.qos === 0) tell(core, publication, "sent"); // nobody will acknowledge it
  } else if (outcome !== "dropped" || core.dueReceipts.count === countBefore) {
    tell(core, publication, outcome); // a delivery that was dropped has said so itself
  }
}

/** It goes to nobody: its sender may not send it, it is too large, or a hook has ended it. */
export function tellRefusal(core: Core, publication: Publication, reason: DropReason): void {
  if (publication.from === undefined) return;
  if (reason === "denied" && core.settings.deniedPublish === "hang-up") return; // that is the answer
  const word = reason === "denied" ? "denied" : "dropped";
  tell(core, publication, mayKnow(publication) ? word : "accepted");
}

/** A hook has sent it elsewhere: what becomes of it there is nobody's to know. */
export function tellDiverted(core: Core, publication: Publication, found: Route): void {
  const { qos } = publication;
  core.dueReceipts.add(addressOf(publication, found), qos, "accepted");
}

function tell(core: Core, publication: Publication, word: ReceiptWord): void {
  core.dueReceipts.add(addressOf(publication), publication.qos, word);
}

/** Whether the sender has the verb `receipt`; where there are no rules everybody has. */
function mayKnow({ from, route }: Publication): boolean {
  if (from === undefined) return false;
  const { receiverId, parent } = route;
  return from.rights?.mayHaveReceipt(receiverId, parent, topicOf(route)) ?? true;
}

function topicOf({ parent, receiverId, token }: Route): string {
  return `${parent}${INFIX}${receiverId}/${token}`;
}

/** To whom, as which user, on which topic. */
type Address = readonly [clientId: string, username: string | null, topicName: string];

function addressOf({ from, route: own }: Publication, route: Route = own): string {
  const { clientId = "", username = null } = from ?? {}; // nobody asks without a sender
  return JSON.stringify([clientId, username, topicOf(route)] satisfies Address);
}

/** Sends what the turn owes so far. Inside a turn, before it is sealed. */
export function sendReceipts(core: Core): void {
  for (const receipt of core.dueReceipts.take()) sendReceipt(core, receipt);
}

function sendReceipt(core: Core, { address, qos, word }: DueReceipt): void {
  const [clientId, username, topicName] = JSON.parse(address) as Address; // as made above
  core.workLeft -= 1;
  countUp(core.stats.receipts, word);
  const session = core.sessions.find(clientId);
  if (session === undefined || (session.username ?? null) !== username) {
    core.drop("offline", topicName, clientId); // it is gone, or somebody else has its identifier
    return;
  }
  const publication = new Publication(new Route(topicName, 0, 0, { kind: "ordinary" }));
  const payload = PAYLOADS[word];
  publication.set(publication.route, qos, false, payload, 0, payload.length);
  const { connection } = session;
  if (connection?.phase === Phase.ACCEPTED) publication.isAwaitedBy(connection);
  deliver(core, session, publication, 2, false, true);
  if (connection === undefined) return;
  for (const delivery of publication.ownCopies) follow(core, session, connection, delivery, word);
}

/**
 * Behind the acknowledgement of the message, if that waits: whoever has just been told PUBACK may hang
 * up, and finds the receipt when it comes again. What says that a message is kept waits for the disk.
 */
function follow(
  core: Core,
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
  word: ReceiptWord,
): void {
  const isPromise = word === "queued" || word === "accepted";
  const isHeldAnyway =
    connection.held !== undefined || (delivery.qos === 2 && session.storeKey > 0);
  if (isPromise && !isHeldAnyway && core.obligations.isOwedNow) hold(core, connection, delivery);
  else send(core, session, connection, delivery);
}

const PAYLOADS: Readonly<Record<ReceiptWord, Uint8Array>> = {
  delivered: bytesOf("delivered"),
  sent: bytesOf("sent"),
  queued: bytesOf("queued"),
  offline: bytesOf("offline"),
  denied: bytesOf("denied"),
  dropped: bytesOf("dropped"),
  accepted: bytesOf("accepted"),
};

function bytesOf(word: string): Uint8Array {
  return copyOf(utf8Encode(word));
}
