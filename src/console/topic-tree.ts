/** One level of Topic Names, with what lies below it. */
export interface TopicNode<T> {
  /** Its own part of the name. */
  readonly level: string;
  /** The whole Topic Name down to here. */
  readonly topicName: string;
  /** What is known of exactly this name. */
  readonly value: T | undefined;
  /** Names below it that have a value, itself included. */
  readonly count: number;
  /** In the order of their names. */
  readonly children: readonly TopicNode<T>[];
}

interface Growing<T> {
  value: T | undefined;
  readonly children: Map<string, Growing<T>>;
}

/** Topic Names as the tree that they are. */
export function topicTree<T>(
  entries: Iterable<readonly [topicName: string, value: T]>,
): readonly TopicNode<T>[] {
  const root: Growing<T> = { value: undefined, children: new Map() };
  for (const [topicName, value] of entries) {
    let node = root;
    for (const level of topicName.split("/")) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = { value: undefined, children: new Map() };
        node.children.set(level, child);
      }
      node = child;
    }
    node.value = value;
  }
  return grown(root, "");
}

function grown<T>(node: Growing<T>, prefix: string): readonly TopicNode<T>[] {
  return [...node.children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([level, child]) => {
      const topicName = `${prefix}${level}`;
      const children = grown(child, `${topicName}/`);
      const below = children.reduce((sum, { count }) => sum + count, 0);
      const { value } = child;
      return { level, topicName, value, count: below + (value === undefined ? 0 : 1), children };
    });
}
