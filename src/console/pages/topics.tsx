import { useEffect, useMemo, useState } from "preact/hooks";
import { visible } from "../../log/escape.js";
import { wordsOf } from "../api/http.js";
import type { RetainedMessage } from "../api/model.js";
import { bytes, counted } from "../format.js";
import { Confirm } from "../parts/confirm.js";
import { useConsole } from "../parts/console-context.js";
import { useLoaded } from "../parts/loading.js";
import { Scrollable } from "../parts/scrollable.js";
import { SearchBox } from "../parts/search-box.js";
import { TopicTree } from "../parts/topic-tree-view.js";
import { Card, Empty, Failure, Notice } from "../parts/words.js";
import { shownPayload } from "../payload.js";
import { hashOf } from "../route.js";
import { topicTree } from "../topic-tree.js";

const EVERY_MS = 10_000;

/** Retained messages as a tree, and who is subscribed to what is chosen. */
export function Topics() {
  const { api, route } = useConsole();
  const { item: chosen, query } = route;
  const { filter = "#" } = query;
  const { value, error, reload } = useLoaded(
    filter,
    (signal) => api.retained(filter, signal),
    EVERY_MS,
  );
  useEffect(() => {
    document.title = "Topics · Beeline";
  }, []);
  const tree = useMemo(
    () => topicTree(value?.messages.map((message) => [message.topicName, message] as const) ?? []),
    [value],
  );
  const isRetained = value?.messages.some(({ topicName }) => topicName === chosen) ?? false;
  const go = (item: string, nextFilter = filter): void => {
    const shown = nextFilter === "#" ? "" : nextFilter;
    location.replace(hashOf({ page: "topics", item, query: { filter: shown } }));
  };
  return (
    <div class="stack">
      <search class="filters">
        <SearchBox
          label="Topic filter"
          placeholder="Topic filter, such as home/+/light"
          value={filter === "#" ? "" : filter}
          onSearch={(text) => go("", text === "" ? "#" : text)}
        />
        {value !== undefined && (
          <span class="muted">
            {counted(value.messages.length, "retained message")}
            {value.next !== undefined && " shown, there are more: narrow the filter"}
          </span>
        )}
      </search>
      {error !== undefined && <Failure error={error} retry={reload} />}
      <div class="two-panes">
        <Card title="Retained messages" isPadded={false}>
          {tree.length === 0 ? (
            <Empty title={value === undefined ? "Loading …" : "Nothing is retained here"}>
              A message published with the retain flag stays, and appears in this tree. The filter
              $SYS/# shows what the server itself retains.
            </Empty>
          ) : (
            <TopicTree nodes={tree} chosen={chosen} onChoose={(topicName) => go(topicName)} />
          )}
        </Card>
        <div class="stack">
          {isRetained && <Retained key={chosen} topicName={chosen} onDeleted={reload} />}
          <Subscribers topicName={chosen} />
        </div>
      </div>
    </div>
  );
}

function Retained({ topicName, onDeleted }: { topicName: string; onDeleted: () => void }) {
  const { api } = useConsole();
  const { value, error, reload } = useLoaded(
    `message ${topicName}`,
    (signal) => api.retainedMessage(topicName, signal),
    EVERY_MS,
  );
  if (value !== undefined) return <Message message={value} onDeleted={onDeleted} />;
  return error === undefined ? null : <Failure error={error} retry={reload} />;
}

function Message({ message, onDeleted }: { message: RetainedMessage; onDeleted: () => void }) {
  const { api } = useConsole();
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState<string>();
  const { topicName, payload, qos } = message;
  const { kind, text } = shownPayload(payload);
  const remove = async (): Promise<void> => {
    try {
      await api.deleteRetained(topicName);
      onDeleted();
    } catch (error) {
      setFailure(wordsOf(error));
    }
  };
  return (
    <Card
      title={visible(topicName)}
      end={
        <button type="button" class="small danger" onClick={() => setIsAsking(true)}>
          Delete
        </button>
      }
    >
      <div class="stack">
        <div class="actions">
          <span class="tag">QoS {qos}</span>
          <span class="tag">{bytes(payload.length)}</span>
          <span class="tag">{kind}</span>
        </div>
        <Scrollable class="payload" label="Payload">
          <pre>{text}</pre>
        </Scrollable>
        {failure !== undefined && <Notice tone="bad">{failure}</Notice>}
      </div>
      {isAsking && (
        <Confirm
          title={`Delete what is retained under ${visible(topicName)}?`}
          action="Delete"
          onAnswer={(isYes) => {
            setIsAsking(false);
            if (isYes) void remove();
          }}
        >
          <p>New subscribers will not get it any more. Present ones get an empty message.</p>
        </Confirm>
      )}
    </Card>
  );
}

function Subscribers({ topicName }: { topicName: string }) {
  const { api } = useConsole();
  const { value, error, reload } = useLoaded(`subscribers ${topicName}`, async (signal) =>
    topicName === "" ? [] : api.subscribersOf(topicName, signal),
  );
  if (topicName === "") {
    return (
      <Card title="Who is subscribed">
        <Empty title="No topic is chosen">
          Choose one in the tree to see its message and its subscribers.
        </Empty>
      </Card>
    );
  }
  return (
    <Card title={`Who is subscribed to ${visible(topicName)}`} isPadded={false}>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {value?.length === 0 && (
        <Empty title="Nobody">No subscription matches this topic at the moment.</Empty>
      )}
      {value !== undefined && value.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Client</th>
              <th scope="col">By the filter</th>
              <th scope="col" class="number">
                QoS
              </th>
            </tr>
          </thead>
          <tbody>
            {value.map(({ clientId, topicFilter, grantedQos }) => (
              <tr key={`${clientId}\n${topicFilter}`}>
                <th scope="row">
                  <a href={hashOf({ page: "clients", item: clientId })}>{visible(clientId)}</a>
                </th>
                <td class="mono break">{visible(topicFilter)}</td>
                <td class="number">{grantedQos}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
