import type { Core } from "../state/core.js";
import { hasWildcard } from "../topic/topic-filter.js";

/** Whether a filter names inboxes only, where nothing is ever retained. [P4] [P13] */
export function isInbox({ settings }: Core, topicFilter: string): boolean {
  return (
    !hasWildcard(topicFilter) && settings.pointToPoint.addressing(topicFilter).kind !== "ordinary"
  );
}
