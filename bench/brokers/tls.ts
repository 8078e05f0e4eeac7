import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Contestant } from "./servers.js";

/** A certificate and its key, as names of files. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for one server, which signs itself: P-256, as most servers of today have. */
export function certificateIn(folder: string): Pair {
  const pair = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const { status, stderr, error } = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", pair.key, "-out", pair.cert, "-days", "2", "-subj", "/CN=localhost"],
  ]);
  if (status !== 0) throw new Error(`openssl made no certificate: ${error?.message ?? stderr}`);
  chmodSync(folder, 0o755);
  chmodSync(pair.key, 0o644); // Mosquitto, started by root, is somebody else when it reads this
  return pair;
}

/** Flags of `beeline start` for TLS at a port, and nothing else. */
export function ourTlsFlags(port: number, folder: string): readonly string[] {
  const { cert, key } = certificateIn(folder);
  return ["--tls-port", String(port), "--tls-cert", cert, "--tls-key", key];
}

/** The same as lines of a `mosquitto.conf`, below its listener. */
export function mosquittoTlsLines(folder: string): readonly string[] {
  const { cert, key } = certificateIn(folder);
  return [`certfile ${cert}`, `keyfile ${key}`, "tls_version tlsv1.3"];
}

/** Those that can be asked for TLS here. */
const SPEAKERS: readonly string[] = ["ours", "mosquitto"];

/** The others sit such a workload out. */
export function knowingTls(contestant: Contestant): Contestant {
  if (SPEAKERS.includes(contestant.name)) return contestant;
  return {
    ...contestant,
    sitsOut: (workload) =>
      workload.tls ? "its TLS is not set up here" : contestant.sitsOut(workload),
  };
}
