import {
  choice,
  frozen,
  group,
  items,
  list,
  type NumberRow,
  type Rows,
  required,
  text,
  union,
  type ValueOf,
  wholeNumber,
} from "../options/row.js";
import { isFileName, isHost, isOctalMode, isOrigin, isProxyAddress } from "./listener-values.js";

/** What every listener may be told, whatever it speaks. */
const COMMON_ROWS = frozen({
  name: text({
    default: undefined,
    unset: "its URL",
    holds: "name",
    allowed: "names of 1 to 64 letters, digits, dots, dashes and underscores",
    isAllowed: (name) => /^[\w.-]{1,64}$/.test(name),
    about: "What this listener is called in the log, in hooks and events.",
  }),
  anonymous: choice({
    values: ["ask", "accept", "refuse"],
    default: "ask",
    about:
      "What becomes of clients that show neither a user name nor a certificate. ask: the check of credentials decides.",
  }),
  proxyProtocol: list({
    default: undefined,
    unset: "nobody may",
    holds: "addresses",
    allowed: "addresses and networks like 10.0.0.7, 10.0.0.0/8 or fd00::/8, and unix",
    isAllowed: isProxyAddress,
    about:
      "Proxies that must tell by a PROXY header, version 1 or 2, whom they speak for. From anybody else such a header is refused.",
  }),
  connectionsMax: count("as many as limits.connectionsMax allows", {
    about: "Most connections of this listener at once. Further ones are closed.",
  }),
  connectionsPerAddressMax: count("as limits.connectionsPerAddressMax says", {
    about: "Most connections of this listener from one address at once. Further ones are closed.",
  }),
  connectsPerSecondMax: count("as limits.connectsPerSecondMax says", {
    about:
      "Most new connections of this listener from one address a second, on average. Further ones are closed.",
  }),
});

/** What may carry plain TCP. */
export const TRANSPORTS = ["auto", "net", "native"] as const;
export type TransportChoice = (typeof TRANSPORTS)[number];

/** Where a listener listens, except for a socket file. */
const addressRows = (standardPort: number) =>
  frozen({
    host: text({
      default: "127.0.0.1",
      holds: "address",
      allowed: "addresses and host names",
      isAllowed: isHost,
      about: "Address to listen on; localhost stands for 127.0.0.1 and ::1.",
    }),
    port: wholeNumber({
      unit: "number",
      default: standardPort,
      least: 0,
      most: 65_535,
      about: "Port; 0 takes any free one.",
    }),
  });

export const CERTIFICATE_ROW = pemFile(
  "PEM file with the server's certificate, followed by those that sign it.",
);
export const KEY_ROW = pemFile(
  "PEM file with the private key of the certificate, without a password.",
);

/** What TLS asks of Clients. */
export const CLIENT_CERTIFICATE_ROWS = frozen({
  clientCertificate: choice({
    values: ["none", "optional", "required"],
    default: "none",
    about:
      "Whether clients show a certificate. optional: those without one may connect, too. A certificate that is not valid is refused.",
  }),
  ca: {
    ...pemFile("PEM file with the authorities whose client certificates are valid."),
    unset: "none; clients that show certificates need it",
  },
  crl: {
    ...pemFile("PEM file with the lists of revoked client certificates."),
    unset: "none",
  },
});

/** How TLS is spoken. */
const TLS_ROWS = frozen({
  cert: required(CERTIFICATE_ROW),
  key: required(KEY_ROW),
  certificates: items({
    unset: "none",
    about:
      "Further certificates. A client that names a host gets the one that is made out for it, else the first one.",
    of: group({
      about: "A certificate and its key.",
      rows: frozen({ cert: required(CERTIFICATE_ROW), key: required(KEY_ROW) }),
    }),
  }),
  ...CLIENT_CERTIFICATE_ROWS,
});

/** How MQTT over WebSocket is spoken. */
export const WEB_SOCKET_LISTENER_ROWS = frozen({
  path: text({
    default: undefined,
    unset: "every path",
    holds: "path",
    allowed: "paths that start with /",
    isAllowed: (path) => path.startsWith("/"),
    about: "The only WebSocket path that is served.",
  }),
  origins: list({
    default: undefined,
    unset: "all",
    holds: "origins",
    allowed: "origins like https://example.com",
    isAllowed: isOrigin,
    about: "Web sites whose pages may connect. Programs that are no browsers always may.",
  }),
});

const UNIX_ROWS = frozen({
  path: required(
    text({
      default: undefined,
      unset: "must be given",
      holds: "file",
      allowed: "names of a file",
      isAllowed: isFileName,
      isPath: true,
      about: "The socket file. One that a server has left behind is replaced.",
    }),
  ),
  mode: text({
    default: "660",
    holds: "mode",
    allowed: "three octal digits like 660, in quotes in a file",
    isAllowed: isOctalMode,
    about: "Who may connect, as the mode of the socket file.",
  }),
  owner: text({
    default: undefined,
    unset: "the user who runs the server",
    holds: "owner",
    allowed: "names or numbers of a user, a group or both: alice, alice:mqtt, :mqtt",
    isAllowed: (owner) => /^(?=.)[^:\s]*(:[^:\s]+)?$/.test(owner),
    about: "Whom the socket file belongs to. Giving it to another user takes root.",
  }),
});

const TCP_ROWS = frozen({
  transport: choice({
    values: TRANSPORTS,
    default: undefined,
    unset: "as --transport says; in a library net",
    about:
      "What carries TCP. net: Node's sockets. native: the kernel's, with less CPU and memory; on Linux only. auto: native where that works.",
  }),
});

/** Where Clients connect, each place with rules of its own. */
export const LISTENERS_ROW = listenersRow({});

/** The same, with what another part of the program may be told of each listener besides. */
export function listenersRow<R extends Rows>(own: R) {
  const common = { ...COMMON_ROWS, ...own };
  return items({
    unset: "as --port and the other flags for listeners say",
    about: "Where clients connect, each place with rules of its own.",
    of: union({
      about: "One place where clients connect.",
      tag: "type",
      variants: {
        tcp: {
          about: "MQTT over TCP.",
          rows: frozen({ ...addressRows(1883), ...TCP_ROWS, ...common }),
        },
        tls: {
          about: "MQTT over TLS, version 1.2 or 1.3.",
          rows: frozen({ ...addressRows(8883), ...TLS_ROWS, ...common }),
        },
        ws: {
          about: "MQTT over WebSocket.",
          rows: frozen({ ...addressRows(8083), ...WEB_SOCKET_LISTENER_ROWS, ...common }),
        },
        wss: {
          about: "MQTT over WebSocket and TLS.",
          rows: frozen({
            ...addressRows(8084),
            ...TLS_ROWS,
            ...WEB_SOCKET_LISTENER_ROWS,
            ...common,
          }),
        },
        unix: {
          about: "MQTT over a socket file of this machine.",
          rows: frozen({ ...UNIX_ROWS, ...common }),
        },
      },
    }),
  });
}

/** One place where Clients connect: what `listen` takes, and an item of `listeners` in a file. */
export type ListenerOptions = ValueOf<typeof LISTENERS_ROW>[number];
export type ListenerType = ListenerOptions["type"];

function count(unset: string, row: { readonly about: string }): NumberRow {
  return wholeNumber({ unit: "count", default: undefined, unset, live: true, ...row });
}

function pemFile(about: string) {
  return text({
    default: undefined,
    unset: "must be given",
    holds: "file",
    allowed: "names of a file",
    isAllowed: isFileName,
    isPath: true,
    about,
  });
}
