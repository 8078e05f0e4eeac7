import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { ListenerOptions } from "../library/listener-rows.js";
import { type CertificateFiles, readTlsFiles } from "../net/tls-files.js";
import { checkSocketFile } from "./check-socket-file.js";
import type { ServerListener } from "./listener-config.js";

/** Whoever reads the check has so long to get a new certificate. */
const SOON_DAYS = 14;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * What `beeline check` verifies of listeners: that TLS can be spoken with their files, and that socket
 * files can be made where they shall be.
 *
 * @param wallMs - The time, as `Date.now` has it.
 * @returns what ends soon, and what others can read.
 * @throws Error with a line for each listener that is wrong, naming the file.
 */
export function checkListenerFiles(
  { listeners }: { readonly listeners: readonly ServerListener[] },
  wallMs = Date.now(),
): readonly string[] {
  const warnings = new Set<string>();
  const problems: string[] = [];
  for (const { options } of listeners) {
    try {
      if (options.type === "unix") checkSocketFile(options.path);
      else if (isSecure(options)) checkTls(options, wallMs, warnings);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return [...warnings];
}

function checkTls(options: SecureOptions, wallMs: number, warnings: Set<string>): void {
  readTlsFiles(options, wallMs);
  for (const pair of [options, ...(options.certificates ?? [])]) {
    addWarnings(pair, wallMs, warnings);
  }
}

type SecureOptions = Extract<ListenerOptions, { type: "tls" | "wss" }>;

function isSecure(options: ListenerOptions): options is SecureOptions {
  return options.type === "tls" || options.type === "wss";
}

function addWarnings({ cert, key }: CertificateFiles, wallMs: number, warnings: Set<string>): void {
  const { validTo } = new X509Certificate(readFileSync(cert)); // it was read before
  if (Date.parse(validTo) - wallMs < SOON_DAYS * DAY_MS) {
    warnings.add(`the certificate in ${cert} ends soon: it is valid until ${validTo}`);
  }
  if ((statSync(key).mode & 0o077) !== 0) {
    warnings.add(`others than its owner can read the key in ${key}: chmod 600 makes it private`);
  }
}
