import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { isWithinBytes } from "../topic/topic-name.js";
import { FieldReader } from "./byte-fields.js";
import { type Envelope, opened, sealed } from "./envelope.js";
import { readProvenance, writeProvenance } from "./provenance-head.js";

/** Most bytes of a Topic Name, envelope included. §1.5.3 */
const TOPIC_BYTES_MAX = 65_535;

/** The same message in an envelope. @returns `undefined`: it does not fit into one. */
export function enveloped(publication: Publication, envelope: Envelope): Publication | undefined {
  const topicName = sealed(envelope);
  if (!isWithinBytes(topicName, TOPIC_BYTES_MAX)) return undefined;
  const { route, qos, block, payloadAt, payloadEnd } = publication;
  const wrapped = new Publication(route);
  wrapped.set(route, qos, false, block, payloadAt, payloadEnd);
  wrapped.show(topicName);
  wrapped.origin = publication.origin;
  wrapped.receipt = publication.receipt;
  // Of a group each message goes to one member: another one may have had it.
  if (envelope.kind !== "share") wrapped.provenance = publication.provenance;
  return wrapped;
}

/**
 * The same message with what says where it comes from before its payload.
 *
 * @returns the same where that does not fit, or is not known.
 */
export function marked(publication: Publication): Publication {
  const { provenance, route, qos, block, payloadAt, payloadEnd, shownTopicName } = publication;
  if (provenance === undefined) return publication;
  const topicName = sealed({
    ...{ kind: "once", about: "" },
    topicName: shownTopicName ?? route.topicName,
  });
  if (!isWithinBytes(topicName, TOPIC_BYTES_MAX)) return publication;
  const head = writeProvenance(provenance);
  const bytes = new Uint8Array(head.length + payloadEnd - payloadAt);
  bytes.set(head);
  bytes.set(block.subarray(payloadAt, payloadEnd), head.length);
  const copy = new Publication(route);
  copy.set(route, qos, false, bytes, 0, bytes.length);
  copy.show(topicName);
  copy.origin = publication.origin;
  return copy;
}

/** What a {@link marked} message has in it: in place. @throws MalformedError */
export function unmark(publication: Publication): void {
  const { block, payloadAt, payloadEnd } = publication;
  const reader = new FieldReader(block.subarray(payloadAt, payloadEnd));
  publication.provenance = readProvenance(reader);
  publication.payloadAt = payloadEnd - reader.rest().length;
}

/** A message that was on its way to a node, as it was before, and what it was sealed in. */
export function unenveloped(
  { routes }: Pick<Core, "routes">,
  { topicName, block, payloadAt, payloadEnd }: Message,
  qos: QoS,
): { readonly publication: Publication; readonly envelope: Envelope | undefined } {
  const outer = opened(topicName);
  const isMarked = outer?.kind === "once";
  const envelope = isMarked ? opened(outer.topicName) : outer;
  const inner = isMarked ? outer.topicName : topicName;
  const publication = new Publication(routes.of(envelope?.topicName || inner));
  publication.set(publication.route, qos, false, block, payloadAt, payloadEnd);
  if (isMarked) unmark(publication);
  if (envelope?.kind === "shown") publication.show(envelope.about);
  return { publication, envelope };
}
