import type { ComponentChildren } from "preact";

/** A column of a table: how it is called, and what stands in it. */
export interface Column<T> {
  readonly title: string;
  /** Classes of its cells: `wide` ones are left out where there is little room. */
  readonly look?: string;
  /** Classes besides, of what stands in it alone. */
  readonly cellLook?: string;
  /** What its title means. */
  readonly about?: string;
  readonly cell: (item: T) => ComponentChildren;
  /** What a cell says besides, in words. */
  readonly cellTitle?: (item: T) => string;
}

/** A table whose first column says what each row is about. */
export function Table<T>({
  columns,
  rows,
  keyOf,
}: {
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}) {
  const [first, ...others] = columns;
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ title, look, about }) => (
            <th key={title} scope="col" class={look} title={about}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row">{first?.cell(row)}</th>
            {others.map(({ title, look = "", cellLook = "", cell, cellTitle }) => (
              <td key={title} class={`${look} ${cellLook}`.trim()} title={cellTitle?.(row)}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A text that is not always there. */
export function OrNone({ children }: { children: string | undefined }) {
  return <>{children ?? <span class="muted">–</span>}</>;
}
