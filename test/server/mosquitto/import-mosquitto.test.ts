import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfigFile } from "../../../src/server/config/config-file.js";
import { DIRECTIVES } from "../../../src/server/mosquitto/directives.js";
import { importMosquitto } from "../../../src/server/mosquitto/import-mosquitto.js";
import { nested } from "../../../src/server/option-table.js";
import { serverConfigFrom } from "../../../src/server/server-config.js";
import { confFolder } from "./conf-folder.js";

const { write } = confFolder();
const imported = (...lines: string[]) => importMosquitto(write("m.conf", ...lines));
const HEAD = ["allow_anonymous true", "listener 8883", "certfile c", "keyfile k"];
const NO_COUNTERPART = /^m.conf:\d+: .* has no counterpart: ./;
const LEFT_OUT = /^m.conf:\d+: the listener at port 8883 is left out/;

/** Behind the head above, and a listener that stays: what a line becomes, or what is said of it. */
const CASES: readonly (readonly [line: string, becomes: object | RegExp | "nothing"])[] = [
  ["max_connections 3", { listeners: [{}, { connectionsMax: 3 }] }],
  ["protocol websockets", { listeners: [{}, { type: "wss" }] }],
  ["socket_domain ipv4", { listeners: [{}, { host: "0.0.0.0" }] }],
  ["bind_interface eth0", LEFT_OUT],
  ["mount_point a/", LEFT_OUT],
  ["max_qos 1", NO_COUNTERPART],
  ["maximum_qos 2", "nothing"],
  ["max_topic_alias 5", NO_COUNTERPART],
  ["http_dir /www", NO_COUNTERPART],
  ["use_username_as_clientid true", LEFT_OUT],
  ["cafile ca", "nothing"],
  ["capath d", "nothing"],
  ["crlfile l", "nothing"],
  ["require_certificate false", "nothing"],
  ["require_certificate true", LEFT_OUT],
  ["use_identity_as_username true", LEFT_OUT],
  ["use_subject_as_username true", LEFT_OUT],
  ["tls_version tlsv1.3", NO_COUNTERPART],
  ["ciphers HIGH", NO_COUNTERPART],
  ["ciphers_tls1.3 X", NO_COUNTERPART],
  ["dhparamfile d", NO_COUNTERPART],
  ["tls_engine e", LEFT_OUT],
  ["tls_engine_kpass_sha1 00", LEFT_OUT],
  ["tls_keyform pem", NO_COUNTERPART],
  ["psk_hint h", LEFT_OUT],
  ["allow_anonymous true", { allowAnonymous: true }],
  ["password_file users", { passwordFile: resolve("users"), allowAnonymous: true }],
  ["acl_file acl", { permissions: { aclFile: resolve("acl") } }],
  ["psk_file p", NO_COUNTERPART],
  ["allow_zero_length_clientid false", NO_COUNTERPART],
  ["auto_id_prefix x", NO_COUNTERPART],
  ["max_packet_size 1000", { limits: { packetBytesMax: 1002 } }],
  ["message_size_limit 7", { limits: { messageBytesMax: 7 } }],
  ["max_inflight_messages 7", { limits: { inFlightMax: 7 } }],
  ["max_queued_messages 7", { limits: { queueMessagesMax: 7 } }],
  ["max_queued_bytes 7", { limits: { queueBytesMax: 7 } }],
  ["persistent_client_expiration 1d", { limits: { sessionExpiryMs: 86_400_000 } }],
  ["max_inflight_bytes 7", NO_COUNTERPART],
  ["max_keepalive 100", NO_COUNTERPART],
  ["memory_limit 100", NO_COUNTERPART],
  ["queue_qos0_messages true", NO_COUNTERPART],
  ["retain_available false", { limits: { retainedMessagesMax: 0 } }],
  ["upgrade_outgoing_qos true", NO_COUNTERPART],
  ["check_retain_source true", "nothing"],
  ["allow_duplicate_messages true", NO_COUNTERPART],
  ["persistence true", { store: { dataDir: resolve("beeline-data") } }],
  ["persistence_location /m", "nothing"],
  ["persistence_file f", NO_COUNTERPART],
  ["autosave_interval 1", NO_COUNTERPART],
  ["autosave_on_changes true", NO_COUNTERPART],
  ["sys_interval 5", { sysIntervalSeconds: 5 }],
  ["log_type debug", { log: { level: "debug" } }],
  ["log_dest syslog", NO_COUNTERPART],
  ["connection_messages false", NO_COUNTERPART],
  ["log_facility 5", NO_COUNTERPART],
  ["log_timestamp false", NO_COUNTERPART],
  ["log_timestamp_format %s", NO_COUNTERPART],
  ["websockets_log_level 1", NO_COUNTERPART],
  ["user mosquitto", NO_COUNTERPART],
  ["pid_file p", NO_COUNTERPART],
  ["set_tcp_nodelay false", NO_COUNTERPART],
  ["websockets_headers_size 1", NO_COUNTERPART],
  ["retry_interval 20", NO_COUNTERPART],
];

