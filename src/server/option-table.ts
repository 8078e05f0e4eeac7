import { CREDENTIALS_ROW } from "../auth/credential-options.js";
import {
  CERTIFICATE_ROW,
  CLIENT_CERTIFICATE_ROWS,
  KEY_ROW,
  listenersRow,
  TRANSPORTS,
  WEB_SOCKET_LISTENER_ROWS,
} from "../library/listener-rows.js";
import { isFileName, isHost } from "../library/listener-values.js";
import {
  choice,
  frozen,
  type Given,
  isSimple,
  type NumberRow,
  onOff,
  type Row,
  type Rows,
  type SimpleRow,
  text,
  wholeNumber,
} from "../options/row.js";
import { POINT_TO_POINT_ROWS, PROTOCOL_ROWS } from "../ports/choices.js";
import { LIMIT_ROWS } from "../ports/limits.js";
import { ADMIN_ROWS } from "./admin-rows.js";
import { CLUSTER_ROWS } from "./cluster-rows.js";
import { LOG_FORMATS, LOG_LEVELS } from "./log-config.js";
import { namesOf, type OptionNames } from "./option-names.js";
import { LISTENER_RULES_ROWS, PERMISSIONS_ROWS } from "./permissions-rows.js";
import { PRESENCE_ROWS } from "./presence-rows.js";
import { REPLICA_ROWS } from "./replica-rows.js";
import { ROCKETMQ_ROWS } from "./rocketmq-rows.js";

const CREDENTIALS_ROWS = frozen({
  /** The first entry of {@link credentials}, where nothing else is needed. */
  passwordFile: text({
    default: undefined,
    unset: "none",
    holds: "file",
    allowed: "names of a file",
    isAllowed: (path) => path !== "" && !path.includes("\0"),
    isPath: true,
    about:
      "File with a line user:hash for each user who may connect, as beeline passwd or mosquitto_passwd write it.",
  }),
  credentials: CREDENTIALS_ROW,
});

export const SERVER_ROWS = frozen({
  host: text({
    default: "127.0.0.1",
    holds: "address",
    allowed: "addresses and host names",
    isAllowed: isHost,
    about: "Address to listen on; localhost stands for 127.0.0.1 and ::1.",
  }),
  port: wholeNumber({
    unit: "number",
    default: 1883,
    least: 0,
    most: 65_535,
    about: "TCP port for MQTT; 0 takes any free one.",
  }),
  transport: choice({
    values: TRANSPORTS,
    default: "auto",
    about:
      "What carries plain TCP. net: Node's sockets. native: the kernel's, with less CPU and memory; on Linux only. auto: native where that works.",
  }),
  allowAnonymous: onOff({
    default: false,
    about:
      "Let clients connect that bring no user name and no password. Without credentials this is " +
      "needed to listen on an address that other machines can reach.",
  }),
  sysIntervalSeconds: wholeNumber({
    unit: "s",
    default: 10,
    least: 0,
    most: 86_400,
    about: "How often the $SYS/broker topics are published; 0: never.",
  }),
});

const WEB_SOCKET_ROWS = frozen({
  port: portRow("no WebSocket", "Port for MQTT over WebSocket; 0 takes any free one."),
  ...WEB_SOCKET_LISTENER_ROWS,
});

const SECURE_WEB_SOCKET_ROWS = frozen({
  port: portRow(
    "no WebSocket over TLS",
    "Port for MQTT over WebSocket and TLS, with the certificate of --tls-cert; 0 takes any free one.",
  ),
});

const { clientCertificate, ca } = CLIENT_CERTIFICATE_ROWS;

export const TLS_ROWS = frozen({
  port: portRow("no TLS", "Port for MQTT over TLS; 0 takes any free one."),
  cert: CERTIFICATE_ROW,
  key: KEY_ROW,
  ca,
  clientCert: clientCertificate,
});

const LISTENER_LIST_ROWS = frozen({
  unix: text({
    default: undefined,
    unset: "no socket file",
    holds: "file",
    allowed: "names of a file",
    isAllowed: isFileName,
    isPath: true,
    about: "Socket file for MQTT from this machine.",
  }),
  listeners: listenersRow(LISTENER_RULES_ROWS),
});

export const STORE_ROWS = frozen({
  dataDir: text({
    default: "beeline-data",
    holds: "folder",
    allowed: "names of a folder",
    isAllowed: (path) => path !== "" && !path.includes("\0"),
    isPath: true,
    about: "Folder for sessions, waiting messages and retained messages. Made if it is missing.",
  }),
  memory: onOff({
    default: false,
    about: "Keep nothing on disk: all state is lost when the server ends.",
  }),
  durability: choice({
    values: ["sync", "fast"],
    default: "sync",
    about:
      "What an acknowledged message survives. sync: a power cut. fast: a crash of the server only.",
  }),
  groupMs: wholeNumber({
    unit: "ms",
    default: 1,
    most: 1_000,
    about: "How long writes are collected before they go to disk together.",
  }),
  moveDamagedStore: onOff({
    default: false,
    about: "If the data folder is damaged, move it aside and start with an empty one.",
  }),
});

export const LOG_ROWS = frozen({
  level: choice({
    values: LOG_LEVELS,
    default: "info",
    about: "How much is logged, to standard error: each level includes those before it.",
    live: true,
  }),
  format: choice({
    values: LOG_FORMATS,
    default: undefined,
    unset: "text on a terminal, json elsewhere",
    about: "Form of a line. json: an object, for programs. text: for people.",
  }),
});

