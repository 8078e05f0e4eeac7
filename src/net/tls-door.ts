import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { TurnAwayReason } from "../ports/reasons.js";
import { lookAtFirstBytes } from "./first-bytes.js";
import type { Handshakes } from "./handshakes.js";
import { readTlsFiles, type TlsFiles, type TlsIdentity } from "./tls-files.js";
import { TlsWatch } from "./tls-watch.js";
import { certificateWords, failureWords } from "./tls-words.js";
import { spokenIn, spokenInsteadOfTls, UNEXPECTED_PROXY } from "./turned-away.js";

/** How long a session may be resumed without a whole handshake. */
const SESSION_SECONDS = 60 * 60;
/**
 * Handshakes begun in one turn of the event loop: each costs about a millisecond of one processor,
 * which everybody else waits for. Further ones come in the next turns.
 */
const BEGUN_AT_ONCE = 4;

/** Tells why a peer got no further. */
export type Refuse<P> = (socket: Socket, peer: P, why: string, reason: TurnAwayReason) => void;

/** A connection whose handshake has not finished. */
interface Coming<P> {
  readonly socket: Socket;
  readonly peer: P;
  readonly onClose: () => void;
  /** What names it once its handshake has begun. */
  ends: string;
}

/**
 * TLS in front of something else: takes connections, and gives them on when their handshake is done.
 *
 * The handshake begins when its first bytes are here and it is clear that they are TLS: others are
 * told apart, and whoever sends nothing costs no more than a plain connection.
 */
export class TlsDoor<P> {
  readonly #files: TlsFiles;
  readonly #handshakes: Handshakes;
  readonly #timeMs: () => number;
  readonly #onSecure: (socket: TLSSocket, peer: P) => void;
  readonly #onRefused: Refuse<P>;
  readonly #server: Server;
  #identity: TlsIdentity;
  /** Handshakes under way, by the addresses of both ends: all that Node tells of the new socket. */
  readonly #underWay = new Map<string, Coming<P>>();
  readonly #coming = new Set<Coming<P>>();
  #waiting: Coming<P>[] = [];
  #isScheduled = false;
  readonly #watch: TlsWatch;
  /** One for all sockets. */
  readonly #onClose: (this: TLSSocket) => void;

