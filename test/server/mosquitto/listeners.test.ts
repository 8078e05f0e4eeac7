import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { confFrom } from "../../../src/server/mosquitto/conf.js";
import { listenerFor } from "../../../src/server/mosquitto/listeners.js";
import { confFolder } from "./conf-folder.js";

const { write } = confFolder();
function of(...lines: string[]) {
  const [listener] = confFrom(write("m.conf", ...lines)).listeners;
  if (listener === undefined) throw new Error("there is one");
  const { options, notes } = listenerFor(listener);
  return { options, notes: notes.notes.map(({ text }) => text), reasons: notes.reasons };
}

const PLAIN = { notes: [], reasons: [] };
const TLS = ["listener 8883", "certfile c.pem", "keyfile k.pem"];
const PAIR = { cert: resolve("c.pem"), key: resolve("k.pem") };

describe("listenerFor", () => {
  it("TCP: at every address, at one, of one family; a socket file", () => {
    expect(of("listener 1")).toEqual({ options: { type: "tcp", host: "::", port: 1 }, ...PLAIN });
    expect(of("listener 1", "socket_domain ipv4").options).toMatchObject({ host: "0.0.0.0" });
    expect(of("listener 1", "socket_domain ipv6").options).toMatchObject({ host: "::" });
    expect(of("listener 1 10.0.0.1").options).toMatchObject({ host: "10.0.0.1" });
    expect(of("listener 0 a.sock").options).toEqual({ type: "unix", path: resolve("a.sock") });
  });

  it("WebSocket, TLS, and both", () => {
    expect(of("listener 1", "protocol websockets").options.type).toBe("ws");
    expect(of("listener 1", "protocol mqtt").options.type).toBe("tcp");
    expect(of(...TLS, "protocol websockets").options.type).toBe("wss");
    expect(of(...TLS, "cafile ca.pem")).toEqual({
      options: { type: "tls", host: "::", port: 8883, ...PAIR },
      ...PLAIN,
    });
  });

  it("certificates of clients, with their authorities and what they took back", () => {
    expect(
      of(...TLS, "require_certificate true", "cafile ca.pem", "crlfile l.pem").options,
    ).toEqual({
      ...{ type: "tls", host: "::", port: 8883, ...PAIR },
      ...{ clientCertificate: "required", ca: resolve("ca.pem"), crl: resolve("l.pem") },
    });
    expect(of(...TLS, "require_certificate true").reasons).toEqual([
      "it asks for certificates, and has no cafile",
    ]);
    expect(of(...TLS, "require_certificate true", "capath d").reasons).toEqual([
      expect.stringMatching(/^capath .* names a folder/),
    ]);
    expect(of(...TLS, "use_identity_as_username true").reasons).toEqual([
      "use_identity_as_username without require_certificate let nobody in",
    ]);
  });

  it("half of TLS is none, and is told", () => {
    for (const line of ["certfile c", "keyfile k", "cafile ca", "capath d"]) {
      const { options, notes } = of("listener 1", line);
      expect(options.type).toBe("tcp");
      expect(notes).toEqual([
        expect.stringContaining("has no effect without certfile and keyfile"),
      ]);
    }
    expect(of("listener 1", "require_certificate false")).toMatchObject(PLAIN);
  });

  it("versions of TLS that differ are told", () => {
    expect(of(...TLS, "tls_version tlsv1.2").notes).toEqual([]);
    expect(of(...TLS, "tls_version tlsv1.3").notes).toEqual([
      "tls_version tlsv1.3 has no counterpart: TLS 1.2 is spoken, too",
    ]);
    expect(of(...TLS, "tls_version tlsv1.1").notes).toEqual([
      "tls_version tlsv1.1 has no counterpart: versions below TLS 1.2 are refused",
    ]);
  });

  it("connections: as many as it says, any number below one", () => {
    expect(of("listener 1", "max_connections 7").options).toMatchObject({ connectionsMax: 7 });
    for (const any of ["-1", "0", "x"]) {
      expect(of("listener 1", `max_connections ${any}`).options).not.toHaveProperty(
        "connectionsMax",
      );
    }
  });
});
