import { listeningFrom } from "../library/listening.js";
import { UsageError } from "../protocol/errors.js";
import type { ServerListener } from "./listener-config.js";

/** Where one of them listens, and what chose that. */
interface Place {
  readonly chosenBy: string;
  readonly host: string;
  readonly port: number;
  /** Of a socket file; then host and port mean nothing. */
  readonly path: string | undefined;
}

/**
 * No two listen at one place: the second would say that another program has it. And no two have one
 * name: credentials and rules that are for one would be for both.
 *
 * @param adminPlace - Where health and metrics are answered, if that was said.
 * @throws UsageError naming both.
 */
export function checkApart(
  listeners: readonly ServerListener[],
  adminPlace?: { readonly host: string; readonly port: number },
): void {
  checkNames(listeners);
  const known = listeners.map(placeOf);
  if (adminPlace !== undefined) {
    known.push({ ...adminPlace, path: undefined, chosenBy: "--admin-port" });
  }
  for (const [at, second] of known.entries()) {
    const first = known.slice(0, at).find((one) => isSame(one, second));
    if (first === undefined) continue;
    const { path, port, host } = second;
    const place = path ?? `port ${port} on ${host}`;
    throw new UsageError(
      `${first.chosenBy} and ${second.chosenBy} name the same place, ${place}: choose another for one of them`,
    );
  }
}

function checkNames(listeners: readonly ServerListener[]): void {
  const names = listeners.map(({ options: { name } }) => name);
  const twice = names.find((name, at) => name !== undefined && names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new UsageError(`two listeners are called ${twice}: give one of them another name`);
}

function placeOf({ options, chosenBy }: ServerListener): Place {
  const { host, port, path } = listeningFrom(options).address;
  return { chosenBy, host, port, path };
}

function isSame(one: Place, other: Place): boolean {
  if (one.path !== undefined || other.path !== undefined) return one.path === other.path;
  if (one.port !== other.port || one.port === 0) return false; // 0 takes any free one
  return one.host === other.host || isEverywhere(one.host) || isEverywhere(other.host);
}

function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
