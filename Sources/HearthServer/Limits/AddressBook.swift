/// Who is here, by address. What it remembers of those who have gone is bounded: a million addresses that come by once
/// take no more than the last sixty thousand of them.
struct AddressBook {
    /// Addresses in one of the two generations of those who have gone. When the young one is full the old one is
    /// forgotten: whoever comes again after that many others begins anew.
    static let goneMax = 32_768

    private var here: [IPAddress: (record: AddressRecord, connections: Int)] = [:]
    private var young: [IPAddress: AddressRecord] = [:]
    private var old: [IPAddress: AddressRecord] = [:]

    /// Addresses that something is kept of.
    var count: Int { here.count + young.count + old.count }

    /// - Parameter block: as `IPAddress.block` makes it.
    func connections(of block: IPAddress) -> Int { here[block]?.connections ?? 0 }

    /// What is known of an address, without counting a connection.
    mutating func record(of block: IPAddress) -> AddressRecord {
        if let known = here[block]?.record { return known }
        let record = young[block] ?? old.removeValue(forKey: block) ?? AddressRecord()
        remember(record, of: block)
        return record
    }

    /// One connection more.
    mutating func enter(_ block: IPAddress) -> AddressRecord {
        if let known = here[block] {
            here[block]?.connections += 1
            return known.record
        }
        let record = young.removeValue(forKey: block) ?? old.removeValue(forKey: block) ?? AddressRecord()
        here[block] = (record, 1)
        return record
    }

    /// One connection less.
    mutating func leave(_ block: IPAddress) {
        guard let (record, connections) = here[block] else { return }
        if connections > 1 {
            here[block]?.connections -= 1
        } else {
            here[block] = nil
            remember(record, of: block)
        }
    }

    private mutating func remember(_ record: AddressRecord, of block: IPAddress) {
        if young.count >= Self.goneMax, young[block] == nil {
            old = young
            young = [:]
        }
        young[block] = record
    }
}
