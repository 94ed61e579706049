// What a CometD client does in the test: it tells each happening as a JSON line, and disconnects when its stdin ends.
module.exports = (cometd, url, headers, extension) => {
  const tell = (what, detail) => console.log(JSON.stringify([what, detail === undefined ? null : detail]));
  cometd.unregisterTransport("websocket");
  if (extension) cometd.registerExtension("ack", extension);
  cometd.configure({ url, requestHeaders: JSON.parse(headers || '{"X-User": "ines"}'), backoffIncrement: 50 });
  cometd.addListener("/meta/handshake", (message) => {
    tell("handshake", [message.successful, message.error]);
    if (message.successful) {
      cometd.subscribe("/v2/me/*", (event) => tell("event", event.data), (reply) => tell("subscribed", reply.successful));
    }
  });
  cometd.addListener("/meta/connect", (message) => tell("connect", [message.successful, message.error]));
  process.stdin
    .on("end", () =>
      cometd.disconnect((reply) => {
        tell("disconnected", reply.successful);
        process.exit(0);
      }),
    )
    .resume();
  cometd.handshake();
};
