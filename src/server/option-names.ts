/** What stands for a group in its flags; other groups have no flags of their own name. */
const FLAG_PREFIXES: Readonly<Record<string, string>> = Object.freeze({
  limits: "",
  store: "",
  permissions: "",
  pointToPoint: "p2p-",
  webSocket: "ws-",
  secureWebSocket: "wss-",
});

/** Options of a group that have its name as their flag. */
const OWN_NAME: ReadonlySet<string> = new Set(["enabled", "address", "servers"]);

/** One name in its three spellings. */
export interface OptionNames {
  /** In a file and in the library: `limits.queueMessagesMax`. */
  readonly path: string;
  /** On the command line: `--queue-messages-max`. */
  readonly flag: string;
  /** In the environment: `BEELINE_LIMITS__QUEUE_MESSAGES_MAX`. */
  readonly variable: string;
}

/**
 * The spellings of an option.
 *
 * The name of a group says which options it holds, the flag says it only where the option would be
 * misunderstood: `pointToPoint.offline` is `--p2p-offline`. A group's own switch, `enabled`, has the
 * group's name: `--p2p`; so has the address of what a group leads to: `--rocketmq`, `--cluster`.
 *
 * @param group - `""` for an option that stands alone.
 */
export function namesOf(group: string, name: string): OptionNames {
  const prefix = group === "" ? "" : (FLAG_PREFIXES[group] ?? `${joined(group, "-")}-`);
  const flag = OWN_NAME.has(name) ? prefix.slice(0, -1) : prefix + joined(name, "-");
  const words = (group === "" ? [name] : [group, name]).map((part) => joined(part, "_"));
  return {
    path: group === "" ? name : `${group}.${name}`,
    flag: `--${flag}`,
    variable: `BEELINE_${words.join("__").toUpperCase()}`,
  };
}

/** `queueMessagesMax` with `-`: `queue-messages-max`. */
function joined(name: string, by: string): string {
  return name.replace(/[A-Z]/g, (letter) => by + letter.toLowerCase());
}
