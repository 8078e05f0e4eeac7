import { generateKeyPairSync, sign } from "node:crypto";

/** Tags of DER, ITU-T X.690. */
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;

function der(tag: number, ...contents: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(contents.map((part) => Buffer.from(part as Uint8Array)));
  const { length } = body;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OID, Buffer.from("2a8648ce3d040302", "hex")));
const COMMON_NAME = der(OID, Buffer.from("550403", "hex"));

/**
 * A key and a certificate for it, signed by itself: X.509 version 1, RFC 5280 section 4.1. Made by
 * Node alone, so that a test needs no other program.
 */
export function selfSigned(commonName = "localhost"): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, commonName))));
  const validity = der(SEQUENCE, der(UTC_TIME, "200101000000Z"), der(UTC_TIME, "491231235959Z"));
  const toBeSigned = der(
    SEQUENCE,
    der(INTEGER, Uint8Array.of(1)),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = der(
    SEQUENCE,
    toBeSigned,
    ECDSA_WITH_SHA256,
    der(BIT_STRING, Uint8Array.of(0), signature),
  );
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
