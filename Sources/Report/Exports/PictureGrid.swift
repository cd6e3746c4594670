import CZlib
import FileIO

/// Rows of numbers as a grid of small pictures, with a line of one pixel between them.
package struct PictureGrid {
    package let width: Int
    package let height: Int
    /// 1 or 3.
    package let colours: Int
    /// From 0 to 255, row by row.
    package private(set) var pixels: [UInt8]
    private static let gap: UInt8 = 128

    /// - Parameters:
    ///   - pictures: the numbers of each, as the shape says; all share one scale, from 0, or the smallest number if that is
    ///     below, to the largest.
    ///   - columns: how many stand side by side; nil makes the grid about as wide as it is high.
    package init(_ pictures: [[Float]], shape: ImageShape, columns: Int? = nil) {
        let count = max(1, pictures.count)
        let root = Int((Double(count) * Double(shape.height) / Double(shape.width)).squareRoot().rounded(.up))
        let across = max(1, min(count, columns ?? root))
        let down = (count + across - 1) / across
        width = across * (shape.width + 1) - 1
        height = down * (shape.height + 1) - 1
        colours = shape.colours
        pixels = Array(repeating: Self.gap, count: width * height * shape.colours)
        let finite = pictures.lazy.flatMap { $0 }.filter(\.isFinite)
        let (low, high) = (min(0, finite.min() ?? 0), finite.max() ?? 0)
        let scale = high > low ? 255 / (high - low) : 0
        for (i, picture) in pictures.enumerated() {
            precondition(picture.count == shape.count, "\(picture.count) numbers for a picture of \(shape.count)")
            let origin = (i / across * (shape.height + 1), i % across * (shape.width + 1))
            for (place, value) in picture.enumerated() {
                let (row, column) = (place / colours / shape.width, place / colours % shape.width)
                let target = ((origin.0 + row) * width + origin.1 + column) * colours + place % colours
                pixels[target] = value.isFinite ? UInt8(max(0, min(255, ((value - low) * scale).rounded()))) : 0
            }
        }
    }

    /// Netpbm's binary format, PGM or, with colours, PPM.
    package var netpbm: [UInt8] { Array("P\(colours == 3 ? 6 : 5)\n\(width) \(height)\n255\n".utf8) + pixels }

    /// The PNG format (ISO/IEC 15948), without filters.
    package var png: [UInt8] {
        let stride = width * colours
        let lines = (0..<height).flatMap { [0] + pixels[$0 * stride..<($0 + 1) * stride] }
        let header = Self.bytes(width) + Self.bytes(height) + [8, colours == 3 ? 2 : 0, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
            + Self.chunk("IDAT", compressed(lines)) + Self.chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + data
        return bytes(data.count) + named + bytes(Int(crc32(0, named, UInt32(named.count))))
    }

    private static func bytes(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
