import type { NetConnectOpts } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";

/** How clients speak TLS: each with a whole handshake, or going on with a session where they can. */
export type TlsMode = "full" | "resumed";

/** The last session that a broker has given; TLS 1.3 gives one after the handshake. */
let known: Buffer | undefined;

/**
 * Opens a connection over TLS 1.3, whatever certificate the broker shows: what is measured is what it
 * costs, and both ends are here. `secureConnect` tells when it is there.
 */
export function dialTls(options: NetConnectOpts, mode: TlsMode): TLSSocket {
  const resumes = mode === "resumed";
  const secure: ConnectionOptions = {
    ...options,
    minVersion: "TLSv1.3",
    rejectUnauthorized: false,
    ...(resumes && known !== undefined && { session: known }),
  };
  const socket = connect(secure);
  if (resumes) {
    socket.on("session", (session: Buffer) => {
      known = session;
    });
  }
  return socket;
}
