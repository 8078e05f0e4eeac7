/** How the value of a line is read. */
export type ValueKind = "bool" | "int" | "text" | "word" | "words" | "age";

/** Whose setting it is: of the server, of the listener above it, or of both (`per_listener_settings`). */
export type Scope = "server" | "listener" | "security";

/** What a line of a `mosquitto.conf` may say. */
export interface Directive {
  readonly scope: Scope;
  readonly kind: ValueKind;
  /** Bounds of a number; Mosquitto does not start with another one. */
  readonly least?: number;
  readonly most?: number;
  /** Words there may be. */
  readonly words?: readonly string[];
  /** Why it has no counterpart, and what to do; `undefined`: it has one. */
  readonly note?: string;
  /** The value at which there is nothing to say about it. */
  readonly plain?: boolean | number;
  /** Without it others would get in, or see more, than before: what it is about cannot be opened. */
  readonly isDoor?: true;
}

const OWN_TLS = "this server takes what Node takes: TLS 1.2 and 1.3 with sound ciphers";
const NOT_NEEDED = "not needed here";
const FIVE = "it is about MQTT 5 clients, which this server does not serve";

/** A setting that has a counterpart, or one that is looked at further on. */
const has = (scope: Scope, kind: ValueKind, more: Partial<Directive> = {}): Directive => ({
  scope,
  kind,
  ...more,
});

/** One that has none. */
const lacks = (
  scope: Scope,
  kind: ValueKind,
  note: string,
  more: Partial<Directive> = {},
): Directive => ({ scope, kind, note, ...more });

const DOOR = { isDoor: true } as const;

