import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { confFrom } from "../../../src/server/mosquitto/conf.js";
import { confFolder } from "./conf-folder.js";

const { folder, write } = confFolder();
const read = (...lines: string[]) => confFrom(write("m.conf", ...lines));
const at = (line: number): string => `${join(folder, "m.conf")}:${line}`;

describe("confFrom", () => {
  it("has one listener of this machine where no line asks for one", () => {
    const { listeners, isLocal } = read("persistence true");
    expect(isLocal).toBe(true);
    expect(listeners).toMatchObject([{ host: "localhost", port: 1883, origin: "local" }]);
  });

  it("has listeners in their order, and what stands before them last", () => {
    const conf = read("max_connections 5", "listener 1884 ::1 # x", "listener 0 /s", "port 1885");
    expect(conf.isLocal).toBe(false);
    expect(conf.listeners).toMatchObject([
      { port: 1884, host: "::1", place: at(2), origin: "listener" },
      { port: 0, host: "/s", place: at(3), origin: "listener" },
      { port: 1885, host: undefined, place: at(4), origin: "first" },
    ]);
    expect(conf.listeners[2]?.settings.get("max_connections")?.value).toBe(5);
    expect(read("bind_address 10.0.0.1").listeners).toMatchObject([
      { port: 1883, host: "10.0.0.1", origin: "first" },
    ]);
    expect(read("max_qos 1").listeners).toMatchObject([{ port: 1883, origin: "first" }]);
    expect(read("listener 1 # x").listeners).toMatchObject([{ host: undefined }]);
  });

  it("gives settings to the server, to the listener above, or with per_listener_settings to either", () => {
    const shared = read("listener 1", "certfile a", "password_file p", "sys_interval 3");
    expect([...shared.settings.keys()]).toEqual(["password_file", "sys_interval"]);
    expect([...(shared.listeners[0]?.settings.keys() ?? [])]).toEqual(["certfile"]);
    const own = read("per_listener_settings true", "listener 1", "password_file p");
    expect([...own.settings.keys()]).toEqual([]);
    expect(own.listeners[0]?.settings.get("password_file")).toEqual({ value: "p", place: at(3) });
  });

  it("an included file begins with what stands before the first listener", () => {
    mkdirSync(join(folder, "more"));
    write("more/a.conf", "certfile c");
    const conf = read("listener 1", `include_dir ${folder}/more`, "keyfile k");
    expect(conf.listeners).toMatchObject([{ port: 1 }, { port: 1883, origin: "first" }]);
    expect([...(conf.listeners[0]?.settings.keys() ?? [])]).toEqual(["keyfile"]);
  });

  it("the last line of a name holds; a text comes once; words about the log add up", () => {
    const conf = read("sys_interval 3", "sys_interval 4", "log_type error", "log_type warning");
    expect(conf.settings.get("sys_interval")?.value).toBe(4);
    expect(conf.settings.get("log_type")?.value).toBe("error warning");
    expect(read("log_type error", "log_type none").settings.get("log_type")?.value).toBe("none");
    expect(() => read("password_file a", "password_file b")).toThrow(
      `${at(2)}: password_file stands in ${at(1)} already`,
    );
  });

  it("notes what has no counterpart, and not the value that means nothing", () => {
    const conf = read("connection c", "address a", "topic # both", "upgrade_outgoing_qos true");
    expect(conf.notes.map(({ place }) => place)).toEqual([at(1), at(4)]);
    expect(read("upgrade_outgoing_qos false").notes).toEqual([]);
  });

  it("knows the lines without which others would get in", () => {
    const conf = read("listener 1", "mount_point a/", "listener 2", "clientid_prefixes x");
    const [one, two] = conf.listeners;
    expect(conf.doors.get(one)).toMatchObject([{ place: at(2) }]);
    expect(conf.doors.get(two)).toBeUndefined();
    expect(conf.doors.get(undefined)).toMatchObject([{ place: at(4) }]);
    const plugin = [
      "listener 1",
      "plugin /p.so",
      "plugin_opt_a b",
      "auth_plugin_deny_special_chars 1",
    ];
    expect(read(...plugin).doors.get(undefined)).toMatchObject([{ place: at(2) }]);
    const own = read("per_listener_settings true", ...plugin);
    expect(own.doors.get(own.listeners[0])).toMatchObject([{ place: at(3) }]);
  });

  it.each([
    [["foo_bar true"], /m.conf:1: Mosquitto knows no foo_bar$/],
    [["pasword_file a"], /knows no pasword_file: did you mean password_file\?/],
    [["\tallow_anonymous true"], /m.conf:1: Mosquitto knows no \tallow_anonymous/],
    [["listener"], /listener needs a port, or 0 and the name of a socket file/],
    [["listener 0"], /listener needs a port/],
    [["listener 70000"], /listener needs a port/],
    [["port 0"], /port must be a number from 1 to 65535/],
    [["allow_anonymous yes"], /m.conf:1: allow_anonymous yes is refused; allowed: true or false/],
    [["max_packet_size 19"], /max_packet_size 19 is refused; allowed: a number from 20 on/],
    [["per_listener_settings maybe"], /per_listener_settings must be true or false/],
    [["password_file a", "per_listener_settings true"], /m.conf:2: .* must stand before/],
    [["topic # both"], /topic needs a connection above it/],
  ])("refuses what Mosquitto does not start with: %j", (lines, message) => {
    expect(() => read(...lines)).toThrow(message);
  });
});
