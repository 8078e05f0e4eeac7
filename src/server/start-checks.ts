import { checkAdminToken } from "./admin-token.js";
import { checkDataFolder } from "./check-data-folder.js";
import { checkCluster } from "./cluster.js";
import { checkCredentialFiles } from "./credentials.js";
import { checkListenerFiles } from "./listener-checks.js";
import { checkRules } from "./permissions.js";
import { checkReplica } from "./replica.js";
import type { ServerConfig } from "./start-server.js";

/**
 * Something that a start verifies and that needs no running server: that a certificate and its key
 * belong together, that a file of passwords can be read.
 *
 * @returns what people should know all the same, such as a certificate that ends soon.
 * @throws Error whose message tells people what is wrong, where, and what to do.
 */
export type StartCheck = (config: ServerConfig) => readonly string[] | Promise<readonly string[]>;

/** What `beeline check` verifies beyond the options themselves: an entry for each part with files. */
export const START_CHECKS: readonly StartCheck[] = [
  checkDataFolder,
  checkAdminToken,
  checkListenerFiles,
  checkCredentialFiles,
  checkRules,
  checkCluster,
  checkReplica,
];

/** Everything that is wrong, and everything else that was found. */
export interface CheckResult {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Runs every check, so that one run tells all that is wrong. */
export async function checkStart(
  config: ServerConfig,
  checks: readonly StartCheck[] = START_CHECKS,
): Promise<CheckResult> {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const check of checks) {
    try {
      warnings.push(...(await check(config)));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { problems, warnings };
}
