import { errors } from "@nats-io/transport-node";

/**
 * NATS cannot be used as it is: the message says what is wrong, where, and what to do. Nothing that
 * waiting would mend.
 */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
}

/** Errors that waiting may mend, by what they are called or say. */
const PASSING =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|EPIPE|connection refused|timeout|undefined error|socket disconnected|closed/i;

/** Whether trying again is worth it: nobody answers, or not in time. */
export function isPassing(error: unknown): boolean {
  if (error instanceof errors.TimeoutError) return true;
  return PASSING.test(wholeText(error));
}

/** What is wrong with a connection to NATS and what to do, in one sentence without a full stop. */
export function connectionText(error: unknown, servers: readonly string[]): string {
  const at = servers.join(", ");
  const text = wholeText(error);
  if (error instanceof errors.AuthorizationError) {
    return (
      `NATS at ${at} refuses to let this node in (${messageOf(error)}): give the file with its user ` +
      "or key as cluster.credentials, or correct what is in it"
    );
  }
  if (error instanceof errors.UserAuthenticationExpiredError) {
    return `the credentials of this node for NATS at ${at} have expired: put new ones into the file of cluster.credentials`;
  }
  return tlsText(text, at) ?? reachText(error, text, at);
}

function tlsText(text: string, at: string): string | undefined {
  if (
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self.signed|unable to verify/i.test(text)
  ) {
    return `the certificate of NATS at ${at} is of an authority that this node does not know: name its file as cluster.tlsCa (${firstLine(text)})`;
  }
  if (/ALTNAME|does not match certificate/i.test(text)) {
    return `the certificate of NATS at ${at} is for another host name: name the servers as the certificate does (${firstLine(text)})`;
  }
  if (/CERT_HAS_EXPIRED|certificate has expired/i.test(text)) {
    return `the certificate of NATS at ${at} has expired: renew it`;
  }
  if (/is not available on this server|does not support 'tls'/.test(text)) {
    return `NATS at ${at} does not speak TLS: take away tls:// and cluster.tls..., or turn TLS on there`;
  }
  if (
    /certificate required|bad certificate|handshake failure|alert number|unknown ca/i.test(text)
  ) {
    return `NATS at ${at} refuses the certificate of this node, or wants one: see cluster.tlsCert and cluster.tlsKey (${firstLine(text)})`;
  }
  if (/PEM|doesn't exist|no start line|key values mismatch|ERR_OSSL/i.test(text)) {
    return `a file of cluster.tlsCa, cluster.tlsCert or cluster.tlsKey cannot be used: ${firstLine(text)}`;
  }
  return undefined;
}

function reachText(error: unknown, text: string, at: string): string {
  if (/ECONNREFUSED|connection refused/i.test(text)) {
    return `no NATS server answers at ${at} (connection refused): start nats-server there, or correct cluster.servers`;
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) {
    return `a host of ${at} is not known: correct cluster.servers`;
  }
  if (/unexpected response|Unexpected token|not valid JSON/i.test(text)) {
    return `what answers at ${at} is no NATS server: correct cluster.servers`;
  }
  if (error instanceof errors.TimeoutError || /timeout|ETIMEDOUT/i.test(text)) {
    return `nothing answers in time at ${at}: is that a NATS server, and is it reached from here?`;
  }
  // Node gives no error where the other side just closes.
  const why = /undefined error/.test(text) ? "" : firstLine(text);
  return `NATS at ${at} cannot be used: ${why || "it closed the connection"}`;
}

/** What an error of an operation says, for a log line. */
export function messageOf(error: unknown): string {
  return firstLine(error instanceof Error ? error.message : String(error));
}

/** The message with its code and with those below it: libraries hide the cause deep. */
function wholeText(error: unknown): string {
  const parts: string[] = [];
  let now = error;
  for (let depth = 0; depth < 5 && now instanceof Error; depth += 1) {
    if ("code" in now) parts.push(`${now.message} (${String(now.code)})`);
    else parts.push(now.message);
    now = now.cause;
  }
  return parts.join("; ");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
