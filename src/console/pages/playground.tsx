import { useEffect, useState } from "preact/hooks";
import { directTopic, type Entry } from "../mqtt/conversation.js";
import { useConsole } from "../parts/console-context.js";
import {
  Check,
  Choice,
  QOS_CHOICES,
  type QosChoice,
  TextArea,
  TextField,
} from "../parts/fields.js";
import { useLoaded } from "../parts/loading.js";
import { Timeline } from "../parts/timeline.js";
import { type PlaygroundClient, usePageClient } from "../parts/use-page-client.js";
import { Card, Empty } from "../parts/words.js";

const TOKEN_DIGITS = 36;
const RECEIPTS = "pointToPoint.receipts";

/** Two MQTT clients in this page, which send to each other by their identifiers. */
export function Playground() {
  const { api } = useConsole();
  const [ids, setIds] = useState<readonly [string, string]>(["console-a", "console-b"]);
  const { value: hasReceipts = false } = useLoaded("receipts", async (signal) => {
    const values = await api.config(signal);
    return values.some(({ path, value }) => path === RECEIPTS && value === "true");
  });
  useEffect(() => {
    document.title = "Playground · Beeline";
  }, []);
  return (
    <div class="stack">
      <p class="muted">
        Two MQTT clients, in this page. Connect both, and send by identifier: no subscription is
        needed, and nobody else sees it.
      </p>
      <div class="columns">
        <Panel
          name="Client A"
          id={ids[0]}
          other={ids[1]}
          hasReceipts={hasReceipts}
          onId={(id) => setIds([id, ids[1]])}
        />
        <Panel
          name="Client B"
          id={ids[1]}
          other={ids[0]}
          hasReceipts={hasReceipts}
          onId={(id) => setIds([ids[0], id])}
        />
      </div>
    </div>
  );
}

interface PanelProps {
  readonly name: string;
  readonly id: string;
  readonly other: string;
  readonly hasReceipts: boolean;
  readonly onId: (id: string) => void;
}

function Panel({ name, id, other, hasReceipts, onId }: PanelProps) {
  const client = usePageClient();
  const { state, entries } = client;
  const isConnected = state === "connected";
  return (
    <Card
      title={name}
      end={<span class={`state ${isConnected ? "good" : ""}`}>{STATES[state]}</span>}
      isPadded={false}
    >
      <div class="inside stack">
        <Connecting id={id} onId={onId} client={client} />
        <Sending other={other} hasReceipts={hasReceipts} client={client} />
      </div>
      <Conversation name={name} entries={entries} />
    </Card>
  );
}

const STATES = { closed: "not connected", connecting: "connecting", connected: "connected" };

function Connecting(props: { id: string; onId: (id: string) => void; client: PlaygroundClient }) {
  const { id, onId, client } = props;
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const isClosed = client.state === "closed";
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (isClosed) client.connect({ clientId: id, username, password, cleanSession: true });
        else client.client?.disconnect();
      }}
    >
      <TextField label="Client identifier" value={id} onInput={onId} isMono isRequired />
      <TextField label="User name" value={username} onInput={setUsername} placeholder="none" />
      <TextField label="Password" value={password} onInput={setPassword} type="password" />
      <button type="submit" class={isClosed ? "main-action" : undefined}>
        {isClosed ? "Connect" : "Disconnect"}
      </button>
    </form>
  );
}

function Sending(props: { other: string; hasReceipts: boolean; client: PlaygroundClient }) {
  const { other, hasReceipts, client } = props;
  const [to, setTo] = useState<string>();
  const [parent, setParent] = useState("demo");
  const [payload, setPayload] = useState("hello");
  const [qos, setQos] = useState<QosChoice>("1");
  const [wantsReceipt, setWantsReceipt] = useState(true);
  const isConnected = client.state === "connected";
  const receiver = to ?? other;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const token = hasReceipts && wantsReceipt ? Date.now().toString(TOKEN_DIGITS) : undefined;
        client.client?.publish(
          directTopic(parent, receiver, token),
          payload,
          Number(qos) as 0 | 1 | 2,
        );
      }}
    >
      <div class="fields">
        <TextField label="Send to" value={receiver} onInput={setTo} isMono isRequired />
        <TextField label="Parent topic" value={parent} onInput={setParent} isMono isRequired />
        <Choice<QosChoice> label="QoS" value={qos} choices={QOS_CHOICES} onChange={setQos} />
        <TextArea label="Payload" class="whole" value={payload} onInput={setPayload} />
      </div>
      <div class="actions">
        <button
          type="submit"
          disabled={!isConnected}
          class={isConnected ? "main-action" : undefined}
        >
          Send
        </button>
        {hasReceipts && (
          <Check label="With a receipt" isOn={wantsReceipt} onChange={setWantsReceipt} />
        )}
        <span class="muted mono break">{directTopic(parent, receiver, undefined)}</span>
      </div>
    </form>
  );
}

function Conversation({ name, entries }: { name: string; entries: readonly Entry[] }) {
  if (entries.length === 0) {
    return <Empty title="Nothing has happened yet">Connect this client to begin.</Empty>;
  }
  const shown = entries.map((entry) => ({ ...entry, key: entry.number }));
  return <Timeline label={`What happened to ${name}`} entries={shown} />;
}
