import { type Libc, loadLibc } from "../../src/net/native/libc.js";

/**
 * The C library, with an account of the descriptors it gave: a call with one that is closed, or was
 * never given, throws. Such a call would reach whatever socket of the process has its number next.
 */
export class CheckedLibc {
  readonly calls: Libc;
  readonly open = new Set<number>();
  /** Calls with a descriptor that was not ours: also kept here, for code that catches. */
  readonly faults: string[] = [];
  /** What `accept` and `send` fail with next, oldest first. */
  readonly acceptErrors: number[] = [];
  readonly sendErrors: number[] = [];
  #errno: number | undefined;

  constructor(libc: Libc = loadLibc()) {
    const given = (fd: number): number => {
      if (fd >= 0) this.open.add(fd);
      return fd;
    };
    const failing = (errors: number[]): boolean => {
      this.#errno = errors.shift();
      return this.#errno !== undefined;
    };
    this.calls = {
      ...libc,
      errno: () => {
        const errno = this.#errno ?? libc.errno();
        this.#errno = undefined;
        return errno;
      },
      recv: (fd, ...rest) => libc.recv(this.#own("recv", fd), ...rest),
      send: (fd, ...rest) =>
        failing(this.sendErrors) ? -1 : libc.send(this.#own("send", fd), ...rest),
      shutdown: (fd, how) => libc.shutdown(this.#own("shutdown", fd), how),
      epollCreate: (flags) => given(libc.epollCreate(flags)),
      epollControl: (epoll, operation, fd, address) =>
        libc.epollControl(
          this.#own("epoll_ctl", epoll),
          operation,
          this.#own("epoll_ctl", fd),
          address,
        ),
      epollWait: (fd, ...rest) => libc.epollWait(this.#own("epoll_wait", fd), ...rest),
      socket: (...asked) => given(libc.socket(...asked)),
      listen: (fd, backlog) => libc.listen(this.#own("listen", fd), backlog),
      bind: (fd, ...rest) => libc.bind(this.#own("bind", fd), ...rest),
      accept: (fd, ...rest) =>
        failing(this.acceptErrors) ? -1 : given(libc.accept(this.#own("accept4", fd), ...rest)),
      peerName: (fd, ...rest) => libc.peerName(this.#own("getpeername", fd), ...rest),
      socketName: (fd, ...rest) => libc.socketName(this.#own("getsockname", fd), ...rest),
      setOption: (fd, ...rest) => libc.setOption(this.#own("setsockopt", fd), ...rest),
      close: (fd) => {
        this.#own("close", fd);
        this.open.delete(fd);
        return libc.close(fd);
      },
    };
  }

  #own(call: string, fd: number): number {
    if (this.open.has(fd)) return fd;
    this.faults.push(`${call}(${fd})`);
    throw new Error(`${call} with descriptor ${fd}, which is not open`);
  }
}
