import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { confFrom } from "../../../src/server/mosquitto/conf.js";
import { limitNotes, limitsOf, logOf, storeOf } from "../../../src/server/mosquitto/limits.js";
import { confFolder } from "./conf-folder.js";

const { write } = confFolder();
const conf = (...lines: string[]) => confFrom(write("m.conf", ...lines));

describe("limitsOf", () => {
  it("has what Mosquitto has where nothing is said", () => {
    expect(limitsOf(conf())).toEqual({
      packetBytesMax: 268_435_460,
      inFlightMax: 20,
      queueBytesMax: 1_000_000_000,
      sessionExpiryMs: 3_153_600_000_000,
    });
  });

  it.each([
    ["max_packet_size 40", { packetBytesMax: 64 }],
    ["max_packet_size 128", { packetBytesMax: 129 }],
    ["max_packet_size 129", { packetBytesMax: 131 }],
    ["max_packet_size 16385", { packetBytesMax: 16_388 }],
    ["max_packet_size 2097153", { packetBytesMax: 2_097_157 }],
    ["max_packet_size 999999999", { packetBytesMax: 268_435_460 }],
    ["message_size_limit 10", { messageBytesMax: 10 }],
    ["max_inflight_messages 5", { inFlightMax: 5 }],
    ["max_inflight_messages 0", { inFlightMax: 65_535 }],
    ["max_queued_messages 9", { queueMessagesMax: 9, burstMessagesMax: 9 }],
    ["max_queued_messages 0", { queueMessagesMax: 1_000_000_000, burstMessagesMax: 1_000_000_000 }],
    ["max_queued_bytes 7", { queueBytesMax: 7 }],
    ["max_queued_bytes 0", { queueBytesMax: 1_000_000_000 }],
    ["persistent_client_expiration 2h", { sessionExpiryMs: 7_200_000 }],
    ["retain_available false", { retainedMessagesMax: 0 }],
  ])("%s: %o", (line, limits) => {
    expect(limitsOf(conf(line))).toMatchObject(limits);
  });

  it("leaves out what means no limit, or our own", () => {
    expect(limitsOf(conf("message_size_limit 0"))).not.toHaveProperty("messageBytesMax");
    expect(limitsOf(conf("retain_available true"))).not.toHaveProperty("retainedMessagesMax");
  });
});

describe("storeOf and logOf", () => {
  it("keep state in a folder beside Mosquitto's file, or nowhere", () => {
    expect(storeOf(conf())).toEqual({ memory: true });
    expect(storeOf(conf("persistence true"))).toEqual({ dataDir: resolve("beeline-data") });
    expect(storeOf(conf("retained_persistence 1", "persistence_location /var/m/"))).toEqual({
      dataDir: "/var/m/beeline-data",
    });
  });

  it.each([
    [["log_type all"], "debug"],
    [["log_type debug"], "debug"],
    [["log_type error", "log_type information"], "info"],
    [["log_type warning", "log_type notice"], "info"],
    [["log_type error", "log_type warning"], "warn"],
    [["log_type error"], "error"],
    [["log_type none"], "error"],
  ])("%j: %s", (lines, level) => {
    expect(logOf(conf(...lines))).toEqual({ level });
  });

  it("say nothing of the log where nothing is said", () => {
    expect(logOf(conf())).toBeUndefined();
  });
});

describe("limitNotes", () => {
  it.each([
    ["max_packet_size 40", /max_packet_size 40 is less than can be: 64 bytes/],
    ["retain_available false", /is delivered and not kept/],
    ["persistence true", /begins empty/],
    ["log_type none", /errors are logged/],
    ["log_dest file /var/log/m", /log_dest file has no counterpart/],
  ])("%s", (line, text) => {
    expect(limitNotes(conf(line)).map((note) => note.text)).toEqual([expect.stringMatching(text)]);
  });

  it("nothing about what is the same", () => {
    const same = ["max_packet_size 63", "retain_available true", "log_dest stderr", "log_type all"];
    expect(limitNotes(conf(...same))).toEqual([]);
  });
});
