import { visible } from "../../log/escape.js";
import { clock } from "../format.js";
import { Scrollable } from "./scrollable.js";
import type { Tone } from "./words.js";

/** One thing that happened. */
export interface TimelineEntry {
  /** Names it among the others. */
  readonly key: string | number;
  readonly atMs: number;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

/** What happened, newest first. */
export function Timeline(props: { label: string; entries: readonly TimelineEntry[] }) {
  const { label, entries } = props;
  return (
    <Scrollable class="timeline" label={`${label}, newest first`}>
      <ol>
        {entries.toReversed().map(({ key, atMs, tone, title, text }) => (
          <li key={key}>
            <time dateTime={new Date(atMs).toISOString()}>{clock(atMs)}</time>
            <p>
              <span class={`tag ${tone}`}>{title}</span> {visible(text)}
            </p>
          </li>
        ))}
      </ol>
    </Scrollable>
  );
}
