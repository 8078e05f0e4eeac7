/** Aedes behind a plain TCP server, as its documentation has it: `node aedes-server.js PORT`. */
import { createServer } from "node:net";
import { Aedes } from "aedes";

const aedes = await Aedes.createBroker({ concurrency: 100 });
createServer({ noDelay: true }, aedes.handle).listen(Number(process.argv[2]), "127.0.0.1");
