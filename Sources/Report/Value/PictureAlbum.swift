/// The pictures of a report whose documents are pictures: as many as `ReportSettings.pictureBytes` hold, a byte a pixel and
/// colour, those of the most important units and of the documents that activate them most first.
public struct PictureAlbum: Sendable, Equatable {
    public struct Document: Sendable, Equatable {
        /// From black, the document's least number or 0, to white, its largest.
        public let pixels: [UInt8]
        /// What the model makes of the document, on the same scale.
        public let reconstruction: [UInt8]

        init(_ document: [Float], reconstruction: UnsafeBufferPointer<Float>) {
            let finite = document.lazy.filter(\.isFinite)
            let low = min(0, finite.min() ?? 0)
            let high = max(low, finite.max() ?? 0)
            let scale = high > low ? 255 / (high - low) : 0
            func shades(_ numbers: some Collection<Float>) -> [UInt8] {
                numbers.map { $0.isFinite ? UInt8(max(0, min(255, (($0 - low) * scale).rounded()))) : 0 }
            }
            (pixels, self.reconstruction) = (shades(document), shades(reconstruction))
        }
    }

    public let shape: ImageShape
    /// Of units by number what one unit of activity adds: 128 stands for 0, and 1 or 255 for the largest magnitude.
    public let units: [Int: [UInt8]]
    /// By row.
    public let documents: [Int: Document]
    /// How many units and documents of the report have no picture.
    public let unitsLeftOut: Int
    public let documentsLeftOut: Int
}

extension PictureAlbum {
    /// A picture of numbers around 0.
    static func signed(_ numbers: [Float]) -> [UInt8] {
        let largest = numbers.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        return numbers.map { $0.isFinite && largest > 0 ? UInt8((128 + 127 * $0 / largest).rounded()) : 128 }
    }
}
