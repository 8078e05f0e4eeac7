import { X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import type { ClientCertificate } from "../ports/policy.js";

/** What a proxy tells of the peer it speaks for. Without `source` it speaks for itself. */
export interface ProxyHeader {
  readonly kind: "header";
  /** Its length; what follows is the peer's. */
  readonly byteCount: number;
  readonly source: { readonly address: string; readonly port: number } | undefined;
  /** One that the proxy has found valid. Of what it tells, the fingerprint may be missing: `""`. */
  readonly certificate: ClientCertificate | undefined;
}

export type ProxyHeaderResult =
  | ProxyHeader
  | { readonly kind: "unfinished" }
  | { readonly kind: "wrong"; readonly why: string };

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const V1_BEGINNING = Buffer.from("PROXY ", "latin1");
/** As the specification has it, with the end of the line. */
const V1_BYTES_MAX = 107;
const V2_FIXED_BYTES = 16;
/** A header with a certificate in it fits. */
const V2_BYTES_MAX = 8 * 1024;

const Command = { LOCAL: 0, PROXY: 1 } as const;
/** Address family and transport: only those that MQTT may come by. */
const Family = { UNSPECIFIED: 0x00, TCP4: 0x11, TCP6: 0x21, UNIX_STREAM: 0x31 } as const;
const ADDRESS_BYTES: Readonly<Record<number, number>> = {
  [Family.UNSPECIFIED]: 0,
  [Family.TCP4]: 12,
  [Family.TCP6]: 36,
  [Family.UNIX_STREAM]: 216,
};
const Tlv = { SSL: 0x20, SSL_CN: 0x22, SSL_CLIENT_CERT: 0x28 } as const;
/** Bits of the first byte of the SSL field: it has shown a certificate, now or in this session. */
const HAS_CERTIFICATE = 0x02 | 0x04;

/**
 * Reads a PROXY header, version 1 or 2, from the beginning of `bytes`. Strict: whoever trusts an
 * address must not guess at it. [K14]
 */
export function readProxyHeader(bytes: Buffer): ProxyHeaderResult {
  if (begins(bytes, SIGNATURE)) return bytes.length < SIGNATURE.length ? UNFINISHED : readV2(bytes);
  if (begins(bytes, V1_BEGINNING)) return readV1(bytes);
  return wrong("what came is no PROXY header");
}

/** As far as there are bytes. */
function begins(bytes: Buffer, beginning: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.subarray(0, length).equals(beginning.subarray(0, length));
}

function readV1(bytes: Buffer): ProxyHeaderResult {
  const end = bytes.subarray(0, V1_BYTES_MAX).indexOf("\r\n");
  if (end === -1) {
    return bytes.length < V1_BYTES_MAX ? UNFINISHED : wrong("its PROXY header has no end");
  }
  const byteCount = end + 2;
  const [, family, address = "", target = "", ...ports] = bytes
    .toString("latin1", 0, end)
    .split(" ");
  if (family === "UNKNOWN") return { ...OWN, byteCount };
  const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isIPv6 : undefined;
  const [port, targetPort] = ports.map(portFrom);
  const isWhole = ports.length === 2 && port !== undefined && targetPort !== undefined;
  if (isAddress?.(address) !== true || !isAddress(target) || !isWhole) {
    return wrong("its PROXY header names no addresses and ports");
  }
  return { ...OWN, byteCount, source: { address, port } };
}

function portFrom(text: string): number | undefined {
  const port = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}

function readV2(bytes: Buffer): ProxyHeaderResult {
  if (bytes.length < V2_FIXED_BYTES) return UNFINISHED;
  const version = bytes.readUInt8(12) >> 4;
  const command = bytes.readUInt8(12) & 0x0f;
  const family = bytes.readUInt8(13);
  const byteCount = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (version !== 2) return wrong("its PROXY header is of no known version");
  if (command > Command.PROXY) return wrong("its PROXY header has an unknown command");
  if (byteCount > V2_BYTES_MAX) return wrong("its PROXY header is too long");
  if (bytes.length < byteCount) return UNFINISHED;
  if (command === Command.LOCAL) return { ...OWN, byteCount };
  const addressBytes = ADDRESS_BYTES[family];
  const addresses = bytes.subarray(V2_FIXED_BYTES, byteCount);
  if (addressBytes === undefined) return wrong("its PROXY header is of something else than TCP");
  if (addresses.length < addressBytes) return wrong("its PROXY header is too short for addresses");
  const fields = fieldsOf(addresses.subarray(addressBytes));
  if (fields === undefined) return wrong("a field of its PROXY header goes beyond its end");
  const certificate = certificateIn(fields.get(Tlv.SSL));
  if (certificate === "wrong") return wrong("its PROXY header holds a certificate that is none");
  return { kind: "header", byteCount, source: sourceOf(family, addresses), certificate };
}

function sourceOf(family: number, addresses: Buffer): ProxyHeader["source"] {
  if (family === Family.TCP4) {
    return { address: addresses.subarray(0, 4).join("."), port: addresses.readUInt16BE(8) };
  }
  if (family !== Family.TCP6) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => addresses.readUInt16BE(2 * at).toString(16));
  const { hostname } = new URL(`http://[${groups.join(":")}]`); // writes zeros as ::
  return { address: hostname.slice(1, -1), port: addresses.readUInt16BE(32) };
}

/** Type, length and value, one after the other; `undefined` when they do not end with the header. */
function fieldsOf(bytes: Buffer): Map<number, Buffer> | undefined {
  const fields = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 3 > bytes.length) return undefined;
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) return undefined;
    fields.set(bytes.readUInt8(at), bytes.subarray(at + 3, end));
    at = end;
  }
  return fields;
}

/** One that the proxy did not find valid proves nothing, and is not shown. */
function certificateIn(ssl: Buffer | undefined): ClientCertificate | undefined | "wrong" {
  if (ssl === undefined) return undefined;
  const fields = ssl.length < 5 ? undefined : fieldsOf(ssl.subarray(5));
  if (fields === undefined) return "wrong";
  const isVerified = ssl.readUInt32BE(1) === 0;
  if ((ssl.readUInt8(0) & HAS_CERTIFICATE) === 0 || !isVerified) return undefined;
  const whole = fields.get(Tlv.SSL_CLIENT_CERT);
  const name = fields.get(Tlv.SSL_CN);
  if (whole !== undefined) return certificateFrom(whole);
  if (name === undefined) return undefined;
  return { subject: { CN: name.toString("utf8") }, subjectaltname: undefined, fingerprint256: "" };
}

function certificateFrom(bytes: Buffer): ClientCertificate | "wrong" {
  try {
    const { subject, subjectaltname, fingerprint256 } = new X509Certificate(bytes).toLegacyObject();
    return { subject, subjectaltname, fingerprint256 };
  } catch {
    return "wrong";
  }
}

function wrong(why: string): ProxyHeaderResult {
  return { kind: "wrong", why };
}

const UNFINISHED: ProxyHeaderResult = { kind: "unfinished" };
const OWN = { kind: "header", source: undefined, certificate: undefined } as const;
