// CometD's JavaScript client of GWS' own generation. Arguments: the URL, request headers as JSON (may be empty), and "ack" for that extension.
require("cometd-nodejs-client").adapt();
const { CometD } = require("cometd");
const Ack = require("cometd/AckExtension");
const [, , url, headers, extension] = process.argv;
require("./flow.js")(new CometD(), url, headers, extension === "ack" ? new Ack() : undefined);
