import { constants, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { textOfFile } from "../files/bounded-file.js";
import { readingWords } from "../files/file-words.js";
import { UsageError } from "../protocol/errors.js";

/** A certificate with its key: names of PEM files. */
export interface CertificateFiles {
  /** The certificate, followed by those that sign it. */
  readonly cert: string;
  readonly key: string;
}

/** The files that TLS is spoken with, and what Clients must show. */
export interface TlsFiles extends CertificateFiles {
  /** For Clients that name a host they are made out for. */
  readonly certificates?: readonly CertificateFiles[] | undefined;
  /** Default `none`. */
  readonly clientCertificate?: "none" | "optional" | "required" | undefined;
  /** Authorities whose Client certificates are valid. */
  readonly ca?: string | undefined;
  /** What these have revoked. */
  readonly crl?: string | undefined;
}

/** What was read from them: as whole as it must be, or there is none. */
export interface TlsIdentity {
  readonly options: SecureContextOptions;
  /** The context for the host that a Client names; `undefined`: the first one. */
  contextFor(serverName: string): SecureContext | undefined;
}

/** A file that TLS cannot be spoken with: the message names it, what is wrong, and what is expected. */
export class TlsFileError extends UsageError {}

/**
 * Reads and checks all files.
 *
 * @param wallMs - The time, as `Date.now` has it: certificates must be valid now.
 * @throws {@link TlsFileError}
 */
export function readTlsFiles(files: TlsFiles, wallMs: number): TlsIdentity {
  const trust = trustOf(files);
  const [first, ...others] = [files, ...(files.certificates ?? [])].map((pair) => {
    const { certificate, ...own } = readPair(pair, wallMs);
    const options = { ...own, ...trust, ...VERSIONS };
    return { certificate, options, context: contextOf(options, pair.cert) };
  });
  if (first === undefined) throw new TlsFileError("no certificate is given");
  return {
    options: first.options,
    contextFor: (serverName) =>
      [first, ...others].find(({ certificate }) => certificate.checkHost(serverName))?.context,
  };
}

/** 1.2 at least, and no new handshake on an old connection: it costs us more than the peer. [K10] */
const VERSIONS = {
  minVersion: "TLSv1.2",
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies SecureContextOptions;

function trustOf({ clientCertificate = "none", ca, crl }: TlsFiles): SecureContextOptions {
  if (ca === undefined) {
    if (clientCertificate !== "none") {
      throw new TlsFileError(
        `client certificates are ${clientCertificate}, and no file says which are valid: name one ` +
          "with the certificates of their authorities as ca",
      );
    }
    if (crl !== undefined) throw new TlsFileError(`${crl} revokes certificates of no ca: name one`);
    return {};
  }
  const authorities = readPem(ca, "CERTIFICATE", "certificates of authorities");
  for (const pem of authorities) parsedCertificate(pem, ca);
  if (crl === undefined) return { ca: [...authorities] };
  return {
    ca: [...authorities],
    crl: [...readPem(crl, "X509 CRL", "lists of revoked certificates")],
  };
}

function readPair({ cert, key }: CertificateFiles, wallMs: number) {
  const chain = readPem(cert, "CERTIFICATE", "a certificate");
  const [certificate] = chain.map((pem) => parsedCertificate(pem, cert));
  if (certificate === undefined) throw new TlsFileError(`${cert} holds no certificate`);
  checkTime(certificate, cert, wallMs);
  const keyText = readText(key);
  if (!certificate.checkPrivateKey(keyFrom(keyText, key))) {
    throw new TlsFileError(
      `the key in ${key} is not that of the certificate in ${cert}: give the two that were made together`,
    );
  }
  return { certificate, cert: chain.join("\n"), key: keyText };
}

function keyFrom(pem: string, file: string): KeyObject {
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new TlsFileError(
      `the key in ${file} has a password: expected one without, readable by the server alone`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    // What Node says may hold something of the key.
    throw new TlsFileError(`${file} holds no private key that can be read: expected PEM`);
  }
}

function checkTime(certificate: X509Certificate, file: string, wallMs: number): void {
  const { validFrom, validTo } = certificate;
  if (Date.parse(validTo) < wallMs) {
    throw new TlsFileError(`the certificate in ${file} has expired: it was valid until ${validTo}`);
  }
  if (Date.parse(validFrom) > wallMs) {
    throw new TlsFileError(
      `the certificate in ${file} is not valid yet: it will be from ${validFrom}`,
    );
  }
}

/** The blocks of one kind in a PEM file: one at least. */
function readPem(file: string, label: string, what: string): readonly string[] {
  const blocks = readText(file).match(
    new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`, "g"),
  );
  if (blocks !== null) return blocks;
  throw new TlsFileError(`${file} holds no ${label}: expected ${what} in PEM`);
}

/** Certificates of all authorities there are take a quarter of a megabyte. */
const BYTES_MAX = 16 * 1024 * 1024;

function readText(file: string): string {
  try {
    return textOfFile(file, BYTES_MAX);
  } catch (error) {
    throw new TlsFileError(`${file} cannot be read: ${readingWords(error)}`);
  }
}

function parsedCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new TlsFileError(
      `${file} holds a certificate that cannot be read: expected X.509 in PEM`,
    );
  }
}

/** Made here already, so that what OpenSSL does not take is found before anybody connects. */
function contextOf(options: SecureContextOptions, file: string): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TlsFileError(`TLS does not take the certificate in ${file}: ${why}`);
  }
}
