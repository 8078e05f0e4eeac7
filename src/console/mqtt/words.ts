/** Why a server has refused a CONNECT, by return code. §3.2.2.3. */
export const REFUSALS: Readonly<Record<number, string>> = {
  1: "the server does not speak this version of MQTT",
  2: "the server does not accept this client identifier",
  3: "the server is unavailable: try again later",
  4: "user name or password is wrong",
  5: "this client may not connect: user name and password may be needed",
};
