/** What a number counts, in the word that stands behind a flag. */
export type Unit = "bytes" | "ms" | "s" | "count" | "number";

/** What every option has, whatever its values are. */
interface About {
  /** One or two plain sentences for the people who run the server. */
  readonly about: string;
  /** What holds without a default value when nothing is given, in words. */
  readonly unset?: string;
  /** Whether a change may take effect without a restart. */
  readonly live: boolean;
  /** Whether nobody may read its value: masked wherever values are shown. */
  readonly secret: boolean;
}

/** A whole number from `least` to `most`. */
export interface NumberRow<D = number | undefined> extends About {
  readonly kind: "number";
  readonly unit: Unit;
  readonly default: D;
  readonly least: number;
  readonly most: number;
}

/** One of few words. */
export interface ChoiceRow<V = string, D = V | undefined> extends About {
  readonly kind: "choice";
  readonly values: readonly V[];
  readonly default: D;
}

/** On or off. */
export interface SwitchRow extends About {
  readonly kind: "switch";
  readonly default: boolean;
}

/** What makes a text one that is allowed. */
export interface TextRule {
  /** One word for what it holds: `folder`. */
  readonly holds: string;
  /** In words, in the plural: "paths that start with /". */
  readonly allowed: string;
  readonly isAllowed: (text: string) => boolean;
}

export interface TextRow<D = string | undefined> extends About, TextRule {
  readonly kind: "text";
  readonly default: D;
}

/** A list of texts, each of which obeys the rule. */
export interface ListRow<D = readonly string[] | undefined> extends About, TextRule {
  readonly kind: "list";
  readonly default: D;
}

/** One option: what it means and what it may be. Its name is its key in the table. */
export type Row = NumberRow | ChoiceRow | SwitchRow | TextRow | ListRow;

/** A part of the table: the options of one group by name. */
export type Rows = Readonly<Record<string, Row>>;

type ValueOf<R extends Row> = R extends NumberRow
  ? number
  : R extends ChoiceRow<infer V, unknown>
    ? V
    : R extends SwitchRow
      ? boolean
      : R extends ListRow
        ? readonly string[]
        : string;

/** What may be given for the options of a group. */
export type Given<T extends Rows> = { readonly [K in keyof T]?: ValueOf<T[K]> };

/** What holds for the options of a group that have a default. */
export type Defaults<T extends Rows> = {
  readonly [K in keyof T as T[K]["default"] extends undefined ? never : K]: ValueOf<T[K]>;
};

/** A row as it is written: what most options have need not be said. */
type Written<R extends Row, Optional extends keyof R = never> = Omit<
  R,
  "kind" | "live" | "secret" | Optional
> & { readonly live?: boolean; readonly secret?: boolean } & {
  readonly [K in Optional]?: R[K];
};

/** Most options take effect with a restart, and are no secret. */
const ORDINARY = { live: false, secret: false } as const;

/** A row for a whole number; without bounds of its own from 1 on. */
export function wholeNumber<D extends number | undefined>(
  row: Written<NumberRow<D>, "least" | "most">,
): NumberRow<D> {
  return { ...ORDINARY, kind: "number", least: 1, most: Number.MAX_SAFE_INTEGER, ...row };
}

/** A row for one of few words. */
export function choice<const V extends string, D extends V | undefined>(
  row: Written<ChoiceRow<V, D>>,
): ChoiceRow<V, D> {
  return { ...ORDINARY, kind: "choice", ...row };
}

/** A row for something that is on or off. */
export function onOff(row: Written<SwitchRow>): SwitchRow {
  return { ...ORDINARY, kind: "switch", ...row };
}

/** A row for a text. */
export function text<D extends string | undefined>(row: Written<TextRow<D>>): TextRow<D> {
  return { ...ORDINARY, kind: "text", ...row };
}

/** A row for a list of texts. */
export function list<D extends readonly string[] | undefined>(
  row: Written<ListRow<D>>,
): ListRow<D> {
  return { ...ORDINARY, kind: "list", ...row };
}

/** The same rows, which nobody can change any more. */
export function frozen<T extends Rows>(rows: T): T {
  for (const row of Object.values(rows)) {
    if (row.kind === "choice") Object.freeze(row.values);
    if (row.kind === "list") Object.freeze(row.default);
    Object.freeze(row);
  }
  return Object.freeze(rows);
}
