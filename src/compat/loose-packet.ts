/** A packet as users hand it over: nothing about it is certain. */
export interface LoosePacket {
  readonly cmd?: unknown;
  readonly messageId?: unknown;
  readonly topic?: unknown;
  readonly payload?: unknown;
  readonly qos?: unknown;
  readonly dup?: unknown;
  readonly retain?: unknown;
  readonly returnCode?: unknown;
  readonly sessionPresent?: unknown;
  readonly subscriptions?: unknown;
  readonly granted?: unknown;
  readonly unsubscriptions?: unknown;
  readonly protocolId?: unknown;
  readonly protocolVersion?: unknown;
  readonly bridgeMode?: unknown;
  readonly clean?: unknown;
  readonly keepalive?: unknown;
  readonly clientId?: unknown;
  readonly will?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
}
