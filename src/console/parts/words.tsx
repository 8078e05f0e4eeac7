import type { ComponentChildren } from "preact";

/** Instead of what is not there: says so, and what would bring it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** How something stands; the word says what the colour says. */
export type Tone = "good" | "warn" | "bad" | "plain";

export function Notice({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** That the server has not given what was asked for, with a way to ask again. */
export function Failure({ error, retry }: { error: string; retry: () => void }) {
  return (
    <Notice tone="bad">
      <span>{error}</span>
      <button type="button" class="small" onClick={retry}>
        Try again
      </button>
    </Notice>
  );
}

/** A label with its value, in a list of facts. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A box with a heading. */
export function Card(props: {
  title: string;
  end?: ComponentChildren;
  children: ComponentChildren;
  /** Whether the content keeps away from the edges; a table does not. */
  isPadded?: boolean;
}) {
  const { title, end, children, isPadded = true } = props;
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {end !== undefined && <div class="end">{end}</div>}
      </header>
      {isPadded ? <div class="inside">{children}</div> : children}
    </section>
  );
}
