/**
 * The rules of the `partysocket` client library, for tests of servers that speak to it: how it makes its URL, what it keeps
 * while it has no socket, and when it comes back. Written after its behaviour; npm is not needed to run the tests.
 */
export class PartySocketRules {
  onopen = null;
  onmessage = null;
  onclose = null;

  constructor({ host, room, party = "main", id = crypto.randomUUID(), query = {}, protocol,
    minReconnectionDelay = 1000 + Math.random() * 4000, maxReconnectionDelay = 10000,
    reconnectionDelayGrowFactor = 1.3, minUptime = 5000, connectionTimeout = 4000 }) {
    const isLocal = /^(localhost:|127\.0\.0\.1:|192\.168\.|10\.)/.test(host);
    const asked = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    this.id = id;
    this.url = `${protocol ?? (isLocal ? "ws" : "wss")}://${host}/parties/${party}/${room}?`
      + new URLSearchParams([["_pk", id], ...asked]);
    this.rules = { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor, minUptime, connectionTimeout };
    this.retries = -1;
    this.queue = [];
    this.connect();
  }

  send(text) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
    else this.queue.push(text);
  }

  close() {
    this.isOver = true;
    clearTimeout(this.timeout);
    this.socket?.close(1000);
  }

  get delay() {
    const { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor } = this.rules;
    if (this.retries <= 0) return 0;
    return Math.min(maxReconnectionDelay, minReconnectionDelay * reconnectionDelayGrowFactor ** (this.retries - 1));
  }

  connect() {
    if (this.isOver) return;
    this.retries += 1;
    setTimeout(() => {
      if (this.isOver) return;
      const socket = this.socket = new WebSocket(this.url);
      this.timeout = setTimeout(() => socket.close(), this.rules.connectionTimeout);
      socket.onopen = (event) => this.opened(socket, event);
      socket.onmessage = (event) => this.onmessage?.(event);
      socket.onclose = (event) => this.closed(socket, event);
    }, this.delay);
  }

  /** What was queued goes out before the application hears of the socket. */
  opened(socket, event) {
    clearTimeout(this.timeout);
    this.uptime = setTimeout(() => { this.retries = 0; }, this.rules.minUptime);
    for (const text of this.queue.splice(0)) socket.send(text);
    this.onopen?.(event);
  }

  closed(socket, event) {
    if (socket !== this.socket) return;
    clearTimeout(this.timeout);
    clearTimeout(this.uptime);
    this.connect();
    this.onclose?.(event);
  }
}
