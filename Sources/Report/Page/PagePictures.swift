extension PageData {
    /// Pictures, one after the other.
    struct Pictures: Encodable {
        /// Rows, columns and colours.
        let shape: [Int]
        let units: PackedNumbers
        let unitPixels: PackedNumbers
        /// The rows of the documents.
        let rows: PackedNumbers
        let pixels: PackedNumbers
        let reconstructions: PackedNumbers
        let unitsLeftOut: Int
        let documentsLeftOut: Int

        init(_ album: PictureAlbum) {
            shape = [album.shape.height, album.shape.width, album.shape.colours]
            let units = album.units.sorted { $0.key < $1.key }
            self.units = PackedNumbers(indices: units.map(\.key))
            unitPixels = PackedNumbers(bytes: units.flatMap(\.value))
            let documents = album.documents.sorted { $0.key < $1.key }
            rows = PackedNumbers(indices: documents.map(\.key))
            pixels = PackedNumbers(bytes: documents.flatMap(\.value.pixels))
            reconstructions = PackedNumbers(bytes: documents.flatMap(\.value.reconstruction))
            (unitsLeftOut, documentsLeftOut) = (album.unitsLeftOut, album.documentsLeftOut)
        }
    }
}
