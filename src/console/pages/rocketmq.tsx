import { useEffect } from "preact/hooks";
import type { RocketMqAnswer } from "../../admin/answers.js";
import { bytes, whole } from "../format.js";
import { useConsole } from "../parts/console-context.js";
import { useLoaded } from "../parts/loading.js";
import { Card, Empty, Fact, Failure, Notice } from "../parts/words.js";

const EVERY_MS = 2_000;

/** The bridge to RocketMQ: whether it stands, and what has gone over it. */
export function RocketMq() {
  const { api } = useConsole();
  const { value, error, reload } = useLoaded(
    "rocketmq",
    (signal) => api.rocketmq(signal),
    EVERY_MS,
  );
  useEffect(() => {
    document.title = "RocketMQ · Beeline";
  }, []);
  return (
    <div class="stack">
      {error !== undefined && <Failure error={error} retry={reload} />}
      {value !== undefined && <Bridge bridge={value.bridge} />}
    </div>
  );
}

function Bridge({ bridge }: { bridge: RocketMqAnswer | undefined }) {
  if (bridge === undefined) {
    return (
      <Empty title="This server is not joined to RocketMQ">
        Start it with --rocketmq HOST:8081 --rocketmq-topics NAME,NAME.
      </Empty>
    );
  }
  const { address, protocol, group, failure, counts } = bridge;
  return (
    <>
      {failure === undefined ? (
        <Notice tone="good">Joined to RocketMQ at {address}.</Notice>
      ) : (
        <Notice tone="bad">
          RocketMQ at {address} cannot be used, and is tried again: {failure}
        </Notice>
      )}
      <Card title="Connection">
        <dl class="facts">
          <Fact name="Address">
            <span class="mono break">{address}</span>
          </Fact>
          <Fact name="Protocol">{protocol}</Fact>
          <Fact name="Consumer group">
            <span class="mono break">{group}</span>
          </Fact>
          <Fact name="Topics from RocketMQ">{namesOf(bridge.in)}</Fact>
          <Fact name="Topics to RocketMQ">{namesOf(bridge.out)}</Fact>
        </dl>
      </Card>
      <div class="columns">
        <Card title="From RocketMQ">
          <dl class="facts">
            <Fact name="Received">{whole(counts.received)}</Fact>
            <Fact name="Of these once more">{whole(counts.redelivered)}</Fact>
            <Fact name="Acknowledged">{whole(counts.acknowledged)}</Fact>
            <Fact name="Left there, nothing decided">{whole(counts.postponed)}</Fact>
            <Fact name="Dropped: never deliverable">{whole(counts.poison)}</Fact>
            <Fact name="Dropped: too old">{whole(counts.tooOld)}</Fact>
            <Fact name="This server's own">{whole(counts.own)}</Fact>
          </dl>
        </Card>
        <Card title="To RocketMQ">
          <dl class="facts">
            <Fact name="Sent">{whole(counts.sent)}</Fact>
            <Fact name="Waiting">
              {whole(counts.pending)} ({bytes(counts.pendingBytes)})
            </Fact>
            <Fact name="Failed tries">{whole(counts.failed)}</Fact>
            <Fact name="Dropped at QoS 0">{whole(counts.dropped)}</Fact>
            <Fact name="Left to their senders">{whole(counts.refused)}</Fact>
            <Fact name="Never sendable">{whole(counts.unsendable)}</Fact>
          </dl>
        </Card>
      </div>
    </>
  );
}

function namesOf(topics: readonly string[]) {
  return topics.length === 0 ? "none" : <span class="mono break">{topics.join(", ")}</span>;
}
