/// How much a report shows.
public struct ReportSettings: Sendable, Equatable {
    /// How many documents are on the map and are found by the search; of larger corpora a sample.
    public var documents = 20_000
    public var seed: UInt64 = 0
    /// The shape of documents that are pictures: rows, columns and colours (1 or 3); nil if they are none.
    public var imageShape: ImageShape?
    /// Whether what LDAvis shows is made too.
    public var hasLDAvis = false
    /// How many documents that activate a unit most, and how many that activate it half as much.
    public var topDocuments = 6
    public var middleDocuments = 3
    /// How many bytes of text the units' documents together may show, and those of the map.
    var textBytes = 1_000_000
    var mapTextBytes = 1_400_000
    /// How many bytes all pictures together may take, a byte a pixel and colour.
    var pictureBytes = 2_000_000

    public init() {}

    /// Fewer documents for a model of many units, whose codes would take much memory.
    func mostDocuments(units: Int) -> Int { max(1, min(documents, (1 << 25) / max(1, units))) }
}

/// How many of one thing are told of another. The page's script reads these numbers from the page.
enum ReportCounts {
    /// Of the words that can be seen of a unit at once.
    static let wordsPerUnit = 15
    static let unitsPerWord = 3
    static let unitsPerDocument = 3
    /// Of the words that drive a unit of a document.
    static let wordsPerActiveUnit = 2
    static let wordsPerDocument = 5
    static let nearestDocuments = 4
}

/// The shape of documents that are pictures.
public struct ImageShape: Sendable, Equatable, Codable {
    public let height: Int
    public let width: Int
    /// 1 or 3.
    public let colours: Int

    /// - Returns: nil unless the sides are positive and there are 1 or 3 colours.
    public init?(height: Int, width: Int, colours: Int = 1) {
        guard height > 0, width > 0, colours == 1 || colours == 3, height <= 1 << 12, width <= 1 << 12 else {
            return nil
        }
        (self.height, self.width, self.colours) = (height, width, colours)
    }

    public var count: Int { height * width * colours }
}
