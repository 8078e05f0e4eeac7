import { useEffect, useRef, useState } from "preact/hooks";
import { type Entry, withHappening } from "../mqtt/conversation.js";
import { PageClient, type PageClientOptions, type PageClientState } from "../mqtt/page-client.js";

/** A Client of the playground, with all that happened to it. */
export interface PlaygroundClient {
  readonly state: PageClientState;
  readonly entries: readonly Entry[];
  /** The one that is connected, or was. */
  readonly client: PageClient | undefined;
  connect(options: PageClientOptions): void;
}

/** MQTT over a WebSocket to the server that the page has come from. */
export function usePageClient(): PlaygroundClient {
  const [state, setState] = useState<PageClientState>("closed");
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const current = useRef<PageClient | undefined>(undefined);
  useEffect(() => {
    const timer = setInterval(() => current.current?.ping(), PageClient.pingMs);
    return () => {
      clearInterval(timer);
      current.current?.disconnect();
    };
  }, []);
  const connect = (options: PageClientOptions): void => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/mqtt`, "mqtt");
    socket.binaryType = "arraybuffer";
    const wire = {
      send: (bytes: Uint8Array) => socket.send(bytes as Uint8Array<ArrayBuffer>),
      close: () => socket.close(),
    };
    const client = new PageClient(
      options,
      wire,
      (happening) => {
        setEntries((before) => withHappening(before, happening, Date.now()));
        if (current.current === client) setState(client.state);
      },
      () => performance.now(),
    );
    current.current = client;
    setState("connecting");
    socket.onopen = () => client.opened();
    socket.onmessage = ({ data }) => client.received(new Uint8Array(data as ArrayBuffer));
    socket.onclose = () => {
      client.closed("the connection was closed by the server, or could not be made");
      if (current.current === client) setState("closed");
    };
  };
  return { state, entries, client: current.current, connect };
}
