// swift-tools-version: 6.1
import PackageDescription

/// `HEARTH_CORE_ONLY=1 swift test` leaves out the server and the command, and with them every package but
/// swift-collections: a clean build of values to rooms takes a minute instead of five.
let coreOnly = Context.environment["HEARTH_CORE_ONLY"] != nil

/// The programs allocate with jemalloc where it is installed. `HEARTH_SYSTEM_MALLOC=1` leaves it out, as a sanitizer with an
/// allocator of its own needs. See Docs/decisions/0009.
let allocator: [Target.Dependency] = Context.environment["HEARTH_SYSTEM_MALLOC"] == nil ? ["CJemalloc"] : []

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
    // Tests are debug builds and check that no two accesses overlap; an event makes some sixty.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket"].map {
    .product(name: $0, package: "swift-nio")
}
let hummingbird: [Target.Dependency] =
    ["Hummingbird", "HummingbirdCore"].map { .product(name: $0, package: "hummingbird") }
    + ["NIOHTTPTypes", "NIOHTTPTypesHTTP1"].map { .product(name: $0, package: "swift-nio-extras") }

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

var targets: [Target] = [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
    // Lua's functions are called some hundred times an event: straight, not by way of a table of jumps.
    .target(
        name: "CLuaBridge", dependencies: ["CLua"],
        cSettings: [.unsafeFlags(["-fno-plt"], .when(configuration: .release))]),
    .target(name: "CSandbox"),
    // A header without a library behind it.
    .systemLibrary(name: "CPrefetch"),
    module("HearthValues", ["CPrefetch"]),
    module("HearthLuaSyntax"),
    module("HearthCells", ["HearthValues"]),
    module("HearthTransactions", ["HearthCells"]),
    module("HearthLua", ["CLuaBridge", "HearthValues"]),
    module("HearthIsolation", ["HearthLua", "CSandbox"]),
    module("HearthRecipes", ["HearthLua", "HearthTransactions"]),
    module("HearthStore", ["HearthValues", "COpenSSL"]),
    module("HearthRooms", ["HearthRecipes", "HearthStore", deque]),
    module("HearthWire", ["HearthValues"]),
    module("HearthIdentity", ["HearthValues", "COpenSSL"]),
    module("HearthTesting", ["HearthRooms", "HearthWire"], resources: [.embedInCode("Lua")]),
    module("HearthWorkbench", ["HearthTesting", "HearthLuaSyntax"]),
    tests("HearthWorkbenchTests", ["HearthWorkbench"]),
    tests("HearthValuesTests", ["HearthValues"]),
    tests("HearthCellsTests", ["HearthCells"]),
    tests("HearthTransactionsTests", ["HearthTransactions"]),
    tests("HearthLuaSyntaxTests", ["HearthLuaSyntax", "CLua"]),
    tests("HearthLuaTests", ["HearthLua", "CLuaBridge"]),
    // A recipe's process for the tests of isolation: small, and hostile when it is told to be.
    .executableTarget(
        name: "hearth-test-worker", dependencies: ["HearthIsolation", "HearthValues"], path: "Tests/HearthTestWorker",
        swiftSettings: strict),
    .target(
        name: "HearthWorkers", dependencies: ["HearthIsolation", "HearthRecipes"], path: "Tests/HearthWorkers",
        swiftSettings: strict),
    tests("HearthIsolationTests", ["HearthIsolation", "HearthWorkers", "CSandbox"]),
    tests("HearthRecipesTests", ["HearthRecipes", "HearthWorkers"]),
    .target(
        name: "HearthStoreLaws", dependencies: ["HearthStore"], path: "Tests/HearthStoreLaws", swiftSettings: strict),
    tests("HearthStoreTests", ["HearthStore", "HearthStoreLaws"]),
    .target(name: "HearthModel", dependencies: ["HearthRooms"], path: "Tests/HearthModel", swiftSettings: strict),
    .executableTarget(
        name: "hearth-model-check", dependencies: ["HearthModel"], path: "Tests/HearthModelCheck",
        swiftSettings: strict),
    tests("HearthRoomsTests", ["HearthRooms", "HearthModel", "HearthWorkers"]),
    tests("HearthWireTests", ["HearthWire"]),
    tests("HearthIdentityTests", ["HearthIdentity", "HearthValues"]),
    tests("HearthTestingTests", ["HearthTesting"]),
    tests("ArchitectureTests", ["HearthLua", "HearthWorkbench"]),
]

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0")
]

if !coreOnly {
    dependencies += [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ]
    targets += [
        module(
            "HearthSQLite",
            [
                "HearthStore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        module("HearthTLS", ["COpenSSL", logging, .product(name: "NIOCore", package: "swift-nio")]),
        module(
            "HearthServer",
            ["HearthRooms", "HearthWire", "HearthIdentity", "HearthTLS", "CZlib", logging]
                + ["ServiceLifecycle", "UnixSignals"].map { .product(name: $0, package: "swift-service-lifecycle") }
                + nio + hummingbird,
            resources: [.embedInCode("Web")]),
        .executableTarget(
            name: "hearth",
            dependencies: [
                "HearthServer", "HearthSQLite", "HearthWorkbench", "HearthIsolation", "HearthIdentity", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + allocator,
            resources: [.embedInCode("New/Templates")],
            swiftSettings: strict),
        // Not a package of its own: that would see nothing of what is `package`. See Docs/decisions/0007.
        .executableTarget(
            name: "hearth-bench",
            dependencies: [
                "HearthRooms", "HearthSQLite", "HearthIsolation", "HearthTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio + allocator,
            path: "Benchmarks/Sources",
            swiftSettings: strict),
        tests(
            "HearthSQLiteTests",
            [
                "HearthSQLite", "HearthStore", "HearthStoreLaws", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        tests(
            "HearthTLSTests",
            [
                "HearthTLS", "COpenSSL", "HearthIdentity", logging,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio),
        tests(
            "HearthServerTests",
            [
                "HearthServer", "HearthRooms", "HearthStore", "HearthIdentity", logging,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]
                + nio),
    ]
}

let package = Package(
    name: "hearth",
    platforms: [.macOS(.v15)],
    products: (coreOnly ? [] : ["hearth", "hearth-bench"]).map { .executable(name: $0, targets: [$0]) }
        + [.executable(name: "hearth-model-check", targets: ["hearth-model-check"])],
    dependencies: dependencies,
    targets: targets,
    swiftLanguageModes: [.v6]
)
