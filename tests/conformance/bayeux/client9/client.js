// CometD's JavaScript client of today. Arguments: the URL, and request headers as JSON.
import { createRequire } from "node:module";
import * as cometd from "cometd";
import * as node from "cometd-nodejs-client";

(node.adapt ?? node.default.adapt)();
createRequire(import.meta.url)("./flow.cjs")(new (cometd.CometD ?? cometd.default.CometD)(), process.argv[2], process.argv[3]);
