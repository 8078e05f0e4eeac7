import { join } from "node:path";
import { defaultsOf } from "../options/check.js";
import { ADMIN_ROWS } from "./admin-rows.js";
import { TOKEN_FILE } from "./admin-token.js";
import { type GivenOptions, STORE_ROWS } from "./option-table.js";

const ADMIN = defaultsOf(ADMIN_ROWS);
const STORE = defaultsOf(STORE_ROWS);

/** Where a server with a configuration answers whoever runs it. */
export interface AdminPlace {
  /** Like `http://127.0.0.1:18083`. */
  readonly url: string;
  /** Holds the token; `undefined`: there is none. */
  readonly tokenFile: string | undefined;
}

/** @throws Error that says why it cannot be known. */
export function adminPlace({ admin, store }: GivenOptions): AdminPlace {
  const { enabled, host, port, tokenFile } = { ...ADMIN, ...admin };
  if (!enabled) throw new Error("admin.enabled is false: the server has no admin port");
  if (port === 0) {
    throw new Error("admin.port is 0, any free one: say with --url which one the server has");
  }
  const { dataDir, memory } = { ...STORE, ...store };
  return {
    url: `http://${reachable(host)}:${port}`,
    tokenFile: tokenFile ?? (memory ? undefined : join(dataDir, TOKEN_FILE)),
  };
}

/** A host to connect to, for one to listen on: every address of a machine includes its own. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
