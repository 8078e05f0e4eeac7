import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

/**
 * The calls of the C library that the native transport makes. Each returns what the C function
 * returns: -1 and {@link errno} when it failed. Addresses in memory are plain numbers, for blocks
 * that the caller keeps alive until the call is over; that costs a tenth less than handing over the
 * block itself.
 */
export interface Libc {
  recv(fd: number, address: number, byteCount: number, flags: number): number;
  send(fd: number, bytes: Uint8Array, byteCount: number, flags: number): number;
  close(fd: number): number;
  shutdown(fd: number, how: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, address: number): number;
  epollWait(epoll: number, address: number, eventsMax: number, timeoutMs: number): number;
  socket(family: number, type: number, protocol: number): number;
  socketPair(family: number, type: number, protocol: number, two: Int32Array): number;
  bind(fd: number, address: Uint8Array, byteCount: number): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, address: number, byteCount: number, flags: number): number;
  peerName(fd: number, address: Uint8Array, byteCount: Uint32Array): number;
  socketName(fd: number, address: Uint8Array, byteCount: Uint32Array): number;
  setOption(fd: number, level: number, name: number, value: Int32Array, byteCount: number): number;
  getOption(
    fd: number,
    level: number,
    name: number,
    value: Int32Array,
    byteCount: Uint32Array,
  ): number;
  /** The error number of the last call that failed. */
  errno(): number;
  /** Where a block lies. It must have memory of its own, as `Buffer.allocUnsafeSlow` gives. */
  addressOf(bytes: Uint8Array): number;
  /** Calls back whenever the descriptor is readable, in a turn of Node's event loop of its own. */
  wake(fd: number, onReadable: () => void): Waking;
}

/** Kept by whoever wants to be woken: when nobody refers to it, it may end by itself. */
export interface Waking {
  close(): void;
  /** Whether it keeps the process alive. */
  ref(): void;
  unref(): void;
}

/** A function of C, called here or in a thread of its own. */
interface Native {
  (...values: never[]): number;
  async(padBytes: number, done: (error: Error | null) => void): void;
}

/** What is used of the package `koffi`. */
interface Koffi {
  load(path: string | null): { func(definition: string): Native };
  address(bytes: Uint8Array): bigint;
  errno(): number;
  readonly node: { poll(fd: number, onReadable: () => void): Waking };
}

/** Processors whose layout of `struct epoll_event` the poller knows. */
const PROCESSORS = ["x64", "arm64"];

let loaded: Libc | undefined;

/**
 * The C library, by way of the optional package `koffi`. This file is the only one that knows it.
 *
 * @throws Error that says why there is none: another system, a worker thread, no `koffi`.
 */
export function loadLibc(): Libc {
  if (process.platform !== "linux" || !PROCESSORS.includes(process.arch)) {
    throw new Error(`it is for Linux on ${PROCESSORS.join(" and ")} only`);
  }
  // A thread that is ended while it is woken this way takes the process with it.
  if (!isMainThread) throw new Error("it works in the main thread only");
  loaded ??= bound(requireKoffi());
  return loaded;
}

/**
 * What gives freed memory back to the system, in a thread of its own; `undefined` where there is no such
 * thing: another C library than glibc, no `koffi`.
 */
export function loadTrim(): (() => Promise<void>) | undefined {
  let trim: Native;
  try {
    trim = requireKoffi().load(null).func("int malloc_trim(size_t)");
  } catch {
    return undefined;
  }
  return () =>
    new Promise((resolve, reject) => {
      trim.async(0, (error) => (error === null ? resolve() : reject(error)));
    });
}

function requireKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch (error) {
    const [line] = String((error as Error).message).split("\n");
    throw new Error(`the optional package koffi cannot be loaded (${line})`);
  }
}

function bound(koffi: Koffi): Libc {
  // What this process is linked with: glibc or musl, whatever its file is called.
  const library = koffi.load(null);
  const func = <F>(definition: string): F => library.func(definition) as F;
  return {
    recv: func("intptr_t recv(int, uintptr_t, size_t, int)"),
    send: func("intptr_t send(int, void *, size_t, int)"),
    close: func("int close(int)"),
    shutdown: func("int shutdown(int, int)"),
    epollCreate: func("int epoll_create1(int)"),
    epollControl: func("int epoll_ctl(int, int, int, uintptr_t)"),
    epollWait: func("int epoll_wait(int, uintptr_t, int, int)"),
    socket: func("int socket(int, int, int)"),
    socketPair: func("int socketpair(int, int, int, void *)"),
    bind: func("int bind(int, void *, uint32_t)"),
    listen: func("int listen(int, int)"),
    accept: func("int accept4(int, uintptr_t, uintptr_t, int)"),
    peerName: func("int getpeername(int, void *, void *)"),
    socketName: func("int getsockname(int, void *, void *)"),
    setOption: func("int setsockopt(int, int, int, void *, uint32_t)"),
    getOption: func("int getsockopt(int, int, int, void *, void *)"),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    wake: (fd, onReadable) => koffi.node.poll(fd, onReadable),
  };
}
