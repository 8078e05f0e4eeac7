import {
  EAGAIN,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLHUP,
  EPOLLRDHUP,
  MSG_DONTWAIT,
  MSG_PEEK,
} from "./constants.js";
import type { Libc, Waking } from "./libc.js";
import { systemError } from "./system-error.js";

/** Whoever a descriptor belongs to. One owner each, from {@link Poller.add} to {@link Poller.close}. */
export interface Polled {
  /** Its descriptor; -1 from the moment when it is closed. */
  fd: number;
  /** Given by the poller: tells this owner from earlier ones of the same number. */
  generation: number;
  /** @param events - Of epoll. Nothing it throws may be meant for anybody: it costs this owner. */
  ready(events: number): void;
  /** `ready` threw: it closes itself, unless it can go on. */
  broken(): void;
}

/** What happens around a round of events. */
export interface Rounds {
  /** Something is about to come in. */
  begin(): void;
  /** What has come in takes as long as it may: what can wait for the next round does. */
  isOver(): boolean;
  /** All that came in is worked off. */
  end(): void;
  /** Told what should never be thrown. */
  error(error: unknown): void;
}

/**
 * Events taken at once: what they cause is flushed before the next ones are asked for. Of three
 * thousand peers that are gone at once a few rounds know all, and whoever else has sent something.
 */
const EVENTS_MAX = 1_024;
/** What says that the peer, or the connection, is gone. */
const GONE = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
/** So many of those are told of in each round, however late it is. */
const GONE_LEAST = 16;
/** Rounds of one wake-up. Then timers and everybody else in the process have their turn. */
const ROUNDS_MAX = 8;
/** A round of fewer events than this was probably the last: asking again would cost more than it saves. */
const BUSY_FROM = 4;
/** `struct epoll_event` is packed on x64 only. */
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const DATA_AT = process.arch === "x64" ? 4 : 8;

/**
 * All descriptors of one engine behind one descriptor of the kernel, which wakes JavaScript once for
 * whatever has become ready. What Node does for each socket, a handle, a Buffer and several calls of
 * functions a read, is not there.
 */
export class Poller {
  /** Where everybody receives: what is to outlive the call must be copied. */
  readonly chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly chunkAddress: number;
  readonly libc: Libc;
  readonly #rounds: Rounds;
  readonly #epoll: number;
  readonly #owners: (Polled | undefined)[] = [];
  readonly #events = Buffer.allocUnsafeSlow(EVENTS_MAX * EVENT_BYTES);
  readonly #eventsAddress: number;
  readonly #view: DataView;
  /** What epoll is told about one descriptor. */
  readonly #one = Buffer.allocUnsafeSlow(EVENT_BYTES);
  readonly #oneAddress: number;
  readonly #oneView: DataView;
  /** Where a byte is looked at that stays unread: whoever is served may still need the chunk. */
  readonly #aside = Buffer.allocUnsafeSlow(8);
  readonly #asideAddress: number;
  readonly #waking: Waking;
  #count = 0;
  #generation = 0;
  #isClosed = false;

  /** @throws Error when the kernel gives no descriptor for it. */
  constructor(libc: Libc, rounds: Rounds) {
    this.libc = libc;
    this.#rounds = rounds;
    this.chunkAddress = libc.addressOf(this.chunk);
    this.#asideAddress = libc.addressOf(this.#aside);
    this.#eventsAddress = libc.addressOf(this.#events);
    this.#view = viewOf(this.#events);
    this.#oneAddress = libc.addressOf(this.#one);
    this.#oneView = viewOf(this.#one);
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemError("epoll_create1", libc.errno());
    this.#waking = libc.wake(this.#epoll, () => this.#wokenUp());
    this.#waking.unref();
  }

  /** Descriptors it looks after. */
  get size(): number {
    return this.#count;
  }

