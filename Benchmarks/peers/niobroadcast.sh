# A bare SwiftNIO broadcast, the baseline for fan-out: no handlers, no storage. HEARTH_BENCH_BIN names hearth-bench.
P_PORT=19191
p_available() { [ -x "${HEARTH_BENCH_BIN:-/nonexistent}" ]; }
p_start() { need_port_free $P_PORT && spawn niobroadcast "$HEARTH_BENCH_BIN" broadcast --port $P_PORT && wait_port $P_PORT; }
p_stop() { reap niobroadcast; }
p_pids() { pid_of niobroadcast; }
P_URL="ws://127.0.0.1:$P_PORT/r/%ROOM%"
P_JOIN=(); P_MSG=(--msg '{"type":"msg","text":"%TOK%"}')
