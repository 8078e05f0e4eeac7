/** Numbers of Linux, the same on every processor we support. */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC: nobody we start inherits a socket. */
export const STREAM = 0x1 | 0x800 | 0x8_0000;
/** For `accept4`: SOCK_NONBLOCK and SOCK_CLOEXEC. */
export const ACCEPT_FLAGS = 0x800 | 0x8_0000;
export const EPOLL_CLOEXEC = 0x8_0000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_KEEPALIVE = 9;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

/** What is received stays there. */
export const MSG_PEEK = 0x02;
/** Never waits. */
export const MSG_DONTWAIT = 0x40;
/** An error instead of a signal when the peer is gone. */
export const MSG_NOSIGNAL = 0x4000;
/** More follows at once: no segment for this alone. */
export const MSG_MORE = 0x8000;

export const SHUT_WR = 1;

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
/** The peer sends no more. */
export const EPOLLRDHUP = 0x2000;

export const EAGAIN = 11;
/** No descriptor, no memory left: asking again at once would say the same. */
export const OUT_OF_RESOURCES: readonly number[] = [12, 23, 24, 105];
