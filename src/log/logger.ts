/**
 * Where a broker's log goes. `console` is one; for `pino`, whose arguments stand the other way round:
 *
 *     { info: (message, fields) => log.info(fields, message), ... }
 *
 * A member that is missing means that lines of this level are not wanted: making them, and whatever
 * is needed for them, is then left out. None may throw.
 */
export interface Logger {
  /** Connects and disconnects. */
  readonly debug?: LogLine | undefined;
  /** What a peer did wrong or may not do, and what the broker does. */
  readonly info?: LogLine | undefined;
  /** A limit was met, or messages are lost. */
  readonly warn?: LogLine | undefined;
  /** Something is wrong on our side. */
  readonly error?: LogLine | undefined;
}

/**
 * Takes one line.
 *
 * @param message - The whole of it, in words. What a peer chose in it is escaped and cut.
 * @param fields - The same for programs: escaped and cut, too.
 */
export type LogLine = (message: string, fields: LogFields) => void;

/** What a line is about; only the members that apply are there. */
export interface LogFields {
  /** Client Identifier. */
  readonly client?: string;
  readonly user?: string;
  /** The peer's, like `127.0.0.1:50412`. */
  readonly address?: string;
  /** Where it came in, like `mqtt://127.0.0.1:1883`. */
  readonly listener?: string;
  /** A `RefusalReason`, `CloseReason`, `DropReason` or `DenialReason`. */
  readonly reason?: string;
  /** A `ViolationCode`. */
  readonly code?: string;
  /** Where the standard says so: `MQTT-3.1.0-1`, or a section of it. */
  readonly statement?: string;
  /** Of a refusing CONNACK. */
  readonly returnCode?: number;
  /** A Topic Name or Topic Filter. */
  readonly topic?: string;
  /** Bytes of a packet that is too large. */
  readonly packetBytes?: number;
  /** The option that decided, by its name in `createBroker`: `limits.packetBytesMax`. */
  readonly option?: string;
  /** Its value. */
  readonly limit?: number;
  /** Messages, Subscriptions or lines that this line stands for. */
  readonly count?: number;
  readonly sessionPresent?: boolean;
  readonly cleanSession?: boolean;
  readonly keepAliveSeconds?: number;
  /** Of a connection that has ended: how long it was open, in ms, and what it was used for. Of a wait: how long. */
  readonly durationMs?: number;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly grantedQos?: number;
  readonly error?: string;
}
