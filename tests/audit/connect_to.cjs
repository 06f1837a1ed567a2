// Preloaded into the scanner, which knows only names and the ports 80 and 443: what it asks of our name goes
// to the ports of this run. CONNECT_TO is "name plain-port tls-port".
const net = require("node:net");

const [name, plain, tls] = process.env.CONNECT_TO.split(" ");
const ours = { 80: plain, 443: tls };
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function connectTo(...given) {
  const asked = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (asked?.host === name && asked.port in ours) {
    const there = { ...asked, host: "127.0.0.1", port: ours[asked.port] };
    if (Array.isArray(given[0])) given[0][0] = there;
    else given[0] = there;
  }
  return connect.apply(this, given);
};
