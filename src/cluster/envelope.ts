import { utf8Decode } from "../codec/index.js";
import { utf8Encode } from "../codec/raw.js";

/** What Clients cannot publish to: between nodes alone. */
const PREFIX = "$beeline/";

const KINDS = [
  ...(["share", "shown", "kick", "session", "passed", "until", "moved", "done"] as const),
  "once",
] as const;
type EnvelopeKind = (typeof KINDS)[number];

/** What one node asks another for, where a Topic Name alone does not say it. */
export interface Envelope {
  /**
   * `share`: for one member of the group `about`. `shown`: the receiver is shown the topic `about`.
   * `kick`: the connection of the Client `about` is to be closed. Of Sessions that move: `session`: a part
   * of that of the Client `about`; `passed`: its sender has read so much of the log; `until`: what comes
   * behind is for whoever has read so much; `moved`: for that
   * Client alone; `done`: nothing more of that kind comes. `once`: where it comes from stands before the
   * payload, and `topicName` may be an envelope, too.
   */
  readonly kind: EnvelopeKind;
  readonly about: string;
  /** "" for `kick` and `session`; for `passed`, `until` and `done` a number of the log. */
  readonly topicName: string;
}

/** As a Topic Name: `$beeline/{kind}/{about in hexadecimal}/{topicName}`. */
export function sealed({ kind, about, topicName }: Envelope): string {
  let hex = "";
  for (const byte of utf8Encode(about)) hex += byte.toString(16).padStart(2, "0");
  return `${PREFIX}${kind}/${hex}/${topicName}`;
}

/** `undefined` for a Topic Name that is none. */
export function opened(text: string): Envelope | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const kindEnd = text.indexOf("/", PREFIX.length);
  const aboutEnd = text.indexOf("/", kindEnd + 1);
  const kind = text.substring(PREFIX.length, kindEnd);
  if (kindEnd === -1 || aboutEnd === -1) return undefined;
  if (!isKind(kind)) return undefined;
  const about = fromHex(text.substring(kindEnd + 1, aboutEnd));
  return about === undefined ? undefined : { kind, about, topicName: text.substring(aboutEnd + 1) };
}

function isKind(kind: string): kind is EnvelopeKind {
  return (KINDS as readonly string[]).includes(kind);
}

function fromHex(hex: string): string | undefined {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(hex.substring(2 * at, 2 * at + 2), 16);
  }
  try {
    return utf8Decode(bytes, 0, bytes.length);
  } catch {
    return undefined;
  }
}
