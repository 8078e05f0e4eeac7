import { resolve } from "node:path";
import type { CredentialOptions } from "../../auth/credential-options.js";
import type { GivenOptions } from "../option-table.js";
import type { Conf, ConfListener, Note } from "./conf.js";
import { listenerFor } from "./listeners.js";

/** Where clients connect, and who may: what becomes of the listeners of a `mosquitto.conf`. */
export interface Doors {
  readonly listeners: readonly Listed[];
  readonly allowAnonymous: boolean;
  readonly passwordFile: string | undefined;
  readonly credentials: readonly CredentialOptions[];
  readonly aclFile: string | undefined;
  readonly notes: readonly Note[];
}

type Listed = NonNullable<GivenOptions["listeners"]>[number];

/** How a listener tells who a client is. */
type Login =
  | { readonly kind: "everybody" }
  | { readonly kind: "nobody" }
  | { readonly kind: "certificate" }
  | { readonly kind: "passwords"; readonly file: string; readonly anonymous: boolean };

/** A listener that can be had, with what it needs. */
interface Open {
  readonly options: Listed;
  readonly login: Login;
  readonly aclFile: string | undefined;
}

/**
 * The doors of a configuration. A listener that would let others in than before, or let them do more, is
 * left out, and a note says why.
 */
export function doorsOf(conf: Conf): Doors {
  const notes: Note[] = [];
  const open: Open[] = [];
  for (const listener of conf.listeners) {
    const { options, notes: own } = listenerFor(listener);
    notes.push(...own.notes);
    const reasons = [...own.reasons, ...reasonsAgainst(conf, listener)];
    const login = loginOf(conf, listener);
    if (login.kind === "nobody") reasons.push("nobody could connect to it");
    if (reasons.length === 0)
      open.push({ options, login, aclFile: fileOf(conf, listener, "acl_file") });
    else notes.push(leftOut(listener, reasons));
  }
  return { ...withRules(open), notes };
}

function leftOut({ place, port, host }: ConfListener, reasons: readonly string[]): Note {
  const what = port === 0 ? `the socket ${host}` : `the listener at port ${port}`;
  return { place, text: `${what} is left out: ${reasons.join("; ")}` };
}

/** Lines that a listener cannot do without. */
function reasonsAgainst({ doors }: Conf, listener: ConfListener): string[] {
  const notes = [...(doors.get(undefined) ?? []), ...(doors.get(listener) ?? [])];
  return notes.map(({ place, text }) => `${text} (${place})`);
}

function loginOf(conf: Conf, listener: ConfListener): Login {
  if (isOn(listener, "require_certificate") && isOn(listener, "use_identity_as_username")) {
    return { kind: "certificate" };
  }
  const file = fileOf(conf, listener, "password_file");
  const anonymous = takesAnonymous(conf, listener);
  if (file !== undefined) return { kind: "passwords", file, anonymous };
  return { kind: anonymous ? "everybody" : "nobody" };
}

/** What nobody has said is no, but where Mosquitto forgets to say it. */
function takesAnonymous(conf: Conf, listener: ConfListener): boolean {
  const own = settingsOf(conf, listener).get("allow_anonymous")?.value;
  if (listener.origin === "local") return true;
  if (!conf.isPerListener) return conf.isLocal || own === true;
  return own === undefined ? listener.origin === "first" : own === true;
}

function fileOf(conf: Conf, listener: ConfListener, name: string): string | undefined {
  const value = settingsOf(conf, listener).get(name)?.value;
  return value === undefined ? undefined : resolve(String(value));
}

function settingsOf({ isPerListener, settings }: Conf, listener: ConfListener) {
  return isPerListener ? listener.settings : settings;
}

function isOn({ settings }: ConfListener, name: string): boolean {
  return settings.get(name)?.value === true;
}

/** One file of rules for all where they agree, else one for each listener that has any. */
function withRules(open: readonly Open[]): Omit<Doors, "notes"> {
  const files = new Set(open.map(({ aclFile }) => aclFile));
  const [first] = files;
  if (files.size <= 1) return { ...credentialsOf(open), aclFile: first };
  const ruled = open.map(({ options, aclFile, ...rest }) => ({
    ...{ ...rest, aclFile },
    options: { ...options, ...(aclFile !== undefined && { aclFile }) },
  }));
  return { ...credentialsOf(ruled), aclFile: undefined };
}

/** One setting for all where they agree, else an entry for each listener. */
function credentialsOf(
  open: readonly Open[],
): Pick<Doors, "listeners" | "allowAnonymous" | "passwordFile" | "credentials"> {
  const logins = new Set(open.map(({ login }) => JSON.stringify(login)));
  const listeners = open.map(({ options }) => options);
  const none = { listeners, allowAnonymous: false, passwordFile: undefined, credentials: [] };
  const [first] = open;
  if (logins.size > 1) return { ...none, ...mixed(open) };
  switch (first?.login.kind) {
    case "passwords": {
      const { file, anonymous } = first.login;
      return { ...none, passwordFile: file, allowAnonymous: anonymous };
    }
    case "certificate":
      return { ...none, credentials: [{ kind: "certificate" }] };
    default:
      return { ...none, allowAnonymous: true };
  }
}

function mixed(open: readonly Open[]): Pick<Doors, "listeners" | "credentials"> {
  const credentials: CredentialOptions[] = [];
  const names = namesFor(open);
  const listeners = open.map(({ options, login }, at): Listed => {
    const name = names[at] as string; // one each
    const only = { listeners: [name] };
    if (login.kind === "passwords") {
      credentials.push({ kind: "passwords", file: login.file, ...only });
      return { ...options, name, ...(login.anonymous && { anonymous: "accept" as const }) };
    }
    credentials.push({ kind: login.kind === "certificate" ? "certificate" : "anyone", ...only });
    return {
      ...options,
      name,
      ...(login.kind === "everybody" && { anonymous: "accept" as const }),
    };
  });
  return { listeners, credentials };
}

/** `tls-8883`, `unix-1`: no two alike. */
function namesFor(open: readonly Open[]): string[] {
  const names = open.map(({ options }, at) =>
    options.type === "unix" ? `unix-${at + 1}` : `${options.type}-${options.port}`,
  );
  return names.map((name, at) => (names.indexOf(name) === at ? name : `${name}-${at + 1}`));
}
