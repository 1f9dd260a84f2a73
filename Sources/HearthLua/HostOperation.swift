/// The numbers of host operations; mirrors `enum bridge_operation`.
package enum HostOperation: UInt32, Sendable, Hashable, CaseIterable {
    /// Reading a field or an item: key (string, or whole number from 1); returns a scalar, a node or nothing.
    case child = 1
    /// Assigning a field or an item: key, value (absent removes).
    case assign = 2
    /// `#`: returns an integer.
    case length = 3
    /// `pairs`: returns one list of keys (strings; for lists whole numbers from 1).
    case keys = 4
    /// `==` of two nodes with different ids: the other node; returns a boolean.
    case same = 5
    /// `tostring`: returns a string such as `messages[1].author`.
    case describe = 6
    case get = 10
    case set = 11
    case update = 12
    case key = 13
    case snapshot = 14
    case exists = 15
    case delete = 16
    case push = 20
    case insert = 21
    case remove = 22
    case last = 23
    /// Done by the VM with `length` and `child`.
    case find = 24
    /// Done by the VM with `length`, `child` and `remove`.
    case removeWhere = 25
    case increment = 30
    case new = 40
    /// `hearth.link_of`: returns a link.
    case linkOf = 50
    /// Done by the VM.
    case random = 60
    case id = 61
    case participants = 62
    /// `ctx.log` and `print`: one string, the arguments joined by tabs.
    case log = 63
    /// Done by the VM.
    case fail = 64
    case signal = 65
    case reply = 66
    case broadcast = 67
    case after = 68
    case cancel = 69
    case send = 70
    /// Ends the run, unless the wait is over.
    case sleep = 71
    /// Ends the run, unless the wait is over.
    case ask = 72

    /// From here on: operations of trusted preludes.
    package static let user: UInt32 = 1000
}
