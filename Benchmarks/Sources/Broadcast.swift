import ArgumentParser
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The least that a room can do: everything that one member says goes to all, itself included. No state, no disk.
///
/// One thread, frames written to every member as they come and flushed once a read is through.
struct Broadcast: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a bare SwiftNIO WebSocket broadcast server, the baseline for fan-out.")

    @Option(name: .long, help: "The port to listen on.")
    var port = 19_191

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // The loop that the rooms are bound to is the only one there is.
        let loop = group.next()
        let rooms = try loop.submit { NIOLoopBound(Rooms(), eventLoop: loop) }.wait()
        let server = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in Self.configure(channel, rooms) }
            .bind(host: "127.0.0.1", port: port).wait()
        print("broadcasting on \(port)")
        try server.closeFuture.wait()
    }

    private static func configure(_ channel: any Channel, _ rooms: NIOLoopBound<Rooms>) -> EventLoopFuture<Void> {
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 20,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Member(room: head.uri, of: rooms.value))
                }
            })
        return channel.pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }
}

/// Who is where. Confined to the one event loop.
private final class Rooms {
    var members: [String: [ObjectIdentifier: any Channel]] = [:]
}

private final class Member: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let room: String
    private let rooms: Rooms
    private var hasWritten = false

    init(room: String, of rooms: Rooms) {
        self.room = room
        self.rooms = rooms
    }

    func handlerAdded(context: ChannelHandlerContext) {
        rooms.members[room, default: [:]][ObjectIdentifier(context.channel)] = context.channel
    }

    func channelInactive(context: ChannelHandlerContext) {
        rooms.members[room]?[ObjectIdentifier(context.channel)] = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            let message = WebSocketFrame(fin: true, opcode: .text, data: frame.unmaskedData)
            for channel in (rooms.members[room] ?? [:]).values { channel.write(message, promise: nil) }
            hasWritten = true
        case .ping:
            frame.maskKey.map { frame.data.webSocketUnmask($0) }
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.data)), promise: nil)
        case .connectionClose:
            context.close(promise: nil)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten { for channel in (rooms.members[room] ?? [:]).values { channel.flush() } }
        hasWritten = false
    }
}
