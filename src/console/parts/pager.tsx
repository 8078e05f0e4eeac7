/** The way through the pages of a list: cursors of those before, the last one that of the page that is shown. */
export function Pager({
  label,
  cursors,
  next,
  onTurn,
}: {
  label: string;
  cursors: readonly string[];
  /** Of the next page; `undefined`: this is the last. */
  next: string | undefined;
  onTurn: (cursors: readonly string[]) => void;
}) {
  if (cursors.length === 0 && next === undefined) return null;
  return (
    <nav class="pager" aria-label={label}>
      <button
        type="button"
        disabled={cursors.length === 0}
        onClick={() => onTurn(cursors.slice(0, -1))}
      >
        Previous
      </button>
      <span>Page {cursors.length + 1}</span>
      <button
        type="button"
        disabled={next === undefined}
        onClick={() => next !== undefined && onTurn([...cursors, next])}
      >
        Next
      </button>
    </nav>
  );
}
