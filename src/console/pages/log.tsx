import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LogLine } from "../api/model.js";
import { clock, counted } from "../format.js";
import { matching, withLines } from "../log-lines.js";
import { useConsole } from "../parts/console-context.js";
import { Choice } from "../parts/fields.js";
import { Scrollable } from "../parts/scrollable.js";
import { SearchBox } from "../parts/search-box.js";
import { Empty, Notice } from "../parts/words.js";

const LEVEL_CHOICES = {
  debug: "Everything",
  info: "Info and above",
  warn: "Warnings and errors",
  error: "Errors",
} as const;
/** Lines that come together are drawn together. */
const DRAW_MS = 200;
/** Less from the end than this: somebody reads at the end. */
const NEAR_END = 40;

/** The server's log as it is written, newest below. */
export function Log() {
  const { api } = useConsole();
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [level, setLevel] = useState<LogLine["level"]>("debug");
  const [text, setText] = useState("");
  const [isPaused, setIsPaused] = useState(false);
  const [isOpen, setIsOpen] = useState(true);
  useEffect(() => {
    document.title = "Log · Beeline";
  }, []);
  useEffect(() => {
    if (isPaused) return undefined;
    let waiting: LogLine[] = [];
    setLines([]);
    const stop = api.tailLog((line) => waiting.push(line), setIsOpen);
    const timer = setInterval(() => {
      const more = waiting;
      waiting = [];
      setLines((before) => withLines(before, more));
    }, DRAW_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [api, isPaused]);
  const shown = useMemo(() => matching(lines, level, text), [lines, level, text]);
  return (
    <div class="stack">
      <search class="filters">
        <SearchBox label="Search the log" placeholder="Text" value={text} onSearch={setText} />
        <Choice<LogLine["level"]>
          label="Level"
          isLabelSeen={false}
          value={level}
          choices={LEVEL_CHOICES}
          onChange={setLevel}
        />
        <button type="button" aria-pressed={isPaused} onClick={() => setIsPaused(!isPaused)}>
          {isPaused ? "Go on" : "Pause"}
        </button>
        <span class="muted">
          {counted(shown.length, "line")}
          {shown.length < lines.length && ` of ${lines.length}`}
        </span>
      </search>
      {!isOpen && (
        <Notice tone="warn">The connection to the log was lost. It is tried again.</Notice>
      )}
      <section class="card" aria-label="Log">
        {shown.length === 0 ? (
          <Empty title={lines.length === 0 ? "Nothing was logged yet" : "No line matches"}>
            Lines appear here as the server writes them.
          </Empty>
        ) : (
          <Lines lines={shown} />
        )}
      </section>
    </div>
  );
}

function Lines({ lines }: { lines: readonly LogLine[] }) {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <Scrollable
      class="lines"
      box={list}
      label="Lines of the log, newest last"
      onScroll={({ scrollHeight, scrollTop, clientHeight }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <ol>
        {lines.map(({ atMs, level, text }, at) => (
          <li key={`${atMs} ${at}`} class={level}>
            <time dateTime={new Date(atMs).toISOString()}>{clock(atMs)}</time>
            <span class="level">{level}</span>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </Scrollable>
  );
}
