/** What a number counts, in the word that stands behind a flag. */
export type Unit = "bytes" | "ms" | "s" | "count" | "number";

/** What every option has, whatever its values are. */
interface About {
  /** One or two plain sentences for the people who run the server. */
  readonly about: string;
  /** Whether it must be given where it stands: only inside a group or an item. See {@link required}. */
  readonly required?: boolean;
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
  /** Whether it names a file or folder: from the folder of the file it stands in, if it stands in one. */
  readonly isPath?: boolean;
  /** Whether it is a URL: a user and a query in it are shown to nobody. */
  readonly isUrl?: boolean;
}

/** A list of texts, each of which obeys the rule. */
export interface ListRow<D = readonly string[] | undefined> extends About, TextRule {
  readonly kind: "list";
  readonly default: D;
}

/** One value, which a flag or a variable can give as a text. */
export type SimpleRow = NumberRow | ChoiceRow | SwitchRow | TextRow | ListRow;

/** Options that stand together under one key: `tls: { cert: ..., key: ... }`. */
export interface GroupRow<R extends Rows = Rows> extends About {
  readonly kind: "group";
  readonly default: undefined;
  readonly rows: R;
}

/** One of several groups: the key `tag` says which, and so which other keys there may be. */
export interface UnionRow<Tag extends string = string, T extends Variants = Variants>
  extends About {
  readonly kind: "union";
  readonly default: undefined;
  readonly tag: Tag;
  readonly variants: T;
}

/** The groups of a union by the word that chooses them. */
export type Variants = Readonly<Record<string, { readonly about: string; readonly rows: Rows }>>;

/**
 * A list of groups, or of unions, in order. It has no flag; its variable takes JSON. A part of the
 * server that has such a list writes one row and reads plain objects, checked to the last key:
 *
 *     const LISTENERS = items({
 *       about: "Where clients connect.",
 *       unset: "one of type tcp at host and port",
 *       of: union({
 *         about: "One place.",
 *         tag: "type",
 *         variants: {
 *           tcp: { about: "Plain MQTT.", rows: frozen({ port: wholeNumber({ ... }) }) },
 *           tls: { about: "MQTT over TLS.", rows: frozen({ cert: required(text({ ..., isPath: true })) }) },
 *         },
 *       }),
 *     });
 *
 * In the file this is `listeners: [{ type: tcp, port: 1883 }]`; `Given` makes of it
 * `readonly ({ type: "tcp", port?: number } | { type: "tls", cert: string })[]`.
 */
export interface ItemsRow<R extends GroupRow | UnionRow = GroupRow | UnionRow> extends About {
  readonly kind: "items";
  readonly default: undefined;
  readonly of: R;
}

/** One option: what it means and what it may be. Its name is its key in the table. */
export type Row = SimpleRow | GroupRow | UnionRow | ItemsRow;

/** A part of the table: the options of one group by name. */
export type Rows = Readonly<Record<string, Row>>;

/** What an option's value is to a program. */
export type ValueOf<R extends Row> = R extends NumberRow
  ? number
  : R extends ChoiceRow<infer V, unknown>
    ? V
    : R extends SwitchRow
      ? boolean
      : R extends ListRow
        ? readonly string[]
        : R extends GroupRow<infer G>
          ? Given<G>
          : R extends UnionRow<infer Tag, infer T>
            ? {
                [K in keyof T & string]: { readonly [_ in Tag]: K } & Given<T[K]["rows"]>;
              }[keyof T & string]
            : R extends ItemsRow<infer Item>
              ? readonly ValueOf<Item>[]
              : string;

/** The names of rows that must be given, or of all others. */
type NamesOf<T extends Rows, IsRequired> = {
  [K in keyof T]: T[K] extends { readonly required: true }
    ? IsRequired extends true
      ? K
      : never
    : IsRequired extends true
      ? never
      : K;
}[keyof T];

/** What may be given for the options of a group, and what must. */
export type Given<T extends Rows> = { readonly [K in NamesOf<T, false>]?: ValueOf<T[K]> } & {
  readonly [K in NamesOf<T, true>]: ValueOf<T[K]>;
};

/** What holds for the options of a group that have a default. */
export type Defaults<T extends Rows> = {
  readonly [K in keyof T as T[K]["default"] extends undefined ? never : K]: ValueOf<T[K]>;
};

/** A row as it is written: what most options have need not be said. */
type Written<R extends Row, Optional extends keyof R = never> = Omit<
  R,
  "kind" | "live" | "secret" | "required" | Optional
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

/** A row for options that stand together under one key. */
export function group<R extends Rows>(row: Written<GroupRow<R>, "default">): GroupRow<R> {
  return { ...ORDINARY, kind: "group", default: undefined, ...row };
}

/** A row for one of several groups. */
export function union<const Tag extends string, T extends Variants>(
  row: Written<UnionRow<Tag, T>, "default">,
): UnionRow<Tag, T> {
  return { ...ORDINARY, kind: "union", default: undefined, ...row };
}

/** A row for a list of groups or unions: {@link ItemsRow} has an example. */
export function items<R extends GroupRow | UnionRow>(
  row: Written<ItemsRow<R>, "default">,
): ItemsRow<R> {
  return { ...ORDINARY, kind: "items", default: undefined, ...row };
}

/** The same row, which must be given where its group or item is. */
export function required<R extends Row>(row: R): R & { readonly required: true } {
  return { ...row, required: true };
}

/** Whether a text can stand for its value: it has a flag and a plain variable. */
export function isSimple(row: Row): row is SimpleRow {
  return row.kind !== "group" && row.kind !== "union" && row.kind !== "items";
}

/** The same rows, which nobody can change any more, down to the last one. */
export function frozen<T extends Rows>(rows: T): T {
  for (const row of Object.values(rows)) freeze(row);
  return Object.freeze(rows);
}

function freeze(row: Row): void {
  switch (row.kind) {
    case "choice":
      Object.freeze(row.values);
      break;
    case "list":
      Object.freeze(row.default);
      break;
    case "group":
      frozen(row.rows);
      break;
    case "union":
      for (const variant of Object.values(row.variants)) {
        frozen(variant.rows);
        Object.freeze(variant);
      }
      Object.freeze(row.variants);
      break;
    case "items":
      freeze(row.of);
      break;
  }
  Object.freeze(row);
}