describe("importMosquitto", () => {
  it.each(CASES)("%s", (line, becomes) => {
    const head = HEAD.slice(line.startsWith("allow_anonymous") ? 1 : 0);
    const stays =
      line.startsWith("max_c") || line.startsWith("protocol") || line.startsWith("socket");
    const lines = stays ? [head[0] ?? "", "listener 1 ::1", ...head.slice(1)] : head;
    const { given, notes } = imported(...lines, line, ...(stays ? [] : ["listener 1 ::1"]));
    const said = notes.map(({ place, text }) => `${place.replace(/.*\//, "")}: ${text}`);
    if (becomes === "nothing") expect(said).toEqual([]);
    else if (becomes instanceof RegExp) expect(said).toContainEqual(expect.stringMatching(becomes));
    else expect(given).toMatchObject(becomes);
    expect(given.listeners).toHaveLength(becomes === LEFT_OUT ? 1 : 2);
  });

  it("knows a case for every directive, but for the one that leaves nothing", () => {
    const tested = new Set(CASES.map(([line]) => line.split(" ")[0]));
    const untested = Object.keys(DIRECTIVES).filter((name) => !tested.has(name));
    expect(untested).toEqual(["certfile", "keyfile", "clientid_prefixes"]); // the first two are in all
  });

  it("writes a file that is read as it was meant, and that a server would take", () => {
    const { given, yaml } = imported(
      ...["per_listener_settings true", "listener 1884 127.0.0.1", "allow_anonymous true"],
      ...["listener 8883", "certfile c", "keyfile k", "password_file users", "log_type all"],
    );
    const read = nested(readConfigFile(write("out.yaml", yaml)).values);
    expect(read).toEqual(given);
    expect(serverConfigFrom(read).credentials).toEqual([
      { kind: "anyone", listeners: ["tcp-1884"] },
      { kind: "passwords", file: resolve("users"), listeners: ["tls-8883"] },
    ]);
    expect(yaml).toMatch(/^# From .*m.conf, by beeline import mosquitto/);
    expect(yaml).toContain("# Topics like a/p2p/b are ordinary ones to Mosquitto.");
  });

  it("writes nothing where no listener is left, and says why", () => {
    expect(() => imported("listener 1", "allow_anonymous true", "clientid_prefixes a")).toThrow(
      /m.conf: no listener can be had, so that nothing was written:\n.*m.conf:3: clientid_prefixes a has no[^\n]*\n.*m.conf:1: the listener at port 1 is left out/,
    );
  });

  it("lists what it has to say in the order of lines", () => {
    const { notes } = imported("user a", "port 1", "allow_anonymous 1", "max_qos 1", "pid_file p");
    expect(notes.map(({ place }) => place.slice(-1))).toEqual(["1", "4", "5"]);
  });

  it("[H04] serves what was retained without asking its author's rights, where the file says so", () => {
    const { given } = imported("acl_file a", "check_retain_source false");
    expect(given).toMatchObject({ deniedRetained: "serve" });
    expect(imported("acl_file a", "check_retain_source true").given).not.toHaveProperty(
      "deniedRetained",
    );
  });
});
