/// An element where it lies: what only looks at it neither copies it nor counts references.
///
/// It cannot be copied, so the compiler reads its parts in place. A structure of one field lies in memory as the field does.
@usableFromInline
package struct Lent<Element>: ~Copyable {
    @usableFromInline package let element: Element
}

extension UnsafeBufferPointer {
    /// Calls `body` with the elements in order, each where it lies.
    ///
    /// `body` should hand on the whole to a function that takes it `borrowing`: what a closure takes out of it is copied.
    @inlinable
    package func forEachLent(_ body: (borrowing Lent<Element>) -> Void) {
        let lent = self.lent
        for index in lent.indices { body(lent[index]) }
    }

    /// The same elements, each where it lies.
    @inlinable @inline(__always)
    package var lent: UnsafeBufferPointer<Lent<Element>> {
        UnsafeRawBufferPointer(self).assumingMemoryBound(to: Lent<Element>.self)
    }
}

extension Array {
    /// The same for an array, which nobody can change meanwhile: it is held here.
    @inlinable
    package func forEachLent(_ body: (borrowing Lent<Element>) -> Void) {
        withUnsafeBufferPointer { $0.forEachLent(body) }
    }
}
