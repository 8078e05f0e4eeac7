import { resolve } from "node:path";
import type { ListenerOptions } from "../../library/listener-rows.js";
import type { ConfListener, Note, Setting } from "./conf.js";

/** What is to be said of a listener. */
interface Remarks {
  readonly notes: readonly Note[];
  /** Why it cannot be had. */
  readonly reasons: readonly string[];
}

/** One listener of a `mosquitto.conf` as it stands in our list. */
export function listenerFor(listener: ConfListener): {
  readonly options: ListenerOptions;
  readonly notes: Remarks;
} {
  const { port, host } = listener;
  const common = boundsOf(listener);
  if (port === 0) {
    const options = { type: "unix", path: resolve(host ?? ""), ...common } as const;
    return { options, notes: { notes: [], reasons: [] } };
  }
  const isWeb = textOf(listener, "protocol") === "websockets";
  const place = { host: host ?? everyAddress(listener), port };
  const cert = fileOf(listener, "certfile");
  const key = fileOf(listener, "keyfile");
  if (cert === undefined || key === undefined) {
    const options = { type: isWeb ? "ws" : "tcp", ...place, ...common } as const;
    return { options, notes: halfTls(listener) };
  }
  const { trust, remarks } = trustOf(listener);
  const type = isWeb ? "wss" : "tls";
  return { options: { type, ...place, cert, key, ...trust, ...common }, notes: remarks };
}

/** Every address of both families, unless one was chosen. */
function everyAddress(listener: ConfListener): string {
  return textOf(listener, "socket_domain") === "ipv4" ? "0.0.0.0" : "::";
}

function boundsOf({ settings }: ConfListener): { readonly connectionsMax?: number } {
  const most = Number(settings.get("max_connections")?.value ?? -1);
  return most > 0 ? { connectionsMax: most } : {}; // 0 has no effect in Mosquitto 2.0
}

/** Mosquitto speaks no TLS there, without a word. */
function halfTls(listener: ConfListener): Remarks {
  const half = ["certfile", "keyfile", "cafile", "capath", "require_certificate"]
    .map((name) => ({ name, setting: listener.settings.get(name) }))
    .find(({ setting }) => setting !== undefined && setting.value !== false);
  if (half?.setting === undefined) return { notes: [], reasons: [] };
  const text = `${half.name} has no effect without certfile and keyfile: this listener spoke no TLS, and does not now`;
  return { notes: [{ place: half.setting.place, text }], reasons: [] };
}

/** What is asked of the certificates of clients. */
function trustOf(listener: ConfListener): {
  readonly trust: Pick<
    Extract<ListenerOptions, { type: "tls" }>,
    "clientCertificate" | "ca" | "crl"
  >;
  readonly remarks: Remarks;
} {
  const notes = versionNotes(listener);
  const reasons: string[] = [];
  const { settings } = listener;
  if (settings.get("require_certificate")?.value !== true) {
    if (settings.get("use_identity_as_username")?.value === true) {
      reasons.push("use_identity_as_username without require_certificate let nobody in");
    }
    return { trust: {}, remarks: { notes, reasons } };
  }
  const path = settings.get("capath");
  if (path !== undefined) {
    reasons.push(
      `capath (${path.place}) names a folder: write its certificates into one file, and that as cafile`,
    );
  }
  const ca = fileOf(listener, "cafile");
  const crl = fileOf(listener, "crlfile");
  const trust = {
    clientCertificate: "required",
    ...(ca !== undefined && { ca }),
    ...(crl !== undefined && { crl }),
  } as const;
  if (ca === undefined && path === undefined)
    reasons.push("it asks for certificates, and has no cafile");
  return { trust, remarks: { notes, reasons } };
}

function versionNotes({ settings }: ConfListener): Note[] {
  const version: Setting | undefined = settings.get("tls_version");
  if (version === undefined || version.value === "tlsv1.2") return [];
  const why =
    version.value === "tlsv1.3" ? "TLS 1.2 is spoken, too" : "versions below TLS 1.2 are refused";
  return [
    { place: version.place, text: `tls_version ${version.value} has no counterpart: ${why}` },
  ];
}

function textOf({ settings }: ConfListener, name: string): string | undefined {
  const value = settings.get(name)?.value;
  return value === undefined ? undefined : String(value);
}

/** Names of files are meant from the folder that Mosquitto runs in. */
function fileOf(listener: ConfListener, name: string): string | undefined {
  const value = textOf(listener, name);
  return value === undefined ? undefined : resolve(value);
}
