// SPDX-License-Identifier: GPL-2.0-or-later
// jsmodbus_poll.js: what a program on npm's jsmodbus reaches: one request in flight a connection.
// usage: node jsmodbus_poll.js BASE_PORT PORTS CONNECTIONS REGISTERS SECONDS   prints: reads cpu_seconds
const modbus = require('jsmodbus'), net = require('net');
const [base, ports, connections, registers, seconds] = process.argv.slice(2).map(Number);

function connect (i) {
  const socket = new net.Socket(), client = new modbus.client.TCP(socket, 1);
  return new Promise((resolve, reject) => {
    socket.on('connect', () => resolve(client));
    socket.on('error', reject);
    socket.connect({ host: '127.0.0.1', port: base + i % ports });
  });
}

(async () => {
  const clients = await Promise.all(Array.from({ length: connections }, (_, i) => connect(i)));
  const began = process.cpuUsage(), end = Date.now() + seconds * 1000;
  let reads = 0;
  await Promise.all(clients.map(async client => {
    while (Date.now() < end) {
      const answer = await client.readHoldingRegisters(0, registers);
      if (answer.response.body.valuesAsArray.length !== registers) throw new Error('a bad answer');
      reads++;
    }
  }));
  const used = process.cpuUsage(began);
  console.log(reads, (used.user + used.system) / 1e6);
  process.exit(0);
})();
