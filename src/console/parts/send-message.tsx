import { useState } from "preact/hooks";
import { visible } from "../../log/escape.js";
import { wordsOf } from "../api/http.js";
import { milliseconds } from "../format.js";
import { type ReceiptWords, receiptWords } from "../receipt.js";
import { useConsole } from "./console-context.js";
import { Check, Choice, QOS_CHOICES, type QosChoice, TextArea, TextField } from "./fields.js";
import { Notice } from "./words.js";

const TIMEOUT_MS = 10_000;

/** What no level of a topic may hold: then there is no topic that is its address. [P17] */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is one of them
const NO_LEVEL = /[/+#\u0000]|^$/;

/** Sends to one client, if its identifier can be part of a topic. */
export function SendMessage(props: { clientId: string; onSent: () => void }) {
  if (!NO_LEVEL.test(props.clientId)) return <SendForm {...props} />;
  return (
    <p class="muted">
      It has no address: an identifier with /, + or # cannot be a level of a topic.
    </p>
  );
}

/** Sends to one client as the server, and shows what became of it. */
function SendForm({ clientId, onSent }: { clientId: string; onSent: () => void }) {
  const { api } = useConsole();
  const [parent, setParent] = useState("console");
  const [payload, setPayload] = useState("hello");
  const [qos, setQos] = useState<QosChoice>("1");
  const [confirm, setConfirm] = useState(true);
  const [isSending, setIsSending] = useState(false);
  const [receipt, setReceipt] = useState<ReceiptWords & { afterMs: number }>();
  const send = async (): Promise<void> => {
    setIsSending(true);
    const startMs = performance.now();
    const message = {
      parent,
      payload,
      qos: Number(qos) as 0 | 1 | 2,
      confirm,
      timeoutMs: TIMEOUT_MS,
    };
    const found = await api
      .send(clientId, message)
      .then(receiptWords)
      .catch((error: unknown) => ({
        tone: "bad" as const,
        title: "Not sent",
        text: wordsOf(error),
      }));
    setReceipt({ ...found, afterMs: performance.now() - startMs });
    setIsSending(false);
    onSent();
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="fields">
        <TextField label="Parent topic" value={parent} onInput={setParent} isMono isRequired />
        <Choice<QosChoice> label="QoS" value={qos} choices={QOS_CHOICES} onChange={setQos} />
        <TextArea label="Payload" class="whole" value={payload} onInput={setPayload} />
      </div>
      <div class="actions">
        <button type="submit" class="main-action" disabled={isSending}>
          {isSending ? "Sending …" : "Send"}
        </button>
        <Check label="Wait for its acknowledgement" isOn={confirm} onChange={setConfirm} />
      </div>
      <p class="muted mono break">
        {parent}/p2p/{visible(clientId)}
      </p>
      {receipt !== undefined && (
        <Notice tone={receipt.tone}>
          <strong>{receipt.title}</strong>
          <span>{receipt.text}</span>
          <span class="number">{milliseconds(receipt.afterMs)}</span>
        </Notice>
      )}
    </form>
  );
}
