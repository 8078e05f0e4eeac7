/** Which messages a reader of the crash loop must have. */
const EXPECTED = {
  r0: (topicName) => topicName.startsWith("t/"),
  r1: (topicName) => topicName.startsWith("t/"),
  r2: (topicName) => topicName === "p/p2p/r2",
};
/** Subscribed at QoS 1: it may get a message twice. */
const AT_LEAST_ONCE = new Set(["r1"]);

/**
 * What went wrong, one line each: an acknowledged message that is missing, a QoS 2 message that
 * came twice, an order that was not kept, a retained message that is too old, a lost session.
 */
export function judge(readers, writers, retained) {
  return [
    ...readers.flatMap((reader) => [
      ...missing(reader, writers),
      ...doubled(reader),
      ...disordered(reader),
    ]),
    ...writers.flatMap((writer) => outdated(writer, retained)),
    ...[...readers, ...writers].flatMap(forgotten),
  ];
}

function missing(reader, writers) {
  const seen = new Set(reader.received);
  return writers
    .flatMap(({ acknowledged }) => acknowledged)
    .filter(({ topicName, payload }) => EXPECTED[reader.clientId](topicName) && !seen.has(payload))
    .map(({ payload }) => `${reader.clientId} never got ${payload}, which was acknowledged`);
}

function doubled(reader) {
  if (AT_LEAST_ONCE.has(reader.clientId)) return [];
  const exactlyOnce = reader.received.filter((payload) => payload.startsWith("2:"));
  const again = exactlyOnce.filter((payload, at) => exactlyOnce.indexOf(payload) !== at);
  return again.map((payload) => `${reader.clientId} got ${payload} once more, at QoS 2`);
}

/** First arrivals of one writer at one QoS come in the order of publishing. */
function disordered(reader) {
  const last = new Map();
  const problems = [];
  for (const payload of new Set(reader.received)) {
    const stream = payload.slice(0, payload.lastIndexOf(":"));
    const before = last.get(stream);
    if (before !== undefined && numberOf(before) > numberOf(payload)) {
      problems.push(`${reader.clientId} got ${payload} behind ${before}`);
    }
    last.set(stream, payload);
  }
  return problems;
}

function outdated(writer, retained) {
  const topicName = `ret/${writer.clientId}`;
  const last = writer.acknowledged.filter((one) => one.topicName === topicName).at(-1);
  const kept = retained.get(topicName);
  if (last === undefined) return [];
  if (kept === undefined) return [`${topicName} is not retained, ${last.payload} was acknowledged`];
  if (numberOf(kept) >= numberOf(last.payload)) return [];
  return [`${topicName} retains ${kept}, but ${last.payload} was acknowledged`];
}

function forgotten({ clientId, sessionPresent }) {
  const isForgotten = sessionPresent.slice(1).includes(false);
  return isForgotten ? [`${clientId} was told that its session is gone`] : [];
}

function numberOf(payload) {
  return Number(payload.slice(payload.lastIndexOf(":") + 1));
}
