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
        package enum Kind { case float, double, integer, byte }

        package let name: String
        package let kind: Kind
        package let shape: [Int]
        /// Changed only by walks that fill parts.
        package let bytes: UnsafeMutableRawBufferPointer
    }

    /// Whether the walk changes the parts; otherwise it reads them, and copies that share their memory go on sharing.
    package let isFilling: Bool
    private let body: (Part) -> Void
    private var prefix = ""

    package init(filling: Bool, _ body: @escaping (Part) -> Void) {
        isFilling = filling
        self.body = body
    }

    package func part(_ name: String, _ state: inout some SavedState) {
        let outer = prefix
        prefix += name + "."
        state.visit(self)
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

    package func part(_ name: String, _ matrix: inout DenseMatrix) {
        let shape = [matrix.rowCount, matrix.columnCount]
        let size = matrix.elementCount * MemoryLayout<Float>.stride
        if isFilling {
            matrix.withUnsafeMutableElements {
                show(name, .float, shape, UnsafeMutableRawBufferPointer(start: $0, count: size))
            }
        } else {
            matrix.withUnsafeElements {
                show(
                    name, .float, shape,
                    UnsafeMutableRawBufferPointer(start: UnsafeMutablePointer(mutating: $0), count: size))
            }
        }
    }

    /// Two bytes a number.
    package func part(_ name: String, _ matrix: inout BFloatMatrix) {
        let shape = [matrix.rowCount, 2 * matrix.columnCount]
        let size = shape[0] * shape[1]
        if isFilling {
            matrix.withUnsafeMutableElements {
                show(name, .byte, shape, UnsafeMutableRawBufferPointer(start: $0, count: size))
            }
        } else {
            matrix.withUnsafeElements {
                show(
                    name, .byte, shape,
                    UnsafeMutableRawBufferPointer(start: UnsafeMutablePointer(mutating: $0), count: size))
            }
        }
    }

    private func show(_ name: String, _ kind: Part.Kind, _ shape: [Int], _ bytes: UnsafeMutableRawBufferPointer) {
        body(Part(name: prefix + name, kind: kind, shape: shape, bytes: bytes))
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
