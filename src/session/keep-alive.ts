/**
 * When a Client that sends nothing more is gone: one and a half Keep Alive periods after its last
 * whole packet. §3.1.2.10 [MQTT-3.1.2-24] [M18]
 *
 * @param lastPacketMs - When its last whole packet came.
 * @param keepAliveSeconds - As in its CONNECT; 0 means never.
 * @returns the time in ms, `Infinity` for never.
 */
export function silentTooLongAtMs(lastPacketMs: number, keepAliveSeconds: number): number {
  return keepAliveSeconds === 0 ? Number.POSITIVE_INFINITY : lastPacketMs + keepAliveSeconds * 1500;
}
