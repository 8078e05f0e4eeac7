import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { PacketReader } from "../../src/codec/index.js";
import { BlockPool, Broker, Outbox } from "../../src/engine.js";
import { EngineLoop } from "../../src/net/engine-loop.js";
import { Lingering } from "../../src/net/lingering.js";
import { Poller } from "../../src/net/native/poller.js";
import { type RawHost, RawLink } from "../../src/net/native/raw-link.js";
import { RawListening } from "../../src/net/native/raw-listening.js";
import { SilentPeers } from "../../src/net/silent-peers.js";
import { Connection, type ConnectionInputs } from "../../src/state/connection.js";
import { CheckedLibc } from "./checked-libc.js";

/** What the engine would have been told. */
export class Recorder implements ConnectionInputs {
  readonly calls: string[] = [];
  readonly received: Buffer[] = [];
  drains = 0;
  onDrained: () => void = () => undefined;
  onReceive: () => void = () => undefined;

  receive(_connection: Connection, bytes: Uint8Array): void {
    this.calls.push("receive");
    this.received.push(Buffer.from(bytes));
    this.onReceive();
  }
  drained(): void {
    this.drains += 1;
    this.onDrained();
  }
  closed(): void {
    this.calls.push("closed");
  }
}

/** One end of a connection as the native transport has it, the other as Node has it. */
export interface RawPair {
  readonly link: RawLink;
  readonly far: Socket;
  /** What the link is given when it opens. */
  readonly connection: Connection;
  readonly recorder: Recorder;
  readonly outbox: Outbox;
}

/** A poller, a listener and links of the native transport, with an engine that records. */
export class RawWorld implements RawHost {
  readonly checked = new CheckedLibc();
  readonly errors: unknown[] = [];
  readonly lingering = new Lingering();
  readonly silentPeers = new SilentPeers();
  readonly loop: EngineLoop;
  readonly poller: Poller;
  readonly listening: RawListening;
  readonly pool = new BlockPool((byteCount) => Buffer.allocUnsafeSlow(byteCount));
  readonly #accepted: number[] = [];
  readonly #sockets: Socket[] = [];
  readonly #links: RawLink[] = [];
  port = 0;

  /** @param roundMs - How long a round may take. */
  constructor(roundMs = 5) {
    const error = (thrown: unknown): void => {
      this.errors.push(thrown);
    };
    this.loop = new EngineLoop(new Broker({ makeClientId: () => "made" }), error, { roundMs });
    this.poller = new Poller(this.checked.calls, {
      begin: () => this.loop.beginRound(),
      isOver: () => this.loop.isRoundOver,
      end: () => this.loop.endRound(),
      error,
    });
    this.listening = new RawListening(this.poller, (fd) => this.#accepted.push(fd), error);
  }

  async listen(): Promise<this> {
    ({ port: this.port } = await this.listening.listen({ host: "127.0.0.1", port: 0 }));
    return this;
  }

  /** @param opens - Whether the link is open already. */
  async pair(opens = true): Promise<RawPair> {
    const far = connect({ port: this.port, host: "127.0.0.1", allowHalfOpen: true });
    this.#sockets.push(far);
    far.on("error", () => undefined);
    await once(far, "connect");
    while (this.#accepted.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const link = new RawLink(this, this.#accepted.shift() as number); // there is one
    if (!link.watched()) throw new Error("the kernel refused it");
    this.#links.push(link);
    const recorder = new Recorder();
    const connection = new Connection(link, new PacketReader(), this.pool, recorder, 1);
    if (opens) {
      link.connection = connection;
      link.opened();
    }
    return { link, far, connection, recorder, outbox: new Outbox(this.pool) };
  }

  /** Closes everything. What is open afterwards was lost. */
  end(): readonly number[] {
    for (const socket of this.#sockets) socket.destroy();
    for (const link of this.#links) link.destroy();
    for (const fd of this.#accepted) this.checked.calls.close(fd);
    this.listening.close();
    this.poller.end();
    return [...this.checked.open];
  }
}