/** One part of the table, under a heading of the help. */
interface Group {
  readonly heading: string;
  /** What the path of its options begins with; `""`: they stand alone. */
  readonly name: string;
  readonly rows: Rows;
  /** Whether `createBroker` takes the same options. */
  readonly isLibrary: boolean;
}

const GROUPS: readonly Group[] = [
  { heading: "Server", name: "", rows: SERVER_ROWS, isLibrary: false },
  { heading: "Credentials", name: "", rows: CREDENTIALS_ROWS, isLibrary: false },
  { heading: "Permissions", name: "permissions", rows: PERMISSIONS_ROWS, isLibrary: false },
  { heading: "WebSocket", name: "webSocket", rows: WEB_SOCKET_ROWS, isLibrary: false },
  { heading: "TLS", name: "tls", rows: TLS_ROWS, isLibrary: false },
  { heading: "TLS", name: "secureWebSocket", rows: SECURE_WEB_SOCKET_ROWS, isLibrary: false },
  { heading: "Listeners", name: "", rows: LISTENER_LIST_ROWS, isLibrary: false },
  { heading: "Health and metrics", name: "admin", rows: ADMIN_ROWS, isLibrary: false },
  { heading: "Presence", name: "presence", rows: PRESENCE_ROWS, isLibrary: false },
  { heading: "Cluster", name: "cluster", rows: CLUSTER_ROWS, isLibrary: false },
  { heading: "RocketMQ", name: "rocketmq", rows: ROCKETMQ_ROWS, isLibrary: false },
  { heading: "State", name: "store", rows: STORE_ROWS, isLibrary: false },
  { heading: "Replica", name: "replica", rows: REPLICA_ROWS, isLibrary: false },
  { heading: "Point-to-point", name: "pointToPoint", rows: POINT_TO_POINT_ROWS, isLibrary: true },
  { heading: "Protocol", name: "", rows: PROTOCOL_ROWS, isLibrary: true },
  { heading: "Limits", name: "limits", rows: LIMIT_ROWS, isLibrary: true },
  { heading: "Log", name: "log", rows: LOG_ROWS, isLibrary: false },
];

/**
 * One option of the server, as the table has it. A group or a list of groups has no flag, nor has a
 * secret: everybody on the machine can read the arguments of a process.
 */
export interface ServerOption extends Omit<OptionNames, "flag"> {
  readonly flag: string | undefined;
  readonly group: string;
  readonly name: string;
  readonly heading: string;
  readonly isLibrary: boolean;
  readonly row: Row;
}

/**
 * Every option of the server, once. From it come the flags with their help, docs/options.md, and
 * what `createBroker` takes where that is the same. Nobody can change it.
 */
export const OPTIONS: readonly ServerOption[] = Object.freeze(
  GROUPS.flatMap(({ name: group, rows, heading, isLibrary }) =>
    Object.entries(rows).map(([name, row]) => {
      const { path, variable, flag } = namesOf(group, name);
      const names = { path, variable, flag: hasFlag(row) ? flag : undefined };
      return Object.freeze({ ...names, group, name, heading, isLibrary, row });
    }),
  ),
);

function hasFlag(row: Row): boolean {
  return isSimple(row) && !row.secret;
}

/** An option that a flag can give: one plain value. */
export interface FlagOption extends ServerOption {
  readonly flag: string;
  readonly row: SimpleRow;
}

/** Those of {@link OPTIONS} that have a flag. */
export const FLAG_OPTIONS: readonly FlagOption[] = Object.freeze(
  OPTIONS.filter((option): option is FlagOption => option.flag !== undefined),
);

/** What somebody asked for, option by option; what is missing has its default. */
export interface GivenOptions
  extends Given<typeof SERVER_ROWS>,
    Given<typeof LISTENER_LIST_ROWS>,
    Given<typeof CREDENTIALS_ROWS>,
    Given<typeof PROTOCOL_ROWS> {
  readonly permissions?: Given<typeof PERMISSIONS_ROWS>;
  readonly webSocket?: Given<typeof WEB_SOCKET_ROWS>;
  readonly tls?: Given<typeof TLS_ROWS>;
  readonly secureWebSocket?: Given<typeof SECURE_WEB_SOCKET_ROWS>;
  readonly admin?: Given<typeof ADMIN_ROWS>;
  readonly presence?: Given<typeof PRESENCE_ROWS>;
  readonly cluster?: Given<typeof CLUSTER_ROWS>;
  readonly rocketmq?: Given<typeof ROCKETMQ_ROWS>;
  readonly store?: Given<typeof STORE_ROWS>;
  readonly replica?: Given<typeof REPLICA_ROWS>;
  readonly pointToPoint?: Given<typeof POINT_TO_POINT_ROWS>;
  readonly limits?: Given<typeof LIMIT_ROWS>;
  readonly log?: Given<typeof LOG_ROWS>;
}

/** Values by path as one object: `limits.heldMax` becomes `{ limits: { heldMax } }`. */
export function nested(values: ReadonlyMap<ServerOption, unknown>): GivenOptions {
  const whole: Record<string, unknown> = {};
  for (const [{ group, name }, value] of values) {
    if (group === "") {
      whole[name] = value;
    } else {
      whole[group] = { ...(whole[group] as object | undefined), [name]: value };
    }
  }
  return whole; // the names are those of the rows, and whoever read the values checked them
}

function portRow(unset: string, about: string): NumberRow {
  return wholeNumber({ unit: "number", default: undefined, unset, least: 0, most: 65_535, about });
}
