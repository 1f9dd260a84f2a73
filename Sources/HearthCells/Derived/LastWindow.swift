import HearthValues

/// Keeps the last n elements of a list.
struct LastWindow {
    let size: Int
    /// The length of the list; nil until its end has been shown.
    private var count: Int?

    init(size: Int) { self.size = Swift.max(0, size) }

    /// - Complexity: O(elements pushed, up to n, and the other changes); when elements changed in place O(n).
    mutating func update(_ edits: [ListEdit], _ list: List, _ output: inout DerivedOutput) {
        // Its length only: a list held here would be copied where it is changed.
        guard let shown = output.value?.list?.count, !edits.contains(.rebuilt) else {
            count = list.count
            output.become(.list(List(list.suffix(size))))
            return
        }
        if let pushed = edits.pushed { return push(Array(list.suffix(pushed)), list, &output) }
        var slide = Slide(size: size, count: count ?? list.count, shown: shown)
        for edit in edits { slide.make(edit, &output) }
        slide.fill(from: list, &output)
        count = list.count
    }

    /// What rooms mostly do: elements are pushed, and the window moves along by that much.
    ///
    /// - Complexity: O(elements pushed, up to n).
    mutating func push(_ values: [Value], _ list: List, _ output: inout DerivedOutput) {
        guard let before = count else { return update([.rebuilt], list, &output) }
        count = list.count
        // The same array as in the change of the list, where all of it is shown.
        let fresh = values.count > size ? Array(values.suffix(size)) : values
        output.slide(dropping: Swift.max(0, Swift.min(before, size) + fresh.count - size), appending: fresh)
    }
}

extension [ListEdit] {
    /// How many elements were pushed, when nothing else happened.
    fileprivate var pushed: Int? {
        var pushed = 0
        for edit in self {
            guard case .pushed(_, let count) = edit else { return nil }
            pushed += count
        }
        return pushed
    }
}

/// One update of a window: follows the list's length while its changes are replayed. What must be shown but is only
/// known from the list as it is now, is filled in at the end.
private struct Slide {
    let size: Int
    /// The length of the list at this point of the changes.
    var count: Int
    /// How many elements are shown.
    var shown: Int
    /// Pushed elements that are not shown yet.
    var ahead = 0
    /// Elements at the front of the window that are not shown yet.
    var behind = 0
    var mustCompare = false

    private var width: Int { behind + shown + ahead }
    /// The index of the window's first element.
    private var start: Int { count - width }

    mutating func make(_ edit: ListEdit, _ output: inout DerivedOutput) {
        switch edit {
        case .rebuilt: break
        case .pushed(_, let pushed):
            count += pushed
            ahead += pushed
            trim(&output)
        case .touched(let index): if index >= start { mustCompare = true }
        case .inserted(let index): insert(at: index - start, &output)
        case .removed(let index): remove(at: index - start, &output)
        }
    }

    private mutating func insert(at position: Int, _ output: inout DerivedOutput) {
        count += 1
        if position < 0 || (position == 0 && width == size) { return }
        if position < behind {
            behind += 1
        } else if position > behind + shown || (position == behind + shown && ahead > 0) {
            ahead += 1
        } else {
            output.write(.insert(output.root, at: position - behind, .null))
            shown += 1
            mustCompare = true
        }
        trim(&output)
    }

    private mutating func remove(at position: Int, _ output: inout DerivedOutput) {
        let hasMore = start > 0
        count -= 1
        if position < 0 { return }
        if position < behind {
            behind -= 1
        } else if position < behind + shown {
            output.write(.remove(output.root.appending(position - behind)))
            shown -= 1
        } else {
            ahead -= 1
        }
        if hasMore { behind += 1 }
    }

    private mutating func trim(_ output: inout DerivedOutput) {
        while width > size {
            if behind > 0 {
                behind -= 1
            } else if shown > 0 {
                output.write(.remove(output.root.appending(0)))
                shown -= 1
            } else {
                ahead = size
            }
        }
    }

    func fill(from list: List, _ output: inout DerivedOutput) {
        let start = list.count - width
        for position in 0..<behind { output.write(.insert(output.root, at: position, list[start + position])) }
        if ahead > 0 { output.write(.push(output.root, Array(list.suffix(ahead)))) }
        guard mustCompare, case .list(let now)? = output.value else { return }
        for (position, element) in now.enumerated() where element != list[start + position] {
            output.write(.set(output.root.appending(position), list[start + position]))
        }
    }
}
