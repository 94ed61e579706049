// CometD's JavaScript client of today. Arguments: the URL, request headers as JSON (may be empty), and "ack" for that extension.
import { createRequire } from "node:module";
import * as cometd from "cometd";
import * as acknowledging from "cometd/AckExtension.js";
import * as node from "cometd-nodejs-client";

(node.adapt ?? node.default.adapt)();
const Ack = acknowledging.AckExtension ?? acknowledging.default.AckExtension ?? acknowledging.default;
const [, , url, headers, extension] = process.argv;
createRequire(import.meta.url)("./flow.cjs")(
  new (cometd.CometD ?? cometd.default.CometD)(),
  url,
  headers,
  extension === "ack" ? new Ack() : undefined,
);
