import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { confFrom } from "../../../src/server/mosquitto/conf.js";
import { doorsOf } from "../../../src/server/mosquitto/doors.js";
import { confFolder } from "./conf-folder.js";

const { write } = confFolder();
const of = (...lines: string[]) => doorsOf(confFrom(write("m.conf", ...lines)));
const OWN = "per_listener_settings true";
const users = resolve("users");
const CERTIFICATES = [
  ...["certfile c", "keyfile k", "cafile ca"],
  ...["require_certificate true", "use_identity_as_username true"],
];

describe("doorsOf: who may connect", () => {
  it("everybody, where nobody is asked", () => {
    expect(of("listener 1", "allow_anonymous true")).toMatchObject({
      allowAnonymous: true,
      passwordFile: undefined,
      credentials: [],
      notes: [],
    });
    expect(of("persistence false")).toMatchObject({ allowAnonymous: true, credentials: [] });
  });

  it("nobody, where that is not said: then there is no such listener", () => {
    const { listeners, notes } = of("listener 1");
    expect(listeners).toEqual([]);
    expect(notes[0]?.text).toBe("the listener at port 1 is left out: nobody could connect to it");
  });

  it("users of a file, with those without a name or without", () => {
    expect(of("listener 1", "password_file users")).toMatchObject({
      passwordFile: users,
      allowAnonymous: false,
    });
    expect(of("listener 1", "password_file users", "allow_anonymous true")).toMatchObject({
      passwordFile: users,
      allowAnonymous: true,
    });
    // Of this machine everybody may, whatever is said.
    expect(
      of("password_file users", "allow_anonymous false", OWN.replace("true", "false")),
    ).toMatchObject({ passwordFile: users, allowAnonymous: true });
  });

  it("holders of certificates", () => {
    expect(of("listener 1", ...CERTIFICATES)).toMatchObject({
      credentials: [{ kind: "certificate" }],
      passwordFile: undefined,
      allowAnonymous: false,
    });
  });

  it("others at each listener", () => {
    const doors = of(
      ...[OWN, "listener 1", "allow_anonymous true"],
      ...["listener 2", "password_file users"],
      ...["listener 2 ::1", "password_file others", "allow_anonymous true"],
      ...["listener 3", ...CERTIFICATES],
      ...["listener 0 s", "password_file users"],
    );
    expect(doors.notes).toEqual([]);
    expect(doors.allowAnonymous).toBe(false);
    expect(doors.listeners.map(({ name, anonymous }) => [name, anonymous])).toEqual([
      ["tcp-1", "accept"],
      ["tcp-2", undefined],
      ["tcp-2-3", "accept"],
      ["tls-3", undefined],
      ["unix-5", undefined],
    ]);
    expect(doors.credentials).toEqual([
      { kind: "anyone", listeners: ["tcp-1"] },
      { kind: "passwords", file: users, listeners: ["tcp-2"] },
      { kind: "passwords", file: resolve("others"), listeners: ["tcp-2-3"] },
      { kind: "certificate", listeners: ["tls-3"] },
      { kind: "passwords", file: users, listeners: ["unix-5"] },
    ]);
  });

  it("with settings of its own, what stands before the first listener forgets to refuse", () => {
    expect(of(OWN, "port 1")).toMatchObject({ allowAnonymous: true, listeners: [{ port: 1 }] });
    expect(of(OWN, "port 1", "allow_anonymous false").listeners).toEqual([]);
  });
});

describe("doorsOf: what is left out", () => {
  it("a listener that would be more open than before", () => {
    const { listeners, notes } = of(
      ...["allow_anonymous true", "listener 1", "mount_point a/", "listener 2"],
      ...["listener 0 s", "use_username_as_clientid true"],
    );
    expect(listeners).toMatchObject([{ port: 2 }]);
    expect(notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^the listener at port 1 is left out: mount_point a\/ has no counter.*:3\)$/,
      ),
      expect.stringMatching(/^the socket s is left out: use_username_as_clientid true has no/),
    ]);
  });

  it("all of them, for what holds for all", () => {
    for (const line of ["clientid_prefixes a", "auth_plugin /a.so"]) {
      expect(of("allow_anonymous true", "listener 1", line).listeners).toEqual([]);
    }
  });
});

describe("doorsOf: who may do what", () => {
  it("one file for all, or one at each listener that has any", () => {
    const same = of("allow_anonymous true", "acl_file a", "listener 1", "listener 2");
    expect(same.aclFile).toBe(resolve("a"));
    expect(same.listeners).toMatchObject([{ port: 1 }, { port: 2 }]);
    const own = of(
      ...[OWN, "listener 1", "allow_anonymous true", "acl_file a"],
      ...["listener 2", "allow_anonymous true"],
      ...["listener 3", "password_file users", "acl_file b"],
    );
    expect(own.aclFile).toBeUndefined();
    expect(own.listeners.map(({ aclFile }) => aclFile)).toEqual([
      ...[resolve("a"), undefined, resolve("b")],
    ]);
    expect(own.notes).toEqual([]);
  });
});
