import { ClientRights } from "../permissions/client-rights.js";
import { ownRules, Permissions, rightsOf } from "../permissions/permissions.js";
import type { Rule } from "../permissions/rule.js";
import type { Identity, Policy } from "../ports/policy.js";
import type { Rights } from "../ports/rights.js";
import { UsageError } from "../protocol/errors.js";
import { check } from "../protocol/usage.js";
import type { HookHost } from "./guards.js";
import type { BrokerOptions, PermissionsOption } from "./options.js";

/**
 * Where the engine gets what a Client may do by rules. Whoever's rules are wrong, or cannot be found,
 * may do nothing.
 *
 * @returns `undefined` where nobody can have rules.
 * @throws UsageError for permissions that are none.
 */
export function guardedRightsOf(
  { permissions, authenticate }: Pick<BrokerOptions, "permissions" | "authenticate">,
  host: Pick<HookHost, "error">,
): Policy["rightsOf"] {
  if (permissions === undefined && authenticate === undefined) return undefined;
  if (permissions !== undefined) isPermissions(permissions, "permissions");
  return (client) => {
    try {
      return rightsOf(permissionsFor(permissions, client), client, client.rules);
    } catch (error) {
      host.error(error);
      return rightsOf(undefined, client, []);
    }
  };
}

function permissionsFor(
  permissions: PermissionsOption | undefined,
  client: Identity,
): Permissions | undefined {
  if (typeof permissions !== "function") return permissions;
  const answer: unknown = permissions(client);
  if (answer !== undefined) isOnePermissions(answer, "what permissions() answers");
  return answer as Permissions | undefined; // checked above
}

const isOnePermissions = check("new Permissions(...)", (value) => value instanceof Permissions);

const isPermissions = check(
  "new Permissions(...), or a function that answers one",
  (value) => typeof value === "function" || value instanceof Permissions,
);

/**
 * Exchanges the rules that one Client has for itself.
 *
 * @throws RulesError when these are wrong, UsageError for a Client that got none when it connected.
 */
export function replaceOwnRules(rights: Rights | undefined, rules: readonly Rule[]): void {
  const ruleSet = ownRules(rules);
  if (!(rights instanceof ClientRights)) {
    throw new UsageError(
      "this client has no rules: authenticate gives them along, an empty list too",
    );
  }
  rights.replaceOwn(ruleSet);
}
