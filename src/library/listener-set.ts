import type { Duplex } from "node:stream";
import { AddressBook } from "../net/address-book.js";
import { nowMs } from "../net/clock.js";
import { Handshakes } from "../net/handshakes.js";
import type { ListenAddress } from "../net/listener.js";
import type { NativeSockets } from "../net/native/native-sockets.js";
import type { ConnectionDetails } from "../net/peer-details.js";
import type { StreamTraits } from "../net/stream-traits.js";
import type { TurnedAway } from "../net/turned-away.js";
import { type Limits, limitsWith } from "../ports/limits.js";
import { TURN_AWAY_REASONS, type TurnAwayReason } from "../ports/reasons.js";
import { UsageError } from "../protocol/errors.js";
import { type Authenticate, authenticateBy } from "./anonymous.js";
import { AuthFailures } from "./auth-failures.js";
import type { ListenerOptions } from "./listener-rows.js";
import { type BrokerListener, listenerFor } from "./listeners.js";
import { type Listening, type ListenOptions, listenerUrl, listeningFrom } from "./listening.js";
import type { BrokerOptions } from "./options.js";

/** What the listeners of a broker need from it. */
export interface ListenersHost {
  /** @throws UsageError once the broker closes. */
  checkOpen(): void;
  open(
    stream: Duplex,
    traits: StreamTraits,
    details: ConnectionDetails,
    listener: string | undefined,
  ): void;
  error(error: Error): void;
  /** Node's sockets are used where others were preferred. */
  fellBack(listener: string | undefined, why: string): void;
  native(): Promise<NativeSockets>;
  /** Runs what starts a turn: now, or right after the present one. */
  inTurn(call: () => void): void;
  turnedAway(listener: string | undefined, ...told: Parameters<TurnedAway>): void;
}

/** The listeners of one broker, and what they count together. */
export class Listeners {
  /** Peers that got no connection, by reason. */
  readonly turnedAway = Object.fromEntries(
    TURN_AWAY_REASONS.map((reason) => [reason, 0]),
  ) as Record<TurnAwayReason, number>; // every reason is a key
  readonly #host: ListenersHost;
  readonly #shared: Parameters<typeof listenerFor>[1];
  readonly #isAuthenticating: boolean;
  readonly #failures: AuthFailures;
  readonly #open = new Set<BrokerListener>();
  /** By the names of listeners: only those that do not ask. */
  readonly #anonymous = new Map<string, Listening["anonymous"]>();
  readonly #names = new Set<string>();

  constructor(
    options: Pick<BrokerOptions, "limits" | "mqtt31" | "authenticate">,
    host: ListenersHost,
  ) {
    const { mqtt31 = true, authenticate } = options;
    const limits = limitsWith(options.limits ?? {});
    this.#host = host;
    this.#isAuthenticating = authenticate !== undefined;
    this.#failures = new AuthFailures(limits, { nowMs, inTurn: (call) => host.inTurn(call) });
    this.#shared = {
      limits,
      mqtt31,
      handshakes: new Handshakes(limits),
      addresses: new AddressBook(limits),
      native: () => host.native(),
    };
  }

  /** Other limits from now on; WebSockets keep the sizes of messages that they were opened with. */
  changeLimits(limits: Limits): void {
    Object.assign(this.#shared.limits, limits); // the one object that all of them read
  }

  /** As `listen` of the broker. */
  async listen(options: ListenOptions | ListenerOptions): Promise<ListenAddress> {
    const listening = listeningFrom(options);
    this.#check(listening);
    this.#host.checkOpen();
    let name: string | undefined;
    const listener = await listenerFor(listening, this.#shared, {
      stream: (stream, traits, details) => this.#host.open(stream, traits, details, name),
      error: (error) => this.#host.error(error),
      name: () => name,
      fellBack: (why) => this.#host.fellBack(listening.name, why),
      turnedAway: (...told) => {
        this.turnedAway[told[3]] += 1;
        this.#host.turnedAway(name, ...told);
      },
    });
    this.#host.checkOpen(); // it may have been closed meanwhile
    this.#open.add(listener);
    try {
      const address = await listener.listen();
      name = listening.name ?? listenerUrl(address, listening); // before anybody can have connected
      this.#remember(name, listening);
      return address;
    } catch (error) {
      this.#open.delete(listener);
      throw error;
    }
  }

  /** Asks whether a Client may connect, unless the listener decides by itself. */
  authenticate(ask: Authenticate, ...[attempt, answer]: Parameters<Authenticate>): void {
    const { listener = "" } = attempt;
    const rule = this.#anonymous.get(listener) ?? "ask";
    const guarded: Authenticate = (...asked) => this.#failures.authenticate(ask, ...asked);
    authenticateBy(rule, guarded, attempt, answer);
  }

  /** Reads all certificates again; what it returns puts them into use. @throws TlsFileError */
  prepareReload(): () => void {
    const swaps = [...this.#open].map((listener) => listener.reload?.());
    return () => {
      for (const swap of swaps) swap?.();
    };
  }

  close(): void {
    for (const listener of this.#open) listener.close();
  }

  #check({ name, anonymous }: Listening): void {
    if (name !== undefined && this.#names.has(name)) {
      throw new UsageError(`name is "${name}", as that of another listener: names must differ`);
    }
    if (anonymous === "refuse" && !this.#isAuthenticating) {
      throw new UsageError(
        'anonymous is "refuse", and nobody checks credentials, so that any user name would do: ' +
          "configure credentials, or authenticate in a program",
      );
    }
  }

  #remember(name: string | undefined, { anonymous }: Listening): void {
    if (name === undefined) return;
    this.#names.add(name);
    if (anonymous !== "ask") this.#anonymous.set(name, anonymous);
  }
}