  /**
   * @param timeMs - For the whole handshake, from the open connection on.
   * @param idleBytesMax - Of {@link TlsWatch}.
   * @throws TlsFileError for files that TLS cannot be spoken with.
   */
  constructor(
    files: TlsFiles,
    handshakes: Handshakes,
    timeMs: () => number,
    onSecure: (socket: TLSSocket, peer: P) => void,
    onRefused: Refuse<P>,
    idleBytesMax?: number,
  ) {
    this.#files = files;
    this.#handshakes = handshakes;
    this.#timeMs = timeMs;
    this.#onSecure = onSecure;
    this.#onRefused = onRefused;
    this.#identity = readTlsFiles(files, Date.now());
    const { clientCertificate = "none" } = files;
    this.#server = createServer({
      ...this.#identity.options,
      requestCert: clientCertificate !== "none",
      rejectUnauthorized: false, // by ourselves, which tells why
      sessionTimeout: SESSION_SECONDS,
      SNICallback: (name, tell) => tell(null, this.#identity.contextFor(name)),
    });
    const watch = new TlsWatch((socket) => socket.destroy(), idleBytesMax);
    this.#watch = watch;
    this.#onClose = function () {
      watch.remove(this);
    };
    this.#server.on("secureConnection", (socket) => this.#secured(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#failed(socket, error));
  }

  /** From here on the connection is the door's, until it is given on or closed. */
  take(socket: Socket, peer: P): void {
    const coming: Coming<P> = { socket, peer, ends: "", onClose: () => this.#closed(coming) };
    socket.on("error", ignore);
    socket.on("close", coming.onClose);
    this.#coming.add(coming);
    this.#handshakes.begin(socket, this.#timeMs(), (reason) => {
      this.#refuse(coming, HANDSHAKE_WORDS[reason], reason);
      socket.destroy();
    });
    lookAtFirstBytes(socket, (bytes) => {
      if (bytes === undefined) {
        socket.destroy();
        return undefined;
      }
      if (spokenIn(bytes) === "tls") this.#queue(coming);
      else this.#turnAway(coming, bytes);
      return bytes;
    });
  }

  /**
   * Reads the files for another time: from now on new connections get what is in them, and those
   * there are go on. All or nothing. [K13]
   *
   * @returns what puts it into use, when everything else that is read is in order, too.
   * @throws TlsFileError, and nothing has changed.
   */
  reload(): () => void {
    const identity = readTlsFiles(this.#files, Date.now());
    return () => {
      this.#identity = identity;
      // Tickets are as good as before, unless what was revoked meanwhile could be resumed with one.
      const { clientCertificate = "none" } = this.#files;
      const ticketKeys = this.#server.getTicketKeys();
      this.#server.setSecureContext(identity.options);
      if (clientCertificate === "none") this.#server.setTicketKeys(ticketKeys);
    };
  }

  /** Drops what has not finished. */
  close(): void {
    for (const { socket } of [...this.#coming]) socket.destroy();
  }

  #queue(coming: Coming<P>): void {
    this.#waiting.push(coming);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#beginSome());
  }

  #beginSome(): void {
    this.#isScheduled = false;
    for (const coming of this.#waiting.splice(0, BEGUN_AT_ONCE)) {
      if (coming.socket.destroyed) continue;
      coming.ends = endsOf(coming.socket);
      this.#underWay.set(coming.ends, coming);
      // Whoever sends no more can finish no handshake: its TLS socket, which takes this over, closes. [K11]
      coming.socket.allowHalfOpen = false;
      this.#server.emit("connection", coming.socket);
    }
    if (this.#waiting.length > 0) this.#schedule();
  }

  #secured(socket: TLSSocket): void {
    const coming = this.#underWay.get(endsOf(socket));
    if (coming === undefined) return; // its time was up meanwhile
    const why = this.#objectionTo(socket);
    if (why !== undefined) {
      this.#refuse(coming, why, "tls-failed");
      socket.on("error", ignore);
      socket.destroy();
      return;
    }
    this.#finish(coming);
    socket.allowHalfOpen = true;
    this.#watch.add(coming.socket, socket);
    socket.on("close", this.#onClose);
    this.#onSecure(socket, coming.peer);
  }

  /** What is wrong with the certificate that a Client has shown, or has not. */
  #objectionTo(socket: TLSSocket): string | undefined {
    const { clientCertificate = "none" } = this.#files;
    if (clientCertificate === "none" || socket.authorized) return undefined;
    if (Object.keys(socket.getPeerCertificate()).length > 0) {
      return certificateWords(socket.authorizationError);
    }
    return clientCertificate === "required" ? "it shows no certificate" : undefined;
  }

  #failed(socket: TLSSocket, error: NodeJS.ErrnoException): void {
    const coming = this.#underWay.get(endsOf(socket));
    if (coming !== undefined) this.#refuse(coming, failureWords(error), "tls-failed");
    socket.destroy();
  }

  #turnAway(coming: Coming<P>, bytes: Buffer): void {
    const spoken = spokenIn(bytes);
    if (spoken === "proxy") this.#refuse(coming, UNEXPECTED_PROXY, "not-a-proxy");
    else this.#refuse(coming, spokenInsteadOfTls(spoken), "not-tls");
    coming.socket.destroy();
  }

  /** Whoever sent nothing at all is not worth a line. */
  #closed(coming: Coming<P>): void {
    if (coming.ends === "") this.#finish(coming);
    else this.#refuse(coming, failureWords({ code: "ECONNRESET" }), "tls-failed");
  }

  #refuse(coming: Coming<P>, why: string, reason: TurnAwayReason): void {
    this.#finish(coming);
    this.#onRefused(coming.socket, coming.peer, why, reason);
  }

  #finish(coming: Coming<P>): void {
    const { socket, ends, onClose } = coming;
    this.#coming.delete(coming);
    this.#handshakes.end(socket);
    this.#underWay.delete(ends);
    socket.off("close", onClose);
  }
}

const HANDSHAKE_WORDS = {
  "handshake-timeout": "its TLS handshake was not finished in time",
  "too-many-handshakes": "too many TLS handshakes were under way, and its own was the oldest",
} as const;

/** Names a connection, whichever of its sockets is asked. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function ignore(): void {}
