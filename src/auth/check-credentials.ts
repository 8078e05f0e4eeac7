import { checkFor } from "../options/check.js";
import type { Rows } from "../options/row.js";
import { UsageError } from "../protocol/errors.js";
import { nearestTo, unknownKey } from "../protocol/unknown-key.js";
import { isListOf, shown } from "../protocol/usage.js";
import {
  CREDENTIAL_KINDS,
  CREDENTIAL_ROWS,
  type CredentialKind,
  type CredentialOptions,
} from "./credential-options.js";

/** Whether an entry must say it: it has no default, and nothing holds without it. */
export function isRequired({ default: fallback, unset }: Rows[string]): boolean {
  return fallback === undefined && unset === undefined;
}

/**
 * Checks a whole list of credentials, as a file or a program gives it.
 *
 * @param path - Where it stands, for messages: `credentials[0].file is ...`.
 * @throws UsageError naming the path, the value and what is allowed.
 */
export function checkCredentials(
  given: unknown,
  path = "credentials",
): asserts given is readonly CredentialOptions[] {
  isListOf(checkEntry)(given, path);
}

function checkEntry(given: unknown, path: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${path} is ${shown(given)}; allowed: an object with a kind`);
  }
  const { kind, ...options } = given as Readonly<Record<string, unknown>>;
  if (typeof kind !== "string" || !Object.hasOwn(CREDENTIAL_ROWS, kind)) {
    const meant = typeof kind === "string" ? nearestTo(kind, CREDENTIAL_KINDS) : undefined;
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw new UsageError(
      `${path}.kind is ${shown(kind)}; allowed: ${CREDENTIAL_KINDS.join(", ")}${hint}`,
    );
  }
  checkOptions(CREDENTIAL_ROWS[kind as CredentialKind], options, path); // one of its keys
}

function checkOptions(rows: Rows, options: Readonly<Record<string, unknown>>, path: string): void {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(rows, key)) throw unknownKey(key, Object.keys(rows), `${path}.`);
  }
  for (const [key, row] of Object.entries(rows)) {
    const value = options[key];
    if (value !== undefined) checkOption(row, value, `${path}.${key}`);
    else if (isRequired(row)) throw new UsageError(`${path}.${key} is missing: ${row.about}`);
  }
}

/** A secret is not shown, whatever is wrong with it. */
function checkOption(row: Rows[string], value: unknown, path: string): void {
  try {
    checkFor(row)(value, path);
  } catch (error) {
    if (!row.secret || !("allowed" in row)) throw error;
    throw new UsageError(`${path} is wrong; allowed: ${row.allowed}`);
  }
}
