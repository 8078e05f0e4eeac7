import { isIPv4 } from "node:net";

/** What a PROXY header of version 2 is to say; what is left out is right. */
export interface ProxyV2 {
  readonly address?: string;
  readonly port?: number;
  readonly versionAndCommand?: number;
  readonly command?: number;
  readonly family?: number;
  /** Instead of `address` and `port`. */
  readonly addresses?: Buffer;
  readonly fields?: Buffer;
  readonly ssl?: {
    readonly flags: number;
    readonly verify: number;
    readonly name?: string;
    readonly certificate?: Buffer;
  };
}

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/** The bytes of it. */
export function proxyV2({
  address = "192.0.2.1",
  port = 5,
  command = 1,
  ...rest
}: ProxyV2): Buffer {
  const { family = isIPv4(address) ? 0x11 : 0x21, versionAndCommand = 0x20 | command } = rest;
  const own = family === 0 ? Buffer.alloc(0) : addressesOf(address, port);
  const fields = rest.ssl === undefined ? (rest.fields ?? Buffer.alloc(0)) : sslField(rest.ssl);
  const body = Buffer.concat([rest.addresses ?? own, fields]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([SIGNATURE, Buffer.from([versionAndCommand, family]), length, body]);
}

function addressesOf(address: string, port: number): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  const from = isIPv4(address)
    ? Buffer.from(address.split(".").map(Number))
    : Buffer.concat(address.split(":").map((group) => number16(Number.parseInt(group, 16))));
  return Buffer.concat([from, Buffer.alloc(from.length), ports]);
}

function sslField({ flags, verify, name, certificate }: NonNullable<ProxyV2["ssl"]>): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(verify, 1);
  const fields: Uint8Array[] = [head];
  if (name !== undefined) fields.push(field(0x22, Buffer.from(name)));
  if (certificate !== undefined) fields.push(field(0x28, certificate));
  return field(0x20, Buffer.concat(fields));
}

function field(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), number16(value.length), value]);
}

function number16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
