/** One normative statement of MQTT 3.1.1, in our own words. */
export interface Statement {
  /** `MQTT-3.3.1-2`. */
  readonly id: string;
  /** Whether it binds a Server (alone, or both sides); 127 of the 141 do. */
  readonly bindsServer: boolean;
  readonly text: string;
}

/** Why no case of a suite that speaks plain MQTT over TCP can observe a statement. */
export const NOT_ON_THIS_WIRE: ReadonlyMap<string, string> = new Map([
  ["MQTT-3.2.2-6", "needs a fault inside the broker that no return code describes"],
  ["MQTT-4.8.0-2", "needs a passing fault inside the broker (disk, memory)"],
  ["MQTT-6.0.0-1", "needs a WebSocket"],
  ["MQTT-6.0.0-2", "needs a WebSocket"],
  ["MQTT-6.0.0-4", "needs a WebSocket"],
  ["MQTT-7.0.0-1", "binds only a Server that dials other Servers"],
]);

// One statement a line: number, whom it binds, our paraphrase.
const TABLE = `
MQTT-1.5.3-1 | server | Every string field has to be strict UTF-8 with no surrogate code points; a peer that meets bad bytes drops the connection.
MQTT-1.5.3-2 | server | A zero code point is banned inside strings, and receiving one means the connection is closed.
MQTT-1.5.3-3 | server | The byte order mark is an ordinary character: keep it where it stands, do not strip or skip it.
MQTT-2.2.2-1 | server | Reserved header bits are written exactly as the flag table says.
MQTT-2.2.2-2 | server | Header flags that the table does not allow make the receiver close the connection.
MQTT-2.3.1-1 | server | Packets that need an acknowledgement carry a 16-bit identifier that is never zero.
MQTT-2.3.1-2 | client | A client picks an identifier that is free at the moment it sends a new such packet.
MQTT-2.3.1-3 | client | A repeat of a packet keeps the first identifier, which is free again only when its closing acknowledgement has been handled.
MQTT-2.3.1-4 | server | The identifier rules for clients hold in the same way for QoS 1/2 deliveries made by the server.
MQTT-2.3.1-5 | server | With QoS 0 there is no identifier field in PUBLISH.
MQTT-2.3.1-6 | server | The answers in a delivery handshake repeat the identifier of the PUBLISH they belong to.
MQTT-2.3.1-7 | server | Subscribe and unsubscribe answers repeat the identifier of the request.
MQTT-3.1.0-1 | client | A client opens the dialogue with CONNECT and nothing else.
MQTT-3.1.0-2 | server | One CONNECT per connection; a further one is treated as a violation and ends the connection.
MQTT-3.1.2-1 | server | With an unknown protocol name the server may drop the client or use another protocol, but must not carry on under this one.
MQTT-3.1.2-2 | server | An unsupported protocol level is answered with return code 1 and then a close.
MQTT-3.1.2-3 | server | The lowest connect-flag bit is checked and a client that sets it is dropped.
MQTT-3.1.2-4 | server | Without clean session the earlier state for that client id is taken up again, or a new one begun, and both sides keep it after the connection ends.
MQTT-3.1.2-5 | server | While a durable client is away, matching QoS 1 and 2 messages are kept for it.
MQTT-3.1.2-6 | server | Clean session throws away what was there, lasts only for this connection, and leaves nothing to a later one.
MQTT-3.1.2-7 | server | Retained messages are not session state and outlive the session of their publisher.
MQTT-3.1.2-8 | server | An accepted connection with a will has it stored, and it is sent out when the connection ends in any way but a proper DISCONNECT.
MQTT-3.1.2-9 | server | If the will flag is on, its two payload fields have to be there and its QoS and retain bits count.
MQTT-3.1.2-10 | server | A will is dropped from state once it has been sent or a DISCONNECT came.
MQTT-3.1.2-11 | server | With the will flag off its QoS and retain bits are zero and the two fields are absent.
MQTT-3.1.2-12 | server | No will flag, no will message when the connection ends.
MQTT-3.1.2-13 | server | With the will flag off the will QoS bits are 00.
MQTT-3.1.2-14 | server | Will QoS is 0, 1 or 2; the value 3 is not allowed.
MQTT-3.1.2-15 | server | With the will flag off the will retain bit is 0.
MQTT-3.1.2-16 | server | A will without the retain bit goes out as an ordinary message.
MQTT-3.1.2-17 | server | A will with the retain bit is stored as the retained message of its topic.
MQTT-3.1.2-18 | server | User flag off: no user name field.
MQTT-3.1.2-19 | server | User flag on: the user name field has to be there.
MQTT-3.1.2-20 | server | Password flag off: no password field.
MQTT-3.1.2-21 | server | Password flag on: the password field has to be there.
MQTT-3.1.2-22 | server | A password may not come without a user name.
MQTT-3.1.2-23 | client | The client keeps the gap between its packets within the keep-alive time, with pings if it has nothing else to say.
MQTT-3.1.2-24 | server | With a non-zero keep alive, a client silent for one and a half times that long is cut off just as after a network failure.
MQTT-3.1.3-1 | server | The payload fields that are present follow one order: client id, will topic, will payload, user, password.
MQTT-3.1.3-2 | server | The client id is the key under which both sides keep session state.
MQTT-3.1.3-3 | server | The client id field is always there and comes first.
MQTT-3.1.3-4 | server | The client id obeys the general string rules.
MQTT-3.1.3-5 | server | Client ids of 1 to 23 bytes made of digits and Latin letters are always accepted.
MQTT-3.1.3-6 | server | If empty client ids are allowed, each such client is given its own unique id and then treated as if it had sent it.
MQTT-3.1.3-7 | client | A client with an empty id also asks for a clean session.
MQTT-3.1.3-8 | server | An empty id without clean session is refused with return code 2 and a close.
MQTT-3.1.3-9 | server | Any refusal of a client id is answered with return code 2 and a close.
MQTT-3.1.3-10 | server | The will topic obeys the general string rules.
MQTT-3.1.3-11 | server | The user name obeys the general string rules.
MQTT-3.1.4-1 | server | A CONNECT that breaks the format is met with a close and no CONNACK.
MQTT-3.1.4-2 | server | A new connection with an id in use throws out the old connection.
MQTT-3.1.4-3 | server | A valid CONNECT has its clean-session rule applied.
MQTT-3.1.4-4 | server | A valid CONNECT is answered by a CONNACK with code 0.
MQTT-3.1.4-5 | server | What a client sent behind a refused CONNECT is ignored.
MQTT-3.2.0-1 | server | CONNACK is the first packet the server sends.
MQTT-3.2.2-1 | server | Accepting a clean session reports session-present 0.
MQTT-3.2.2-2 | server | Accepting a durable client whose state is stored reports session-present 1.
MQTT-3.2.2-3 | server | No stored state: session-present 0.
MQTT-3.2.2-4 | server | A refusal always has session-present 0.
MQTT-3.2.2-5 | server | After a refusal the server closes the connection.
MQTT-3.2.2-6 | server | If no return code fits, close without CONNACK.
MQTT-3.3.1-1 | server | A redelivery attempt carries DUP.
MQTT-3.3.1-2 | server | DUP is never set on QoS 0.
MQTT-3.3.1-3 | server | The incoming DUP bit is not passed on; the outgoing one only says whether this send is a repeat.
MQTT-3.3.1-4 | server | QoS 3 does not exist, and a PUBLISH with it ends the connection.
MQTT-3.3.1-5 | server | A retained PUBLISH is stored with its QoS for later subscribers.
MQTT-3.3.1-6 | server | A new subscription is served the last retained message of each matching topic.
MQTT-3.3.1-7 | server | A retained QoS 0 message removes the earlier one; keeping the new one is advised but not demanded.
MQTT-3.3.1-8 | server | Messages sent because of a new subscription carry the retain flag.
MQTT-3.3.1-9 | server | Messages for a standing subscription have the retain flag off.
MQTT-3.3.1-10 | server | An empty retained message is delivered as usual and wipes the stored one.
MQTT-3.3.1-11 | server | An empty message is never kept as retained.
MQTT-3.3.1-12 | server | Without the flag nothing is stored and nothing stored is touched.
MQTT-3.3.2-1 | server | The topic comes first in PUBLISH and obeys the string rules.
MQTT-3.3.2-2 | server | No wildcards in the topic of a PUBLISH.
MQTT-3.3.2-3 | server | The topic a server puts in a delivery matches the subscription it was sent for.
MQTT-3.3.4-1 | server | The QoS decides the answer to a PUBLISH: none, PUBACK or PUBREC.
MQTT-3.3.5-1 | server | With overlapping subscriptions the message is delivered respecting the highest QoS among those that match.
MQTT-3.3.5-2 | server | An unauthorised PUBLISH is either acknowledged as usual or answered by a close.
MQTT-3.6.1-1 | server | PUBREL has the fixed flags 0010, all else is malformed and closes the connection.
MQTT-3.8.1-1 | server | SUBSCRIBE has the fixed flags 0010, all else is malformed and closes the connection.
MQTT-3.8.3-1 | server | Filters in SUBSCRIBE obey the string rules.
MQTT-3.8.3-2 | server | A server without wildcard support refuses filters that have them.
MQTT-3.8.3-3 | server | SUBSCRIBE holds at least one filter with its QoS.
MQTT-3.8.3-4 | server | Reserved bits in the QoS byte, or QoS 3, make SUBSCRIBE malformed: close.
MQTT-3.8.4-1 | server | Each SUBSCRIBE gets a SUBACK.
MQTT-3.8.4-2 | server | SUBACK repeats the identifier of its request.
MQTT-3.8.4-3 | server | Subscribing again to the same filter replaces the old entry, re-sends retained messages and does not disturb the live flow.
MQTT-3.8.4-4 | server | Many filters in one packet act like that many packets, but with one answer.
MQTT-3.8.4-5 | server | SUBACK has one code for each filter: granted QoS or failure.
MQTT-3.8.4-6 | server | Delivery QoS is the lower of the published and the granted one.
MQTT-3.9.3-1 | server | Codes come in the order of the filters.
MQTT-3.9.3-2 | server | Only 0, 1, 2 and 0x80 are valid SUBACK codes.
MQTT-3.10.1-1 | server | UNSUBSCRIBE has the fixed flags 0010, all else is malformed and closes the connection.
MQTT-3.10.3-1 | server | Filters in UNSUBSCRIBE obey the string rules and stand back to back.
MQTT-3.10.3-2 | server | UNSUBSCRIBE holds at least one filter.
MQTT-3.10.4-1 | server | Filters are compared as exact text, and only the identical one is removed.
MQTT-3.10.4-2 | server | A removed subscription takes in no further messages.
MQTT-3.10.4-3 | server | QoS 1/2 deliveries already begun are completed after the removal.
MQTT-3.10.4-4 | server | UNSUBSCRIBE is answered by UNSUBACK with its identifier.
MQTT-3.10.4-5 | server | UNSUBACK is sent even if nothing was removed.
MQTT-3.10.4-6 | server | Many filters in one packet act like that many packets, but with one answer.
MQTT-3.12.4-1 | server | Each ping is answered.
MQTT-3.14.1-1 | server | Reserved bits in DISCONNECT are checked, and a client that sets them is dropped.
MQTT-3.14.4-1 | client | After DISCONNECT the client closes the connection.
MQTT-3.14.4-2 | client | After DISCONNECT the client sends nothing more.
MQTT-3.14.4-3 | server | A received DISCONNECT cancels the will.
MQTT-4.1.0-1 | server | Both sides keep session state for the whole life of the session.
MQTT-4.1.0-2 | server | A session lasts at least as long as its connection.
MQTT-4.3.1-1 | server | A QoS 0 sender sends with QoS 0 and DUP 0.
MQTT-4.3.2-1 | server | A QoS 1 sender uses a free id, sends the first copy without DUP, and holds the message until PUBACK.
MQTT-4.3.2-2 | server | A QoS 1 receiver acknowledges once it owns the message, and takes a later PUBLISH with that id as new.
MQTT-4.3.3-1 | server | A QoS 2 sender: free id, first copy without DUP, held until PUBREC; then PUBREL with the id, held until PUBCOMP, and the PUBLISH is never sent again after PUBREL.
MQTT-4.3.3-2 | server | A QoS 2 receiver: PUBREC on owning it, repeats before PUBREL get PUBREC but are not passed on, PUBREL gets PUBCOMP, and then the id counts as new.
MQTT-4.4.0-1 | server | On a durable reconnect both sides repeat open PUBLISH (QoS 1/2) and PUBREL packets under the old ids.
MQTT-4.5.0-1 | server | A message the server has taken over goes into the session state of each matching client.
MQTT-4.5.0-2 | client | A client acknowledges what it gets even if it ignores the content.
MQTT-4.6.0-1 | client | Repeated PUBLISH packets keep the order of their first sending.
MQTT-4.6.0-2 | client | PUBACKs are sent in the order the messages came.
MQTT-4.6.0-3 | client | PUBRECs are sent in the order the messages came.
MQTT-4.6.0-4 | client | PUBRELs are sent in the order the PUBRECs came.
MQTT-4.6.0-5 | server | Topics are ordered unless the administrator says otherwise.
MQTT-4.6.0-6 | server | On ordered topics the four order rules apply to the server, and each consumer sees what one client sent, for a given topic and QoS, in arrival order.
MQTT-4.7.1-1 | server | Wildcards belong in filters only, not in topic names.
MQTT-4.7.1-2 | server | The multi-level wildcard stands alone or behind a separator and is always last.
MQTT-4.7.1-3 | server | The one-level wildcard may be at any level but fills it completely.
MQTT-4.7.2-1 | server | Filters that begin with a wildcard do not match topics that begin with a dollar sign.
MQTT-4.7.3-1 | server | Topic names and filters have at least one character.
MQTT-4.7.3-2 | server | No NUL in names and filters.
MQTT-4.7.3-3 | server | Names and filters are UTF-8 of at most 65535 bytes.
MQTT-4.7.3-4 | server | Matching works on the text as it is: no normalising, no replacing of odd characters.
MQTT-4.8.0-1 | server | A protocol violation closes the connection it came on, unless a rule says otherwise.
MQTT-4.8.0-2 | server | A passing fault that stops a packet from being handled closes that connection.
MQTT-6.0.0-1 | server | MQTT over WebSocket travels in binary frames only, any other data frame closes the connection.
MQTT-6.0.0-2 | server | Packet and frame borders are unrelated, so a receiver must not rely on them.
MQTT-6.0.0-3 | client | The client offers the subprotocol name mqtt.
MQTT-6.0.0-4 | server | The server selects and returns the subprotocol name mqtt.
MQTT-7.0.0-1 | server | A server that also dials other servers has to conform as a client too.
MQTT-7.0.0-2 | server | No private extension may be needed to work with others.
MQTT-7.1.1-1 | server | A server offers at least one ordered and lossless byte-stream transport.
MQTT-7.1.2-1 | client | A client uses at least one ordered and lossless byte-stream transport.
`;

/** All 141 normative statements, in the order of the standard. */
export const STATEMENTS: readonly Statement[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [id = "", binds, text = ""] = line.split(" | ");
    return { id, bindsServer: binds === "server", text };
  });
