// CometD's JavaScript client of GWS' own generation. Argument: the URL.
require("cometd-nodejs-client").adapt();
const { CometD } = require("cometd");
require("./flow.js")(new CometD(), process.argv[2]);
