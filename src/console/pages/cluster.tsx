import { useEffect, useState } from "preact/hooks";
import type { ClusterAnswer } from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { bytes, counted, milliseconds, whole } from "../format.js";
import { Confirm } from "../parts/confirm.js";
import { useConsole } from "../parts/console-context.js";
import { useLoaded } from "../parts/loading.js";
import { NodeTable } from "../parts/node-table.js";
import { Whereabouts } from "../parts/whereabouts.js";
import { Card, Empty, Fact, Failure, Notice } from "../parts/words.js";

const EVERY_MS = 2_000;

/** The nodes that are one broker, as the one that answers sees them. */
export function Cluster() {
  const { api } = useConsole();
  const { value, error, reload } = useLoaded("cluster", (signal) => api.cluster(signal), EVERY_MS);
  useEffect(() => {
    document.title = "Cluster · Beeline";
  }, []);
  return (
    <div class="stack">
      {error !== undefined && <Failure error={error} retry={reload} />}
      {value?.isAlone === true && (
        <Empty title="This server is alone">
          Start it with --cluster nats://HOST:4222 to make it one node of many.
        </Empty>
      )}
      {value?.state !== undefined && <State state={value.state} reload={reload} />}
    </div>
  );
}

function State({ state, reload }: { state: ClusterAnswer; reload: () => void }) {
  const { nodeName, nodes, isServing, drain } = state;
  const { handovers, adoptions, retained } = state;
  const nodeCount = nodes.filter((node) => !isGone(node)).length;
  return (
    <>
      {drain === undefined ? (
        <Serving nodeName={nodeName} nodeCount={nodeCount} isServing={isServing} />
      ) : (
        <Drained drain={drain} />
      )}
      <Gone nodes={nodes} />
      <Card
        title="Nodes"
        isPadded={false}
        end={drain === undefined && <Drain state={state} reload={reload} />}
      >
        <NodeTable nodes={nodes} />
      </Card>
      <div class="columns">
        <Card title="Order log">
          <dl class="facts">
            <Fact name="An entry, there and back">{timeOf(state.lagMs)}</Fact>
            <Fact name="CONNECTs that wait for it">{whole(state.waitingConnects)}</Fact>
            <Fact name="Messages without a place">{whole(state.waitingMessages)}</Fact>
            <Fact name="Not sent by any node">{whole(state.foreign)}</Fact>
          </dl>
        </Card>
        <Card title="Sessions that move">
          <dl class="facts">
            <Fact name="On their way now">{whole(handovers.underWay)}</Fact>
            <Fact name="Handed over">{whole(handovers.left)}</Fact>
            <Fact name="Taken over">{whole(handovers.arrived)}</Fact>
            <Fact name="Not moved">{whole(handovers.failed)}</Fact>
          </dl>
        </Card>
        <Card title="Nodes that were gone">
          <dl class="facts">
            <Fact name="This one stands in for">{whole(adoptions.underWay)}</Fact>
            <Fact name="Has stood in for">
              {whole(adoptions.done)}
              {adoptions.done > 0 && ` (the last one: ${timeOf(adoptions.lastMs)})`}
            </Fact>
            <Fact name="Not, or not to the end">{whole(adoptions.failed)}</Fact>
            <Fact name="Their sessions given away">{whole(adoptions.sessions)}</Fact>
          </dl>
        </Card>
        <Card title="Retained messages">
          <dl class="facts">
            <Fact name="The last one, to NATS">{timeOf(retained.lagMs)}</Fact>
            <Fact name="Topics that wait">
              {whole(retained.waitingTopics)} ({bytes(retained.waitingBytes)})
            </Fact>
            <Fact name="SUBACKs that did not wait">{whole(retained.overdue)}</Fact>
          </dl>
        </Card>
      </div>
      <Whereabouts />
    </>
  );
}

function Serving(props: { nodeName: string; nodeCount: number; isServing: boolean }) {
  const { nodeName, nodeCount, isServing } = props;
  if (isServing) {
    return (
      <Notice tone="good">
        This node, {nodeName}, serves as one of {counted(nodeCount, "node")}.
      </Notice>
    );
  }
  return (
    <Notice tone="bad">
      This node, {nodeName}, does not reach the others: it serves nobody until it does.
    </Notice>
  );
}

function isGone({ standsIn, adopter }: ClusterAnswer["nodes"][number]): boolean {
  return standsIn || adopter !== undefined;
}

/** Whose sessions go to the others just now, as it is gone. */
function Gone({ nodes }: Pick<ClusterAnswer, "nodes">) {
  return nodes.filter(isGone).map(({ node, name, adopter, clients }) => (
    <Notice key={node} tone="warn">
      {visible(name)} is gone. {adopter === undefined ? "Another node" : visible(adopter)} stands in
      for it and gives its sessions to the other nodes: {whole(clients)} left. Its clients find them
      there.
    </Notice>
  ));
}

/** 0: there was none yet. */
function timeOf(ms: number): string {
  return ms === 0 ? "–" : milliseconds(ms);
}

function Drained({ drain }: { drain: NonNullable<ClusterAnswer["drain"]> }) {
  const { state, handedOver, left, connected } = drain;
  const numbers = `${whole(handedOver)} handed over, ${whole(left)} left`;
  if (state === "done") {
    return <Notice tone="good">This node is empty and stops: {numbers}.</Notice>;
  }
  if (state === "incomplete") {
    return (
      <Notice tone="bad">
        The time was up, and this node stops with sessions that end with it: {numbers}.
      </Notice>
    );
  }
  return (
    <Notice tone="warn">
      This node is being drained: sessions {numbers}; {counted(connected, "connection")} still open.
    </Notice>
  );
}

/** The way to have this node emptied and stopped. */
function Drain({ state, reload }: { state: ClusterAnswer; reload: () => void }) {
  const { api } = useConsole();
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState<string>();
  const isLast = state.nodes.every(({ isThis, isLeaving }) => isThis || isLeaving);
  const answer = (isYes: boolean): void => {
    setIsAsking(false);
    if (!isYes) return;
    api.drain().then(reload, (error: Error) => setFailure(error.message));
  };
  return (
    <>
      {failure !== undefined && <span class="tag bad">{failure}</span>}
      <button
        type="button"
        class="small"
        disabled={isLast}
        title={isLast ? "There is no other node that could take its sessions" : undefined}
        onClick={() => setIsAsking(true)}
      >
        Drain this node …
      </button>
      {isAsking && (
        <Confirm title={`Drain ${state.nodeName}?`} action="Drain and stop" onAnswer={answer}>
          <p>
            It takes no more clients, closes its own, hands their sessions to the other nodes, and
            stops. This page ends with it.
          </p>
        </Confirm>
      )}
    </>
  );
}
