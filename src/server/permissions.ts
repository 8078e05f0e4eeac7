import type { MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import { Permissions } from "../permissions/permissions.js";
import type { RuleSet } from "../permissions/rule-set.js";
import { UsageError } from "../protocol/errors.js";
import { PointToPoint } from "../topic/point-to-point.js";
import { readAclFile, readRulesFile } from "./rules-file.js";

/** What a server's configuration says about who may do what. */
export interface PermissionsConfig {
  /** At most one of the two; neither: everybody may do everything. */
  readonly permissions?:
    | { readonly rulesFile?: string | undefined; readonly aclFile?: string | undefined }
    | undefined;
}

type Config = PermissionsConfig & { readonly broker: Pick<BrokerOptions, "pointToPoint"> };

/**
 * The rules that a server is started with; `undefined`: there are none.
 *
 * @throws RulesError when their file cannot be used; UsageError for two files.
 */
export function permissionsFor(config: Config): Permissions | undefined {
  const rules = rulesOf(config);
  return rules && new Permissions(rules);
}

/** The rules as their file has them now. Whether there are any takes a restart. */
export function permissionsPart(
  permissions: Permissions | undefined,
  broker: Pick<MqttBroker, "recheck">,
): { prepare(next: Config): () => void } {
  return {
    prepare(next) {
      const rules = rulesOf(next);
      if ((rules === undefined) !== (permissions === undefined)) {
        const change = permissions === undefined ? "the first rules take" : "taking all away takes";
        throw new UsageError(`permissions: ${change} a restart`);
      }
      return () => {
        if (rules === undefined) return;
        permissions?.replace(rules);
        broker.recheck();
      };
    },
  };
}

/** What `beeline check` verifies of permissions: their file. */
export function checkRules(config: Config): readonly string[] {
  rulesOf(config);
  return [];
}

function rulesOf({ permissions = {}, broker }: Config): RuleSet | undefined {
  const { rulesFile, aclFile } = permissions;
  if (rulesFile !== undefined && aclFile !== undefined) {
    throw new UsageError(
      "permissions.rulesFile (--rules-file) and permissions.aclFile (--acl-file) contradict each " +
        "other: leave out one",
    );
  }
  if (aclFile !== undefined) return readAclFile(aclFile);
  if (rulesFile === undefined) return undefined;
  const { enabled = true, parents } = broker.pointToPoint ?? {};
  return readRulesFile(rulesFile, new PointToPoint(enabled, parents));
}
