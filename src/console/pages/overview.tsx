import { useEffect, useState } from "preact/hooks";
import { DROP_WORDS } from "../../log/words.js";
import { BYTE_TICKS, bytes, duration, milliseconds, short, whole } from "../format.js";
import { busySeries, continued, type History, latest, NO_HISTORY, withZeros } from "../history.js";
import { Chart, type Line } from "../parts/chart.js";
import { useConsole } from "../parts/console-context.js";
import { useLoaded } from "../parts/loading.js";
import { Card, Empty, Failure } from "../parts/words.js";

const EVERY_MS = 2_000;
const DROP = "drops.";
const REASONS_MAX = 5;

/** How the server does: now, and in the last 15 minutes. */
export function Overview() {
  const { api } = useConsole();
  const [history, setHistory] = useState<History>(NO_HISTORY);
  const after = history.times.at(-1);
  const { error, reload } = useLoaded(
    "overview",
    async (signal) => {
      const since = await api.history(after, signal);
      setHistory((before) => continued(before, since));
    },
    EVERY_MS,
  );
  useEffect(() => {
    document.title = "Overview · Beeline";
  }, []);
  return (
    <div class="stack">
      {error !== undefined && <Failure error={error} retry={reload} />}
      <Tiles history={history} />
      <Charts history={history} />
      <Drops history={history} />
    </div>
  );
}

function Tiles({ history }: { history: History }) {
  const value = (name: string, format: (value: number) => string) => {
    const found = latest(history, name);
    return found === undefined ? "–" : format(found);
  };
  return (
    <dl class="tiles" aria-label="Now">
      <Tile
        name="Connected"
        value={value("connected", whole)}
        beside={`${value("sessions", whole)} sessions`}
      />
      <Tile name="Messages in" value={value("messagesIn", short)} beside="a second" />
      <Tile name="Messages out" value={value("messagesOut", short)} beside="a second" />
      <Tile
        name="Waiting"
        value={value("queuedMessages", short)}
        beside={value("queuedBytes", bytes)}
      />
      <Tile
        name="Retained"
        value={value("retained", short)}
        beside={value("retainedBytes", bytes)}
      />
      <Tile
        name="Commit p99"
        value={value("commitP99Ms", milliseconds)}
        beside={`p50 ${value("commitP50Ms", milliseconds)}`}
      />
      <Tile name="Loop lag" value={value("loopLagMs", milliseconds)} beside="longest" />
      <Tile
        name="Memory"
        value={value("memoryBytes", bytes)}
        beside={`up ${value("uptimeSeconds", duration)}`}
      />
    </dl>
  );
}

function Tile({ name, value, beside }: { name: string; value: string; beside: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        {value}
        <span class="beside">{beside}</span>
      </dd>
    </div>
  );
}

const perSecond = (value: number) => `${short(value)}/s`;
const bytesPerSecond = (value: number) => `${bytes(value)}/s`;

function Charts({ history }: { history: History }) {
  const { times, series } = history;
  const line = (name: string, key: string): Line => ({ name, values: series[key] ?? [] });
  const drops = busySeries(history, DROP).slice(0, REASONS_MAX);
  const shared = { times, group: "overview" };
  return (
    <div class="columns">
      <Chart
        {...shared}
        title="Messages"
        lines={[line("in", "messagesIn"), line("out", "messagesOut")]}
        format={perSecond}
      />
      <Chart
        {...shared}
        title="Bytes"
        lines={[line("in", "bytesIn"), line("out", "bytesOut")]}
        format={bytesPerSecond}
        steps={BYTE_TICKS}
      />
      <Chart
        {...shared}
        title="Store commits"
        lines={[line("p50", "commitP50Ms"), line("p99", "commitP99Ms")]}
        format={milliseconds}
      />
      <Chart
        {...shared}
        title="Connections"
        lines={[line("connected", "connected")]}
        format={short}
      />
      <Chart
        {...shared}
        title="Drops"
        lines={
          drops.length === 0
            ? [line("none", "messagesDropped")]
            : drops.map((key) => ({ name: words(key), values: withZeros(history, key) }))
        }
        format={perSecond}
      />
      <Chart
        {...shared}
        title="Event loop lag"
        lines={[line("longest", "loopLagMs")]}
        format={milliseconds}
      />
    </div>
  );
}

/** Drops since the start of the 15 minutes, by reason. */
function Drops({ history }: { history: History }) {
  const reasons = busySeries(history, DROP);
  const { intervalSeconds } = history;
  return (
    <Card title="Dropped in the last 15 minutes" isPadded={false}>
      {reasons.length === 0 ? (
        <Empty title="Nothing was dropped">
          Every message has found its receivers, or none was there.
        </Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Messages
              </th>
            </tr>
          </thead>
          <tbody>
            {reasons.map((key) => (
              <tr key={key}>
                <th scope="row">{sentence(key)}</th>
                <td class="number">{whole(sum(history, key) * intervalSeconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function sum({ series }: History, key: string): number {
  return series[key]?.reduce<number>((total, value) => total + (value ?? 0), 0) ?? 0;
}

/** `drops.queue-full` in the key of a chart: "queue full". */
function words(key: string): string {
  return key.slice(DROP.length).replaceAll("-", " ");
}

/** The same in a sentence; the name of a reason that this page does not know yet. */
function sentence(key: string): string {
  const known: Readonly<Record<string, string>> = DROP_WORDS;
  return known[key.slice(DROP.length)] ?? words(key);
}
