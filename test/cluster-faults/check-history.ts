import type { HistoryClient, Received, Sent, Span } from "./history-client.js";

/** A receiver counts as connected for a message so long before it was sent. */
const SETTLED_MS = 500;

/** What the histories of all clients say of the promises: each sentence is one that was broken. */
export function checkHistory(clients: readonly HistoryClient[]): string[] {
  const byId = new Map(clients.map((client) => [client.id, client]));
  const broken = clients.flatMap(({ wrong }) => wrong);
  for (const client of clients) {
    for (const span of client.spans) broken.push(...checkSpan(client.id, span, byId));
    for (const sent of client.sent) broken.push(...checkDelivered(client.id, sent, byId));
  }
  return broken;
}

/** One connection of a receiver: nothing that nobody sent, nothing twice at QoS 2, and in order. */
function checkSpan(id: string, span: Span, clients: ReadonlyMap<string, HistoryClient>): string[] {
  const { received, port, fromMs } = span;
  const broken: string[] = [];
  /** Order is promised of what a publisher sends over one connection at one QoS. */
  const last = new Map<Span | undefined, number[]>();
  const seen = new Set<string>();
  for (const message of received) {
    const { from, sequence, qos, dup, atMs } = message;
    const name = `message ${sequence} of ${from} to ${id}`;
    const sent = clients.get(from)?.sent[sequence - 1];
    if (sent?.to !== id) broken.push(`${name} was never sent`);
    const key = `${from} ${sequence}`;
    if (seen.has(key)) {
      if (qos === 2 || !dup)
        broken.push(`${name} came twice at QoS ${qos}, without DUP or at QoS 2`);
      continue;
    }
    seen.add(key);
    const ordered = last.get(sent?.connection) ?? [];
    const before = ordered[qos] ?? 0;
    if (sequence < before && !dup && sent !== undefined && !mayComeLate(sent, span)) {
      broken.push(
        `${name} came behind message ${before}: at QoS ${qos}, sent at ${ms(sent.sentMs)} to port ` +
          `${sent.connection.port}, received at ${ms(atMs)} from port ${port}, connected since ${ms(fromMs)}`,
      );
    }
    ordered[qos] = Math.max(before, sequence);
    last.set(sent?.connection, ordered);
  }
  return broken;
}

/**
 * What is on its way to the node that a receiver was at follows it to the node of its publisher, where later
 * messages do not wait for that: this is what docs/cluster.md says of order.
 */
function mayComeLate({ sentMs, connection }: Sent, { fromMs, port }: Span): boolean {
  return sentMs < fromMs && connection.port === port;
}

/**
 * What was acknowledged has come to a receiver that was connected all the time, to a node that it still
 * heard of afterwards.
 */
function checkDelivered(
  from: string,
  sent: Sent,
  clients: ReadonlyMap<string, HistoryClient>,
): string[] {
  const { ackedMs, sentMs, to, sequence, qos } = sent;
  if (ackedMs === undefined) return [];
  const span = clients
    .get(to)
    ?.spans.find(
      ({ fromMs, heardMs }) => fromMs < sentMs - SETTLED_MS && heardMs > ackedMs + SETTLED_MS,
    );
  if (span === undefined) return [];
  const isIt = (one: Received): boolean => one.from === from && one.sequence === sequence;
  if (span.received.some(isIt)) return [];
  return [
    `message ${sequence} of ${from} to ${to} was acknowledged at QoS ${qos}, and never came: sent at ` +
      `${ms(sentMs)} to port ${sent.connection.port}, acknowledged at ${ms(ackedMs)}, its receiver ` +
      `connected to port ${span.port} from ${ms(span.fromMs)} to ${ms(span.toMs)}, which it heard of at ` +
      `${ms(span.heardMs)}`,
  ];
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
