import { nearestTo } from "../../protocol/unknown-key.js";
import { ConfError, type FileReader, type Line, readConf } from "./conf-file.js";
import { ALIASES, BRIDGE_DIRECTIVES, DIRECTIVES, type Directive } from "./directives.js";
import { readValue, type Value } from "./values.js";

/** A value and the line it stands in. */
export interface Setting {
  readonly value: Value;
  readonly place: string;
}

/** Settings by name; the last line of a name holds. */
export type Settings = Map<string, Setting>;

/** Something that has no counterpart here. */
export interface Note {
  /** `mosquitto.conf:12`; of what no line says, the file. */
  readonly place: string;
  readonly text: string;
}

/** A listener as its lines say. */
export interface ConfListener {
  /** 0: a socket file. */
  readonly port: number;
  /** Address, host name, or socket file; `undefined`: every address. */
  readonly host: string | undefined;
  readonly place: string;
  /** `first`: of the lines before every `listener`; `local`: no line asks for one. */
  readonly origin: "listener" | "first" | "local";
  /** Its own settings, and with `per_listener_settings` those about who may do what. */
  readonly settings: Settings;
}

/** What a `mosquitto.conf` says. */
export interface Conf {
  readonly file: string;
  /** Settings of the server, and without `per_listener_settings` those about who may do what. */
  readonly settings: Settings;
  readonly listeners: readonly ConfListener[];
  readonly isPerListener: boolean;
  /** No line says where it listens: on this machine only, and everybody may connect. */
  readonly isLocal: boolean;
  readonly notes: readonly Note[];
  /** Lines without which others would get in than before: of the whole server, and by listener. */
  readonly doors: ReadonlyMap<ConfListener | undefined, readonly Note[]>;
}

/**
 * Reads a `mosquitto.conf` of Mosquitto 2.0, and the files it includes.
 *
 * @throws ConfError for what Mosquitto would not start with either.
 */
