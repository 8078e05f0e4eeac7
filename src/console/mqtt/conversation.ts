import { milliseconds } from "../format.js";
import { shownPayload } from "../payload.js";
import { receiptWords } from "../receipt.js";
import type { Happening } from "./page-client.js";

/** One line of what happened to a Client of the playground. */
export interface Entry {
  readonly number: number;
  readonly atMs: number;
  readonly tone: "good" | "warn" | "bad" | "plain";
  readonly title: string;
  readonly text: string;
}

/** Entries that are kept. */
const ENTRIES_MAX = 200;

/** The list with one happening more, newest last. */
export function withHappening(
  entries: readonly Entry[],
  happening: Happening,
  atMs: number,
): readonly Entry[] {
  const number = (entries.at(-1)?.number ?? 0) + 1;
  return [...entries, { number, atMs, ...wordsFor(happening) }].slice(-ENTRIES_MAX);
}

/** The topic that sends to one Client; with a token the server answers with a receipt. */
export function directTopic(parent: string, clientId: string, token: string | undefined): string {
  return `${parent}/p2p/${clientId}${token === undefined ? "" : `/${token}`}`;
}

function wordsFor(happening: Happening): Pick<Entry, "tone" | "title" | "text"> {
  switch (happening.kind) {
    case "connected":
      return {
        tone: "good",
        title: "connected",
        text: happening.sessionPresent ? "to the session that was kept" : "with a new session",
      };
    case "refused":
      return { tone: "bad", title: "refused", text: happening.why };
    case "closed":
      return { tone: "warn", title: "closed", text: happening.why };
    case "subscribed": {
      const { topicFilter, grantedQos } = happening;
      return grantedQos === undefined
        ? { tone: "bad", title: "refused", text: `the subscription to ${topicFilter}` }
        : { tone: "good", title: "subscribed", text: `${topicFilter} at QoS ${grantedQos}` };
    }
    case "sent": {
      const { number, topicName, payload, qos } = happening.message;
      return {
        tone: "plain",
        title: `sent #${number}`,
        text: `${topicName} at QoS ${qos}: ${payload}`,
      };
    }
    case "acknowledged": {
      const { message, afterMs } = happening;
      const packet = message.qos === 1 ? "PUBACK" : "PUBCOMP";
      const text = `by the server with ${packet}, after ${milliseconds(afterMs)}`;
      return { tone: "good", title: `acknowledged #${message.number}`, text };
    }
    case "received":
      return wordsForReceived(happening);
  }
}

function wordsForReceived({
  topicName,
  payload,
  qos,
}: Extract<Happening, { kind: "received" }>): Pick<Entry, "tone" | "title" | "text"> {
  const { text } = shownPayload(payload);
  const receipt = /^[^/]+\/p2p-receipt\/([^/]+)\/([^/]+)$/.exec(topicName);
  if (receipt === null) {
    return { tone: "plain", title: "received", text: `${topicName} at QoS ${qos}: ${text}` };
  }
  const { tone, title } = receiptWords(text);
  return { tone, title: `receipt: ${title.toLowerCase()}`, text: `${receipt[2]} to ${receipt[1]}` };
}
