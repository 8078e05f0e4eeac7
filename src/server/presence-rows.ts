import { isSafeUrl } from "../auth/credential-options.js";
import { frozen, onOff, text, wholeNumber } from "../options/row.js";
import { isParent } from "../topic/point-to-point.js";

/** Who is told who comes and goes. */
export const PRESENCE_ROWS = frozen({
  topics: onOff({
    default: false,
    about:
      "Publish who connects and who is gone on $SYS/brokers/{node}/clients/{client id}/connected and " +
      "disconnected, in JSON. Whoever may subscribe there sees identifiers, users and addresses.",
  }),
  node: text({
    default: undefined,
    unset: "the name of the host",
    holds: "name",
    allowed: "single topic levels without + # / NUL, not empty, that do not start with $",
    isAllowed: isParent,
    about: "What this server calls itself in these topics and in webhooks.",
  }),
  webhookUrl: text({
    default: undefined,
    unset: "none",
    holds: "url",
    allowed: "URLs that begin with https://, or with http:// and name this machine",
    isAllowed: isSafeUrl,
    about: "Where events connect, disconnect and tcpclean are sent by POST, many in one request.",
  }),
  webhookSecret: text({
    default: undefined,
    unset: "nothing is signed",
    holds: "secret",
    allowed: "texts of printable ASCII characters without blanks",
    isAllowed: (value) => /^[\x21-\x7e]+$/.test(value),
    secret: true,
    about:
      "Signs each request, so that the receiver knows who sends it, as standardwebhooks.com describes. " +
      "Behind whsec_ it is Base64.",
  }),
  webhookQueueBytesMax: wholeNumber({
    unit: "bytes",
    default: 33_554_432,
    about:
      "Most memory for events that wait for the receiver, about 600 bytes each. Beyond, the oldest are dropped.",
  }),
  webhookBatchMax: wholeNumber({
    unit: "count",
    default: 500,
    most: 10_000,
    about: "Most events in one request.",
  }),
  webhookTimeoutMs: wholeNumber({
    unit: "ms",
    default: 5_000,
    most: 60_000,
    about: "Time the receiver has for its answer; then the request is sent again.",
  }),
});