export function confFrom(file: string): Conf {
  const builder = new Builder(file);
  readConf(file, builder.reader());
  return builder.conf();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Settings that make a listener of what stands before the first `listener`. */
const OPENING = [
  ...["bind_interface", "cafile", "capath", "certfile", "keyfile", "ciphers", "ciphers_tls1.3"],
  ...["dhparamfile", "psk_hint", "require_certificate", "crlfile", "use_identity_as_username"],
  ...["use_subject_as_username", "use_username_as_clientid", "max_connections", "max_qos"],
  ...["protocol", "socket_domain", "password_file", "psk_file", "allow_zero_length_clientid"],
];

class Builder {
  readonly #file: string;
  readonly #settings: Settings = new Map();
  readonly #listeners: ConfListener[] = [];
  readonly #notes: Note[] = [];
  readonly #doors = new Map<ConfListener | undefined, Note[]>();
  /** Of what stands before the first listener; its port and address come on the way. */
  readonly #first: Mutable<ConfListener> = {
    ...{ port: 0, host: undefined, place: "", origin: "first", settings: new Map() },
  };
  #isPerListener = false;
  #hasSecurity = false;
  #isLocal = true;

  constructor(file: string) {
    this.#file = file;
  }

  /** Each file begins with what stands before the first listener. */
  reader(): FileReader {
    let listener: ConfListener = this.#first;
    let hasBridge = false;
    return {
      included: () => this.reader(),
      read: (line) => {
        if (line.name === "listener") listener = this.#listener(line);
        else if (line.name === "connection") {
          hasBridge = true;
          this.#note(line.place, `connection${line.rest}`, "this server dials no others (bridge)");
        } else if (BRIDGE_DIRECTIVES.includes(line.name)) {
          if (!hasBridge)
            throw new ConfError(line.place, `${line.name} needs a connection above it`);
        } else this.#setting(line, listener);
      },
    };
  }

  conf(): Conf {
    const first = this.#first;
    const isOpening =
      first.place !== "" ||
      OPENING.some((name) => first.settings.has(name)) ||
      this.#doors.has(first); // a plugin
    if (isOpening) {
      first.port ||= 1883;
      first.place ||= this.#file;
      this.#listeners.push(first);
    } else if (this.#listeners.length === 0) {
      const local = { host: "localhost", port: 1883, origin: "local" } as const;
      this.#listeners.push({ ...first, ...local, place: this.#file });
    }
    return {
      file: this.#file,
      settings: this.#settings,
      listeners: this.#listeners,
      isPerListener: this.#isPerListener,
      isLocal: this.#isLocal,
      notes: this.#notes,
      doors: this.#doors,
    };
  }

  #listener({ place, rest }: Line): ConfListener {
    this.#isLocal = false;
    const [number = "", host] = rest.trim().split(/ +/);
    const port = Number.parseInt(number, 10) || 0;
    const at = host?.startsWith("#") === true ? undefined : host;
    if (number === "" || port < 0 || port > 65_535 || (port === 0 && at === undefined)) {
      throw new ConfError(place, "listener needs a port, or 0 and the name of a socket file");
    }
    const listener = { port, host: at, place, origin: "listener", settings: new Map() } as const;
    this.#listeners.push(listener);
    return listener;
  }

  #setting(line: Line, listener: ConfListener): void {
    const { place, rest } = line;
    const name = ALIASES[line.name] ?? line.name;
    if (this.#isOddOne(name, line, listener)) return;
    const directive = directiveOf(name, place);
    if (directive.scope === "security") this.#hasSecurity = true;
    const read = readValue(rest, directive);
    if ("expected" in read) {
      throw new ConfError(place, `${line.name}${rest} is refused; allowed: ${read.expected}`);
    }
    const settings = this.#settingsFor(directive, listener);
    if (directive.kind === "text" && settings.has(name)) {
      throw new ConfError(place, `${line.name} stands in ${settings.get(name)?.place} already`);
    }
    settings.set(name, { value: added(settings.get(name), read.value, directive), place });
    if (directive.note === undefined || read.value === directive.plain) return;
    const note = this.#note(place, `${line.name}${rest}`, directive.note);
    if (directive.isDoor) this.#door(directive.scope === "server" ? undefined : listener, note);
  }

  /** What is read in a way of its own. */
  #isOddOne(name: string, { place, rest }: Line, listener: ConfListener): boolean {
    if (name === "port" || name === "bind_address") {
      this.#isLocal = false;
      this.#first.place = place;
      if (name === "bind_address") this.#first.host = rest.trim();
      else this.#first.port = portFrom(rest, place);
      return true;
    }
    if (name === "per_listener_settings") {
      const read = readValue(rest, { scope: "server", kind: "bool" });
      if ("expected" in read) throw new ConfError(place, `${name} must be ${read.expected}`);
      if (read.value === true && this.#hasSecurity) {
        throw new ConfError(
          place,
          `${name} must stand before password_file, acl_file and the like`,
        );
      }
      this.#isPerListener = read.value === true;
      return true;
    }
    if (/^(auth|plugin)_opt_./.test(name) || name === "auth_plugin_deny_special_chars") return true;
    if (name !== "auth_plugin") return false;
    const note = this.#note(place, `auth_plugin${rest}`, "plugins of Mosquitto cannot be loaded");
    this.#hasSecurity = true;
    this.#door(this.#isPerListener ? listener : undefined, note);
    return true;
  }

  #settingsFor({ scope }: Directive, listener: ConfListener): Settings {
    const isOwn = scope === "listener" || (scope === "security" && this.#isPerListener);
    return isOwn ? listener.settings : this.#settings;
  }

  #note(place: string, what: string, why: string): Note {
    const note = { place, text: `${what.trim()} has no counterpart: ${why}` };
    this.#notes.push(note);
    return note;
  }

  #door(of: ConfListener | undefined, note: Note): void {
    this.#doors.set(of, [...(this.#doors.get(of) ?? []), note]);
  }
}

function directiveOf(name: string, place: string): Directive {
  const found = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
  if (found !== undefined) return found;
  const nearest = nearestTo(name, [...Object.keys(DIRECTIVES), ...BRIDGE_DIRECTIVES, "listener"]);
  const hint = nearest === undefined ? "" : `: did you mean ${nearest}?`;
  throw new ConfError(place, `Mosquitto knows no ${name}${hint}`);
}

function portFrom(rest: string, place: string): number {
  const read = readValue(rest, { scope: "server", kind: "int", least: 1, most: 65_535 });
  if ("expected" in read) throw new ConfError(place, `port must be ${read.expected}`);
  return Number(read.value);
}

/** Lines about the log add up, until one says none. */
function added(before: Setting | undefined, value: Value, { kind }: Directive): Value {
  if (kind !== "words" || before === undefined || value === "none") return value;
  return `${before.value} ${value}`;
}
