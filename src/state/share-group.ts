import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "./client-directory.js";

/** One Session's place in a group. */
export class ShareMember {
  readonly group: ShareGroup;
  readonly session: ClientSession;
  /** The latest one granted. [MQTT-3.8.4-3] */
  grantedQos: QoS;
  /** Which of the two lists of the group holds it, and where. Kept by the group. */
  isOnline: boolean;
  at = 0;

  constructor(group: ShareGroup, session: ClientSession, grantedQos: QoS, isOnline: boolean) {
    this.group = group;
    this.session = session;
    this.grantedQos = grantedQos;
    this.isOnline = isOnline;
  }
}

/**
 * The Clients that share one Subscription: each message goes to one of them. [M30]
 *
 * The group is one subscriber of the trie, whatever comes and goes in it: routes stay remembered
 * while members change, and the member is chosen for each message. Those with a connection stand
 * apart from those without, so that a thousand Sessions that nobody came back for cost a message
 * nothing while somebody is connected.
 */
export class ShareGroup {
  /** `$share/{group}/{filter}`: its identity, and what each member subscribed to. */
  readonly text: string;
  /** What the trie has it under. */
  readonly topicFilter: string;
  readonly online: ShareMember[] = [];
  readonly offline: ShareMember[] = [];
  /** Other nodes where the group has members. */
  readonly away: ClientSession[] = [];
  /** Whose turn it is in each list; whoever chooses moves it on. */
  onlineTurn = 0;
  offlineTurn = 0;
  awayTurn = 0;

  constructor(text: string, topicFilter: string) {
    this.text = text;
    this.topicFilter = topicFilter;
  }

  get size(): number {
    return this.online.length + this.offline.length;
  }

  /** Enters a member into the list it belongs to. O(1). */
  add(member: ShareMember): void {
    const list = member.isOnline ? this.online : this.offline;
    member.at = list.push(member) - 1;
  }

  /** Takes a member out. The last one of the list takes its place: O(1). */
  remove(member: ShareMember): void {
    const list = member.isOnline ? this.online : this.offline;
    const last = list.pop() as ShareMember; // it holds this member at least
    if (last === member) return;
    list[member.at] = last;
    last.at = member.at;
  }

  /** Its Client has come or gone. O(1). */
  move(member: ShareMember, isOnline: boolean): void {
    if (member.isOnline === isOnline) return;
    this.remove(member);
    member.isOnline = isOnline;
    this.add(member);
  }
}
