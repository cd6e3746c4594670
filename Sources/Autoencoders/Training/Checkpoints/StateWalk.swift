import SparseMatrices

/// Everything that earlier steps of a training changed and later ones depend on, in parts with names.
///
/// A type lists its parts once; saving and restoring them go through the same list, so they cannot disagree. What is
/// restored is a value that was made from the same data and settings, whose parts have the same shapes.
package protocol SavedState {
    /// Shows every part to the walk, always in the same order. Nothing is changed unless the walk fills parts.
    mutating func visit(_ walk: StateWalk)
}

/// A walk through the parts of a state.
package final class StateWalk {
    /// A part: numbers in memory, valid within the call only.
    package struct Part {
        package enum Kind: Sendable {
            case float, double, integer, byte

            package var byteWidth: Int {
                switch self {
                case .double, .integer: 8
                case .float: 4
                case .byte: 1
                }
            }
        }

        package let name: String
        package let kind: Kind
        package let shape: [Int]
        /// Changed only by walks that fill parts.
        package let bytes: UnsafeMutableRawBufferPointer
    }

    /// Filled-in numbers that no training has.
    package struct Problem: Equatable {
        package let part: String
        package let expected: String
    }

    /// Whether the walk changes the parts; otherwise it reads them, and copies that share their memory go on sharing.
    package let isFilling: Bool
    /// The first of the filled-in parts that cannot be true; nothing may then be done with the state.
    package private(set) var problem: Problem?
    private let body: (Part) -> Void
    private var prefix = ""

    package init(filling: Bool, _ body: @escaping (Part) -> Void) {
        isFilling = filling
        self.body = body
    }

    /// Checks what a filled part must be whatever the training was; a type checks its parts where it lists them, before
    /// it uses them.
    ///
    /// - Parameter expected: what the part is to be, in words.
    /// - Returns: whether it is, which is always so unless the walk fills parts.
    @discardableResult
    package func require(_ holds: @autoclosure () -> Bool, _ name: String, is expected: @autoclosure () -> String)
        -> Bool
    {
        if !isFilling || holds() { return true }
        if problem == nil { problem = Problem(part: prefix + name, expected: expected()) }
        return false
    }

    /// Checks that a filled number counts something: rows, documents or steps, of which there are fewer than 2⁴⁸, so that
    /// sums of a few such numbers can be computed.
    @discardableResult
    package func requireCount(_ number: Int, _ name: String) -> Bool {
        require((0..<(1 << 48)).contains(number), name, is: "a count")
    }

    package func part(_ name: String, _ state: inout some SavedState) {
        group(name) { state.visit(self) }
    }

    /// Puts a name before those of the parts that are shown meanwhile.
    func group(_ name: String, _ visit: () -> Void) {
        let outer = prefix
        prefix += name + "."
        visit()
        prefix = outer
    }

    /// A part that is there or not by the settings.
    package func part<State: SavedState>(_ name: String, _ state: inout State?) {
        guard var some = state else { return }
        // Moved, so that it is changed in place.
        state = nil
        part(name, &some)
        state = some
    }

    package func part(_ name: String, _ states: inout [some SavedState]) {
        for i in states.indices { part("\(name).\(i)", &states[i]) }
    }

    package func part<Number: StateNumber>(_ name: String, _ numbers: inout [Number]) {
        let shape = [numbers.count]
        if isFilling {
            numbers.withUnsafeMutableBufferPointer { show(name, Number.kind, shape, UnsafeMutableRawBufferPointer($0)) }
        } else {
            numbers.withUnsafeBufferPointer {
                show(name, Number.kind, shape, UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer($0)))
            }
        }
    }

    package func part<Number: StateNumber>(_ name: String, _ number: inout Number) {
        withUnsafeMutableBytes(of: &number) { show(name, Number.kind, [], $0) }
    }

    package func part(_ name: String, _ matrix: inout some StateMatrix) {
        let (kind, shape) = (type(of: matrix).kind, matrix.stateShape)
        let size = shape.reduce(kind.byteWidth, *)
        if isFilling {
            matrix.withMutableBytes { show(name, kind, shape, UnsafeMutableRawBufferPointer(start: $0, count: size)) }
        } else {
            matrix.withBytes {
                show(
                    name, kind, shape,
                    UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(mutating: $0), count: size))
            }
        }
    }

    /// Shows a part that has its whole name already.
    func show(_ part: Part) { body(part) }

    private func show(_ name: String, _ kind: Part.Kind, _ shape: [Int], _ bytes: UnsafeMutableRawBufferPointer) {
        body(Part(name: prefix + name, kind: kind, shape: shape, bytes: bytes))
    }
}

/// A matrix that is a part, with its numbers one after another in memory.
package protocol StateMatrix {
    static var kind: StateWalk.Part.Kind { get }
    /// In units of the kind.
    var stateShape: [Int] { get }
    func withBytes(_ body: (UnsafeRawPointer) -> Void)
    mutating func withMutableBytes(_ body: (UnsafeMutableRawPointer) -> Void)
}

extension DenseMatrix: StateMatrix {
    package static var kind: StateWalk.Part.Kind { .float }
    package var stateShape: [Int] { [rowCount, columnCount] }
    package func withBytes(_ body: (UnsafeRawPointer) -> Void) { withUnsafeElements { body($0) } }
    package mutating func withMutableBytes(_ body: (UnsafeMutableRawPointer) -> Void) {
        withUnsafeMutableElements { body($0) }
    }
}

/// Two bytes a number.
extension BFloatMatrix: StateMatrix {
    package static var kind: StateWalk.Part.Kind { .byte }
    package var stateShape: [Int] { [rowCount, 2 * columnCount] }
    package func withBytes(_ body: (UnsafeRawPointer) -> Void) { withUnsafeElements { body($0) } }
    package mutating func withMutableBytes(_ body: (UnsafeMutableRawPointer) -> Void) {
        withUnsafeMutableElements { body($0) }
    }
}

/// A type of number that parts consist of.
package protocol StateNumber: BitwiseCopyable {
    static var kind: StateWalk.Part.Kind { get }
}

extension Float: StateNumber { package static var kind: StateWalk.Part.Kind { .float } }
extension Double: StateNumber { package static var kind: StateWalk.Part.Kind { .double } }
extension Int: StateNumber { package static var kind: StateWalk.Part.Kind { .integer } }
extension UInt8: StateNumber { package static var kind: StateWalk.Part.Kind { .byte } }