  /**
   * Takes a descriptor over: from here on it is closed by {@link close} only.
   *
   * @returns false when the kernel refuses; then it is the caller's still.
   */
  add(owner: Polled, events: number): boolean {
    this.#generation = (this.#generation + 1) | 0;
    owner.generation = this.#generation;
    if (this.#control(EPOLL_CTL_ADD, owner, events) < 0) return false;
    this.#owners[owner.fd] = owner;
    this.#count += 1;
    if (this.#count === 1) this.#waking.ref(); // a socket keeps the process alive, as Node's do
    return true;
  }

  /** Whether a socket is broken, or its peer sends no more and all that it has sent was received. */
  hasEnded(fd: number): boolean {
    const { libc } = this;
    const count = libc.recv(fd, this.#asideAddress, 1, MSG_PEEK | MSG_DONTWAIT);
    return count === 0 || (count < 0 && libc.errno() !== EAGAIN);
  }

  /** Asks for other events. */
  watch(owner: Polled, events: number): void {
    this.#checkOwner(owner);
    this.#control(EPOLL_CTL_MOD, owner, events);
  }

  /** Closes its descriptor. Nobody else ever does, so no number can mean somebody else's socket. */
  close(owner: Polled): void {
    this.#checkOwner(owner);
    const { fd } = owner;
    this.#owners[fd] = undefined;
    this.#count -= 1;
    owner.fd = -1;
    // A child that was started by other means may still hold the socket: epoll would report it for ever.
    this.#oneView.setInt32(DATA_AT, fd, true);
    this.libc.epollControl(this.#epoll, EPOLL_CTL_DEL, fd, this.#oneAddress);
    this.libc.close(fd);
    if (this.#count === 0) {
      this.#waking.unref();
      if (this.#isClosed) this.#release();
    }
  }

  /** Releases its own descriptor as soon as it looks after nobody. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#count === 0) this.#release();
  }

  #release(): void {
    this.#waking.close();
    this.libc.close(this.#epoll);
  }

  #control(operation: number, owner: Polled, events: number): number {
    const view = this.#oneView;
    view.setUint32(0, events, true);
    view.setInt32(DATA_AT, owner.fd, true);
    view.setInt32(DATA_AT + 4, owner.generation, true);
    return this.libc.epollControl(this.#epoll, operation, owner.fd, this.#oneAddress);
  }

  /** A bug that would touch somebody else's socket ends here. One load and two compares. */
  #checkOwner(owner: Polled): void {
    if (owner.fd >= 0 && this.#owners[owner.fd] === owner) return;
    throw new Error(`descriptor ${owner.fd} belongs to somebody else`);
  }

  /** Nothing may be thrown out of here: nobody would hear of it. */
  #wokenUp(): void {
    for (let round = 0; round < ROUNDS_MAX && !this.#isReleased(); round += 1) {
      const count = this.libc.epollWait(this.#epoll, this.#eventsAddress, EVENTS_MAX, 0);
      if (count <= 0) return; // interrupted by a signal: it wakes us again
      try {
        this.#rounds.begin();
        this.#dispatch(count);
        this.#rounds.end();
      } catch (error) {
        this.#rounds.error(error);
      }
      if (count < BUSY_FROM) return;
    }
  }

  #isReleased(): boolean {
    return this.#isClosed && this.#count === 0;
  }

  /** Those that are gone come last: to close a socket costs as much as fifty messages. [T6] */
  #dispatch(count: number): void {
    const view = this.#view;
    const end = count * EVENT_BYTES;
    let goneCount = 0;
    for (let at = 0; at < end; at += EVENT_BYTES) {
      const events = view.getUint32(at, true);
      if ((events & GONE) === 0) this.#tell(at, events);
      else goneCount += 1;
    }
    if (goneCount > 0) this.#tellGone(end);
  }

  /** As many as the round has time for. The kernel tells again of the others, in their turn. */
  #tellGone(end: number): void {
    let told = 0;
    for (let at = 0; at < end; at += EVENT_BYTES) {
      const events = this.#view.getUint32(at, true);
      if ((events & GONE) === 0) continue;
      if (told >= GONE_LEAST && this.#rounds.isOver()) return;
      told += 1;
      this.#tell(at, events);
    }
  }

  #tell(at: number, events: number): void {
    const view = this.#view;
    const owner = this.#owners[view.getInt32(at + DATA_AT, true)];
    // Closed by an event before this one, and its number may be somebody else's by now.
    if (owner === undefined || owner.generation !== view.getInt32(at + DATA_AT + 4, true)) return;
    try {
      owner.ready(events);
    } catch (error) {
      this.#rounds.error(error);
      if (owner.fd >= 0) owner.broken();
    }
  }
}

/** What is received at once: as much as Node's sockets take. */
const CHUNK_BYTES = 64 * 1024;

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
