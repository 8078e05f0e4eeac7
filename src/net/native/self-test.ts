import { AF_UNIX, EPOLLIN, MSG_DONTWAIT, MSG_NOSIGNAL, STREAM } from "./constants.js";
import type { Libc } from "./libc.js";
import { type Polled, Poller } from "./poller.js";
import { systemError } from "./system-error.js";

/** A working machine needs less than a millisecond. */
const WAIT_MS = 2_000;
const QUESTION = Uint8Array.of(0xbe, 0xe1, 0x1e);

/**
 * Sends three bytes through a pair of sockets and a poller, and looks whether they come out: whether
 * the calls, the layouts and the wake-up are on this machine what they are on ours.
 *
 * @throws Error that says what did not work.
 */
export async function testOnce(libc: Libc): Promise<void> {
  const two = new Int32Array(2);
  if (libc.socketPair(AF_UNIX, STREAM, 0, two) < 0) throw systemError("socketpair", libc.errno());
  const [near, far] = two as unknown as [number, number];
  try {
    await received(libc, near, far);
  } finally {
    libc.close(near);
  }
}

/** Closes `far`. */
async function received(libc: Libc, near: number, far: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let end: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => reject(new Error("the kernel did not wake us"));
      // When the process was busy all the time, the wake-up is next.
      timer = setTimeout(() => setImmediate(giveUp), WAIT_MS);
      const poller = new Poller(libc, {
        ...{ begin: nothing, end: nothing, error: reject },
        isOver: () => false,
      });
      const owner: Polled = {
        fd: far,
        generation: 0,
        broken: nothing,
        ready() {
          const count = libc.recv(far, poller.chunkAddress, poller.chunk.length, MSG_DONTWAIT);
          if (count === QUESTION.length && poller.chunk.subarray(0, count).equals(QUESTION)) {
            // Promises must go on after a wake-up, without waiting for something else to happen.
            queueMicrotask(resolve);
          } else reject(new Error(`${count} bytes came of the ${QUESTION.length} that were sent`));
        },
      };
      end = () => {
        if (owner.fd >= 0) poller.close(owner);
        poller.end();
      };
      if (!poller.add(owner, EPOLLIN)) {
        libc.close(far);
        owner.fd = -1;
        throw systemError("epoll_ctl", libc.errno());
      }
      const sent = libc.send(near, QUESTION, QUESTION.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent !== QUESTION.length) throw systemError("send", libc.errno());
    });
  } finally {
    clearTimeout(timer);
    end?.();
  }
}

function nothing(): void {}
