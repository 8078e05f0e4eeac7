import type { MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions, PermissionsOption } from "../library/options.js";
import { Permissions } from "../permissions/permissions.js";
import type { RuleSet } from "../permissions/rule-set.js";
import type { Identity } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import { PointToPoint } from "../topic/point-to-point.js";
import type { ServerListener } from "./listener-config.js";
import { type RuleFiles, readAclFile, readRulesFile } from "./rules-file.js";

/** What a server's configuration says about who may do what. */
export interface PermissionsConfig {
  /** Neither file: everybody may do everything. */
  readonly permissions?: RuleFiles | undefined;
}

type Config = PermissionsConfig & {
  readonly broker: Pick<BrokerOptions, "pointToPoint">;
  readonly listeners?: readonly Pick<ServerListener, "rules">[];
};

/** For who came in where no listener is now, while rules depend on the listener. */
const NOTHING = new Permissions({ rules: [] });

/** The rules of a server: for everybody, and those of single listeners, which stand instead. */
export class ServerRules {
  readonly #whole: Permissions | undefined;
  /** In the order of the listeners. */
  readonly #own: readonly (Permissions | undefined)[];
  /** By what a listener is called. `undefined`: it has no rules, of its own or else. */
  readonly #byListener = new Map<string, Permissions | undefined>();

  /** @throws RulesError when a file cannot be used; UsageError for two files. */
  constructor(config: Config) {
    const { whole, own } = ruleSetsOf(config);
    this.#whole = whole && new Permissions(whole);
    this.#own = own.map((rules) => rules && new Permissions(rules));
  }

  /** For `createBroker`; `undefined`: nobody has rules. */
  get option(): PermissionsOption | undefined {
    if (this.#own.every((one) => one === undefined)) return this.#whole;
    return ({ listener = "" }: Pick<Identity, "listener">) =>
      this.#byListener.has(listener) ? this.#byListener.get(listener) : (this.#whole ?? NOTHING);
  }

  /**
   * A listener listens: called before anybody can have connected there.
   *
   * @param at - Which one, in the order of the configuration.
   */
  listening(at: number, name: string): void {
    this.#byListener.set(name, this.#own[at] ?? this.#whole);
  }

  /**
   * Reads all files again. Which of them there are takes a restart.
   *
   * @returns what puts them into use.
   * @throws RulesError when a file cannot be used; then nothing has changed. [H06]
   */
  prepare(next: Config, broker: Pick<MqttBroker, "recheck">): () => void {
    const { whole, own } = ruleSetsOf(next);
    if ((whole === undefined) !== (this.#whole === undefined)) {
      const change = whole === undefined ? "taking all away takes" : "the first rules take";
      throw new UsageError(`permissions: ${change} a restart`);
    }
    return () => {
      if (whole !== undefined) this.#whole?.replace(whole);
      for (const [at, rules] of own.entries())
        if (rules !== undefined) this.#own[at]?.replace(rules);
      if (this.option !== undefined) broker.recheck();
    };
  }
}

/** What `beeline check` verifies of permissions: their files. */
export function checkRules(config: Config): readonly string[] {
  ruleSetsOf(config);
  return [];
}

interface RuleSets {
  readonly whole: RuleSet | undefined;
  readonly own: readonly (RuleSet | undefined)[];
}

function ruleSetsOf({ permissions = {}, listeners = [], broker }: Config): RuleSets {
  const { enabled = true, parents } = broker.pointToPoint ?? {};
  const addressing = new PointToPoint(enabled, parents);
  return {
    whole: ruleSetOf(permissions, addressing, [
      "permissions.rulesFile (--rules-file)",
      "permissions.aclFile (--acl-file)",
    ]),
    own: listeners.map(
      ({ rules }, at) =>
        rules &&
        ruleSetOf(rules, addressing, [`listeners[${at}].rulesFile`, `listeners[${at}].aclFile`]),
    ),
  };
}

/** @param names - What the two files are called where they were given. */
function ruleSetOf(
  { rulesFile, aclFile }: RuleFiles,
  addressing: PointToPoint,
  [rulesName, aclName]: readonly [string, string],
): RuleSet | undefined {
  if (rulesFile !== undefined && aclFile !== undefined) {
    throw new UsageError(`${rulesName} and ${aclName} contradict each other: leave out one`);
  }
  if (aclFile !== undefined) return readAclFile(aclFile);
  return rulesFile === undefined ? undefined : readRulesFile(rulesFile, addressing);
}
