import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate, PeerDetails, UpgradeRequest } from "../ports/policy.js";
import { placeText } from "./peer-address.js";

/** What whoever hands over a stream knows of the peer. */
export interface ConnectionDetails {
  /**
   * The peer's address as hooks and events show it, like `203.0.113.9:50412`. Default: that of the
   * stream, else of the socket that `request` came by.
   */
  readonly remoteAddress?: string;
  /** The HTTP request that became the stream: `authenticate` is shown its `url` and `headers`. */
  readonly request?: {
    readonly url?: string | undefined;
    readonly headers: UpgradeRequest["headers"];
    readonly socket?: PeerAddress;
  };
  /** The Client's certificate, as hooks and events show it. Default: that of a verified TLS socket. */
  readonly certificate?: ClientCertificate;
}

/** As a socket has it. */
type PeerAddress = Partial<Pick<Socket, "remoteAddress" | "remotePort">>;

/** The peer's address, `""` when nobody knows it. */
export function addressOf(stream: Duplex, { remoteAddress, request }: ConnectionDetails): string {
  if (remoteAddress !== undefined) return remoteAddress;
  const own = addressText(stream as Duplex & PeerAddress); // over something else than TCP it may know it
  return own === "" && request?.socket !== undefined ? addressText(request.socket) : own;
}

function addressText({ remoteAddress, remotePort }: PeerAddress): string {
  return remoteAddress === undefined ? "" : placeText(remoteAddress, remotePort ?? 0);
}

/**
 * The rest, as plain values that nobody can change; `undefined` when nothing is known.
 *
 * @param isRequestShown - Whether anybody looks at the request: its headers may be some KiB.
 */
export function detailsOf(
  stream: Duplex,
  details: ConnectionDetails,
  isRequestShown: boolean,
): PeerDetails | undefined {
  const { request } = details;
  const certificate =
    details.certificate ?? verifiedCertificate(stream) ?? verifiedCertificate(request?.socket);
  const shownRequest = isRequestShown ? request : undefined;
  if (certificate === undefined && shownRequest === undefined) return undefined;
  return {
    request: shownRequest && plainRequest(shownRequest),
    certificate: certificate && plainCertificate(certificate),
  };
}

/** Kept as long as the connection: what is asked for, and not the KiB that Node has besides. */
function plainCertificate(certificate: ClientCertificate): ClientCertificate {
  const { CN } = certificate.subject;
  return Object.freeze({
    subject: Object.freeze({
      ...certificate.subject,
      ...(typeof CN === "object" && { CN: Object.freeze([...CN]) }),
    }),
    subjectaltname: certificate.subjectaltname,
    fingerprint256: certificate.fingerprint256,
  });
}

function plainRequest({ url = "", headers }: NonNullable<ConnectionDetails["request"]>) {
  const own: Record<string, string | readonly string[] | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    own[name] = typeof value === "object" ? Object.freeze([...value]) : value;
  }
  return Object.freeze({ url, headers: Object.freeze(own) });
}

/** One that TLS did not find valid proves nothing, and is not shown. */
function verifiedCertificate(socket: object | undefined): ClientCertificate | undefined {
  const { encrypted, authorized, getPeerCertificate } = (socket ?? {}) as Partial<TLSSocket>;
  if (encrypted !== true || authorized !== true) return undefined;
  return getPeerCertificate?.call(socket);
}
