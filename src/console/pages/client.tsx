import { useEffect, useState } from "preact/hooks";
import type {
  ClientDetailsAnswer,
  SubscriptionAnswer,
  TraceEntryAnswer,
} from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { wordsOf } from "../api/http.js";
import { bytes, counted, whole } from "../format.js";
import { Confirm } from "../parts/confirm.js";
import { useConsole } from "../parts/console-context.js";
import { useLoaded } from "../parts/loading.js";
import { SendMessage } from "../parts/send-message.js";
import { Timeline } from "../parts/timeline.js";
import { Card, Empty, Fact, Failure, Notice, type Tone } from "../parts/words.js";
import { hashOf } from "../route.js";
import { ClientStateMark, Since } from "./clients.js";

const EVERY_MS = 2_000;

/** One client: what is known of it, what waits for it, what happened to it. */
export function Client({ clientId }: { clientId: string }) {
  const { api } = useConsole();
  const { value, error, isLoading, reload } = useLoaded(
    clientId,
    (signal) => api.client(clientId, signal),
    EVERY_MS,
  );
  const [notice, setNotice] = useState<{ tone: Tone; words: string }>();
  useEffect(() => {
    document.title = `${visible(clientId)} · Beeline`;
  }, [clientId]);
  const act = async (call: () => Promise<string>): Promise<void> => {
    try {
      setNotice({ tone: "good", words: await call() });
    } catch (failure) {
      setNotice({ tone: "bad", words: wordsOf(failure) });
    }
    reload();
  };
  return (
    <div class="stack">
      <p>
        <a href={hashOf({ page: "clients" })}>All clients</a>
      </p>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {notice !== undefined && <Notice tone={notice.tone}>{notice.words}</Notice>}
      {value === undefined && !isLoading && error === undefined && (
        <section class="card" aria-label="No client">
          <Empty title="There is no such client now">
            Nobody with this identifier is connected, and no session is kept. This page shows it
            when it comes.
          </Empty>
        </section>
      )}
      {value !== undefined && (
        <>
          <About client={value} act={act} />
          <div class="columns">
            <div class="stack">
              <Card title="Send a message">
                <SendMessage clientId={clientId} onSent={reload} />
              </Card>
              <Queue client={value} />
              <Subscriptions subscriptions={value.subscriptions} />
            </div>
            <Trace entries={value.trace} />
          </div>
        </>
      )}
    </div>
  );
}

interface ActingProps {
  readonly client: ClientDetailsAnswer;
  readonly act: (call: () => Promise<string>) => Promise<void>;
}

function About({ client, act }: ActingProps) {
  const { api } = useConsole();
  const [isAsking, setIsAsking] = useState(false);
  const { clientId, connected: isConnected } = client;
  const end = (
    <button type="button" class="danger" disabled={!isConnected} onClick={() => setIsAsking(true)}>
      Disconnect
    </button>
  );
  return (
    <Card title="Presence" end={end}>
      <dl class="facts">
        <Fact name="State">
          <ClientStateMark client={client} />
        </Fact>
        <Fact name="Since">
          <Since client={client} nowMs={Date.now()} />
        </Fact>
        <Fact name="User">{visible(client.username ?? "none")}</Fact>
        <Fact name="Address">
          <span class="mono">{client.remoteAddress ?? "–"}</span>
        </Fact>
        <Fact name="Listener">{client.listener ?? "–"}</Fact>
        <Fact name="Session">{sessionWords(client.cleanSession)}</Fact>
        <Fact name="Keep alive">{keepAliveWords(client.keepAliveSeconds)}</Fact>
        <Fact name="In flight">{whole(client.inFlight)}</Fact>
      </dl>
      {isAsking && (
        <Confirm
          title={`Disconnect ${visible(clientId)}?`}
          action="Disconnect"
          onAnswer={(isYes) => {
            setIsAsking(false);
            if (isYes) {
              void act(async () => {
                await api.kick(clientId);
                return "The connection was closed. Most clients connect again by themselves.";
              });
            }
          }}
        >
          <p>
            Its connection is closed and its Will, if it has one, is published. A kept session
            stays.
          </p>
        </Confirm>
      )}
    </Card>
  );
}

function Queue({ client }: { client: ClientDetailsAnswer }) {
  const { queuedMessages, queuedBytes } = client;
  return (
    <Card title="Queue">
      {queuedMessages === 0 ? (
        <p class="muted">Nothing waits for this client.</p>
      ) : (
        <p>
          {counted(queuedMessages, "message")}, {bytes(queuedBytes)}
        </p>
      )}
    </Card>
  );
}

function Subscriptions({ subscriptions }: { subscriptions: readonly SubscriptionAnswer[] }) {
  return (
    <Card title="Subscriptions" isPadded={false}>
      {subscriptions.length === 0 ? (
        <Empty title="None">It can be sent to by its identifier all the same.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Topic filter</th>
              <th scope="col" class="number">
                QoS
              </th>
            </tr>
          </thead>
          <tbody>
            {subscriptions.map(({ topicFilter, grantedQos }) => (
              <tr key={topicFilter}>
                <th scope="row" class="mono">
                  {visible(topicFilter)}
                </th>
                <td class="number">{grantedQos}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Trace({ entries }: { entries: readonly TraceEntryAnswer[] }) {
  const shown = entries.map(({ atMs, kind, words }, at) => ({
    key: `${atMs} ${at}`,
    atMs,
    tone: "plain" as const,
    title: kind,
    text: words,
  }));
  return (
    <Card title="What happened" isPadded={false}>
      {entries.length === 0 ? (
        <Empty title="Nothing is remembered">
          What happens to this client from now on appears here.
        </Empty>
      ) : (
        <Timeline label="What happened" entries={shown} />
      )}
    </Card>
  );
}

function sessionWords(cleanSession: boolean | undefined): string {
  if (cleanSession === undefined) return "–";
  return cleanSession ? "ends with the connection" : "kept";
}

function keepAliveWords(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  return seconds === 0 ? "off" : `${seconds} s`;
}
