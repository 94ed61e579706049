// CometD's JavaScript client of GWS' own generation. Arguments: the URL, and request headers as JSON.
require("cometd-nodejs-client").adapt();
const { CometD } = require("cometd");
require("./flow.js")(new CometD(), process.argv[2], process.argv[3]);
