// CometD's own server for Node on a free port. First line on stdout: the port. /control/… is for the test.
const http = require("http");
const cometd = require("cometd-nodejs-server");

const { AcknowledgedMessagesExtension } = require("cometd-nodejs-server/ack-extension");

const make = () => {
  const made = cometd.createCometDServer({ timeout: 1000, maxInterval: 5000, sweepPeriod: 200 });
  if (process.argv[2] === "ack") made.addExtension(new AcknowledgedMessagesExtension());
  return made;
};
let bayeux = make();
const open = new Set();

const control = {
  publish: (query) => bayeux.createServerChannel(query.get("channel")).publish(null, JSON.parse(query.get("data"))),
  restart: () => {
    bayeux.close();
    bayeux = make();
  },
  cut: () => open.forEach((request) => request.socket.destroy()),
  refuse: (query) => {
    bayeux.policy = {
      canSubscribe: (session, message, channel, answer) => answer(undefined, channel.name !== query.get("channel")),
    };
  },
};

const server = http.createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname.startsWith("/control/")) {
    control[url.pathname.slice("/control/".length)](url.searchParams);
    response.end(String(open.size));
    return;
  }
  open.add(request);
  response.on("close", () => open.delete(request));
  bayeux.handle(request, response);
});
control.held = () => {};
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