/** Every directive of Mosquitto 2.0 but those of bridges and plugins. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  // Where clients connect.
  max_connections: has("listener", "int"),
  protocol: has("listener", "word", { words: ["mqtt", "websockets"] }),
  socket_domain: has("listener", "word", { words: ["ipv4", "ipv6"] }),
  bind_interface: lacks("listener", "text", "write the address of that interface as host", DOOR),
  mount_point: lacks("listener", "text", "topics are the same for all listeners", DOOR),
  max_qos: lacks("listener", "int", "QoS 2 is always granted", { least: 0, most: 2, plain: 2 }),
  max_topic_alias: lacks("listener", "int", FIVE),
  http_dir: lacks("listener", "text", "this server serves no files"),
  use_username_as_clientid: lacks(
    "listener",
    "bool",
    "client identifiers stay as clients choose them",
    { plain: false, ...DOOR },
  ),

  // TLS.
  certfile: has("listener", "text"),
  keyfile: has("listener", "text"),
  cafile: has("listener", "text"),
  capath: has("listener", "text"),
  crlfile: has("listener", "text"),
  require_certificate: has("listener", "bool"),
  use_identity_as_username: has("listener", "bool"),
  use_subject_as_username: lacks(
    "listener",
    "bool",
    "a user name is one name of a certificate, not its whole subject",
    { plain: false, ...DOOR },
  ),
  tls_version: has("listener", "text"),
  ciphers: lacks("listener", "text", OWN_TLS),
  "ciphers_tls1.3": lacks("listener", "text", OWN_TLS),
  dhparamfile: lacks("listener", "text", `${NOT_NEEDED}: ${OWN_TLS}`),
  tls_engine: lacks("listener", "text", "keys are read from files", DOOR),
  tls_engine_kpass_sha1: lacks("listener", "text", "keys are read from files", DOOR),
  tls_keyform: lacks("listener", "text", "keys are read from files in PEM"),
  psk_hint: lacks("listener", "text", "TLS is spoken with certificates only", DOOR),

  // Who may connect, and who may do what.
  allow_anonymous: has("security", "bool"),
  password_file: has("security", "text"),
  acl_file: has("security", "text"),
  psk_file: lacks("security", "text", "TLS is spoken with certificates only"),
  allow_zero_length_clientid: lacks(
    "security",
    "bool",
    "a client without an identifier gets a random one",
    { plain: true },
  ),
  auto_id_prefix: lacks("security", "text", "identifiers that the server gives are random UUIDs"),
  clientid_prefixes: lacks("server", "text", "identifiers have no such rule", DOOR),

  // What clients may grow.
  max_packet_size: has("server", "int", { least: 20 }),
  message_size_limit: has("server", "int", { least: 0, most: 268_435_455 }),
  max_inflight_messages: has("server", "int", { most: 65_535 }),
  max_queued_messages: has("server", "int"),
  max_queued_bytes: has("server", "int"),
  persistent_client_expiration: has("server", "age"),
  max_inflight_bytes: lacks("server", "int", "messages in flight are counted, not their bytes", {
    plain: 0,
  }),
  max_keepalive: lacks("server", "int", FIVE, { least: 10, most: 65_535 }),
  memory_limit: lacks(
    "server",
    "int",
    "limits.memoryPercentMax is a percentage of what the machine allows",
    { plain: 0 },
  ),
  queue_qos0_messages: lacks("server", "bool", "QoS 0 is never kept for clients that are offline", {
    plain: false,
  }),
  retain_available: has("server", "bool"),
  upgrade_outgoing_qos: lacks("server", "bool", "MQTT 3.1.1 forbids it", { plain: false }),
  check_retain_source: has("security", "bool"),
  allow_duplicate_messages: lacks(
    "server",
    "bool",
    "a client gets a message once, at the best QoS of its subscriptions",
    { plain: false },
  ),

  // What is kept.
  persistence: has("server", "bool"),
  persistence_location: has("server", "text"),
  persistence_file: lacks("server", "text", "what it holds is not taken over"),
  autosave_interval: lacks("server", "int", `${NOT_NEEDED}: what is acknowledged is on disk`),
  autosave_on_changes: lacks("server", "bool", `${NOT_NEEDED}: what is acknowledged is on disk`),

  // What is told.
  sys_interval: has("server", "int", { least: 0, most: 65_535 }),
  log_type: has("server", "words", {
    words: [
      ...["debug", "error", "warning", "notice", "information", "none", "subscribe"],
      ...["unsubscribe", "websockets", "internal", "all"],
    ],
  }),
  log_dest: has("server", "words", {
    words: ["stdout", "stderr", "syslog", "topic", "file", "dlt", "none"],
  }),
  connection_messages: lacks("server", "bool", "connects and disconnects are in log.level info", {
    plain: true,
  }),
  log_facility: lacks("server", "int", "the log goes to standard error"),
  log_timestamp: lacks("server", "bool", "every line has its time", { plain: true }),
  log_timestamp_format: lacks("server", "text", "times are as log.format says"),
  websockets_log_level: lacks("server", "int", `${NOT_NEEDED}: there is one log`),

  // The process.
  user: lacks("server", "text", "start it as that user, as packaging/beeline.service does"),
  pid_file: lacks("server", "text", "whoever starts it knows its process"),
  set_tcp_nodelay: lacks("server", "bool", "it is always set", { plain: true }),
  websockets_headers_size: lacks("server", "int", `${NOT_NEEDED}: Node has a limit of its own`),
  retry_interval: lacks("server", "text", `${NOT_NEEDED}: MQTT 3.1.1 resends on connect only`),
};

/** Other names of the same. */
export const ALIASES: Readonly<Record<string, string>> = {
  maximum_qos: "max_qos",
  retained_persistence: "persistence",
  plugin: "auth_plugin",
};

/** What a bridge may be told; each belongs to the `connection` above it. */
export const BRIDGE_DIRECTIVES: readonly string[] = [
  ...["address", "addresses", "bridge_attempt_unsubscribe", "bridge_bind_address", "bridge_cafile"],
  ...["bridge_capath", "bridge_certfile", "bridge_identity", "bridge_insecure", "bridge_keyfile"],
  ...["bridge_alpn", "bridge_require_ocsp", "bridge_max_packet_size", "bridge_outgoing_retain"],
  ...["bridge_protocol_version", "bridge_psk", "bridge_tls_version", "cleansession"],
  ...["local_cleansession", "clientid", "remote_clientid", "local_clientid", "local_password"],
  ...["local_username", "idle_timeout", "keepalive_interval", "notifications"],
  ...["notifications_local_only", "notification_topic", "password", "remote_password"],
  ...["restart_timeout", "round_robin", "start_type", "threshold", "topic", "try_private"],
  ...["username", "remote_username"],
];
