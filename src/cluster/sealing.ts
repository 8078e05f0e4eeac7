import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { isWithinBytes } from "../topic/topic-name.js";
import { type Envelope, sealed } from "./envelope.js";

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
  return wrapped;
}

/** A message that was on its way to a node, as it was before. */
export function unenveloped(
  { routes }: Pick<Core, "routes">,
  message: Message,
  qos: QoS,
  envelope: Envelope | undefined,
): Publication {
  const { topicName, block, payloadAt, payloadEnd } = message;
  const publication = new Publication(routes.of(envelope?.topicName || topicName));
  publication.set(publication.route, qos, false, block, payloadAt, payloadEnd);
  if (envelope?.kind === "shown") publication.show(envelope.about);
  return publication;
}
