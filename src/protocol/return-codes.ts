/** What a CONNACK says about the CONNECT, §3.2.2.3. */
export const ConnackReturnCode = {
  ACCEPTED: 0,
  UNACCEPTABLE_PROTOCOL_VERSION: 1,
  IDENTIFIER_REJECTED: 2,
  SERVER_UNAVAILABLE: 3,
  BAD_USERNAME_OR_PASSWORD: 4,
  NOT_AUTHORIZED: 5,
} as const;
export type ConnackReturnCode = (typeof ConnackReturnCode)[keyof typeof ConnackReturnCode];

/** The five codes that refuse a CONNECT. */
export type RefusalCode = Exclude<ConnackReturnCode, typeof ConnackReturnCode.ACCEPTED>;

/** What a SUBACK says about one request, §3.9.3: the granted QoS, or that there is none. */
export const SubackReturnCode = {
  GRANTED_QOS_0: 0,
  GRANTED_QOS_1: 1,
  GRANTED_QOS_2: 2,
  FAILURE: 0x80,
} as const;
export type SubackReturnCode = (typeof SubackReturnCode)[keyof typeof SubackReturnCode];
