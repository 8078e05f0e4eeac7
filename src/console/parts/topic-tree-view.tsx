import { useState } from "preact/hooks";
import type { RetainedAnswer } from "../../admin/answers.js";
import { visible } from "../../log/escape.js";
import { bytes, whole } from "../format.js";
import type { TopicNode } from "../topic-tree.js";

interface TreeProps {
  readonly nodes: readonly TopicNode<RetainedAnswer>[];
  readonly chosen: string;
  readonly onChoose: (topicName: string) => void;
}

/** So few levels are open from the start. */
const OPEN_BELOW = 24;

/** Topics level by level: a branch opens and closes, a name is chosen. */
export function TopicTree(props: TreeProps) {
  return (
    <nav class="tree" aria-label="Topics">
      <Level {...props} isTop />
    </nav>
  );
}

function Level({ nodes, isTop = false, ...rest }: TreeProps & { isTop?: boolean }) {
  const items = nodes.map((node) => <Branch key={node.topicName} node={node} {...rest} />);
  return isTop ? (
    <div>{items}</div>
  ) : (
    <ul>
      {items.map((item) => (
        <li key={item.key}>{item}</li>
      ))}
    </ul>
  );
}

function Branch({
  node,
  chosen,
  onChoose,
}: Omit<TreeProps, "nodes"> & { node: TopicNode<RetainedAnswer> }) {
  const { topicName, level, value, children, count } = node;
  const isOnTheWay = chosen.startsWith(`${topicName}/`);
  const [isOpen, setIsOpen] = useState(isOnTheWay || count <= OPEN_BELOW);
  const isBranch = children.length > 0;
  return (
    <>
      <button
        type="button"
        aria-current={topicName === chosen}
        aria-expanded={isBranch ? isOpen : undefined}
        onClick={() => {
          if (value !== undefined) onChoose(topicName);
          if (isBranch && (value === undefined || topicName === chosen)) setIsOpen(!isOpen);
        }}
      >
        <span class="turn" aria-hidden="true">
          {isBranch ? (isOpen ? "▾" : "▸") : ""}
        </span>
        <span class="mono">{level === "" ? "(empty level)" : visible(level)}</span>
        <span class="preview">
          {value === undefined ? whole(count) : bytes(value.payloadBytes)}
        </span>
      </button>
      {isBranch && isOpen && <Level nodes={children} chosen={chosen} onChoose={onChoose} />}
    </>
  );
}
