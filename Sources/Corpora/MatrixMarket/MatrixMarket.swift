import FileIO
import SparseMatrices

/// MatrixMarket's formats, coordinate and array: real, integer, unsigned-integer or (coordinate only) pattern; general,
/// symmetric or skew-symmetric. Documents are the rows.
///
/// Entries of the coordinate format may be in any order. Entries with equal coordinates are added; a symmetric matrix
/// is expanded, whichever half is stored. An array has all values in column-major order, for a symmetric matrix those
/// on and below the diagonal, for a skew-symmetric one those below it; zeros are not stored.
enum MatrixMarket: TripletFormat {
    static let format = CorpusFormat.matrixMarket
    static let endings = [".mtx", ".mm"]
    static let headLines = 1
    static let commentMark: UInt8? = UInt8(ascii: "%")

    static func signature(of head: HeadShape) -> String? {
        MatrixMarketHeader.isBanner(head.bytes) ? "it begins with %%MatrixMarket" : nil
    }

    static func head(
        _ bytes: UnsafeRawBufferPointer, contentBytes: Int, name: String
    ) throws(FileError) -> (head: TripletHead, end: Int) {
        let header = try MatrixMarketHeader(bytes, contentBytes: contentBytes, name: name)
        return (TripletHead(lines: header.lines, mirroring: header.symmetry.mirroring), header.bodyStart)
    }
}

/// The header of a MatrixMarket file: the banner, comments, and the line with the sizes.
///
/// Format: <https://math.nist.gov/MatrixMarket/formats.html>.
struct MatrixMarketHeader {
    enum Field: String, CaseIterable {
        case real, double, integer, pattern
        /// Not in the standard, but written by SciPy for unsigned types.
        case unsignedInteger = "unsigned-integer"
    }

    enum Symmetry: String, CaseIterable {
        case general, symmetric
        case skewSymmetric = "skew-symmetric"
    }

    enum Form: String { case coordinate, array }

    private static let banner = "matrixmarket"

    let form: Form
    let field: Field
    let symmetry: Symmetry
    let rowCount: Int
    let columnCount: Int
    /// The number of entries in the file; for a symmetric matrix, fewer than in the matrix.
    let entryCount: Int
    /// The positions of the values of an array; nil for the coordinate format.
    let dense: ColumnMajor?
    /// The position of the first entry.
    let bodyStart: Int
    let lineCount: Int

    /// Blanks before the banner and a single percent sign are accepted, as in SciPy.
    static func isBanner(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let marked = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        let word = marked.drop { $0 == UInt8(ascii: "%") }
        return (1...2).contains(marked.count - word.count) && word.count >= banner.utf8.count
            && zip(word, banner.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 && $0 >= 0x41 && $0 <= 0x5A }
    }

    /// - Parameter contentBytes: the size of the file's content.
    init(_ bytes: UnsafeRawBufferPointer, contentBytes: Int, name: String) throws(FileError) {
        var cursor = HeadLines(bytes: bytes, name: name)
        guard Self.isBanner(bytes), let first = cursor.next() else {
            throw cursor.bad("another beginning", "%%MatrixMarket", "name the right format with \(setting: "format")")
        }
        (form, field, symmetry) = try Self.kinds(first, cursor)
        var sizes = cursor.next()
        while let line = sizes, line.isEmpty || line[0].utf8.first == UInt8(ascii: "%") { sizes = cursor.next() }
        guard let sizes else {
            throw cursor.bad(
                "the end of the file", "a line with the numbers of \(Self.sizes(of: form))",
                "the file may be cut short: copy it again")
        }
        let numbers = sizes.compactMap { Int($0) }
        let count = form == .coordinate ? 3 : 2
        guard sizes.count == count, numbers.count == count, numbers.allSatisfy({ $0 >= 0 }) else {
            throw cursor.bad(
                "\"\(sizes.joined(separator: " "))\"",
                "\(form == .coordinate ? "three" : "two") whole numbers: \(Self.sizes(of: form))",
                "correct the line; nothing but comments may stand before it")
        }
        (rowCount, columnCount) = (numbers[0], numbers[1])
        guard max(rowCount, columnCount) <= Int(UInt32.max) else {
            throw cursor.bad(
                "\(rowCount) × \(columnCount)", "at most \(UInt32.max) rows and columns", "split the matrix")
        }
        try checkMemory(rowCount: rowCount, contentBytes: contentBytes, path: name)
        guard symmetry == .general || rowCount == columnCount else {
            throw cursor.bad(
                "\(rowCount) × \(columnCount)", "as many rows as columns, since the matrix is \(symmetry.rawValue)",
                "correct the sizes, or call the matrix general")
        }
        dense =
            form == .coordinate ? nil : ColumnMajor(rowCount: rowCount, columnCount: columnCount, part: symmetry.part)
        // A number that exceeds `Int` exceeds the size of any file.
        entryCount = dense.map { $0.count ?? .max } ?? numbers[count - 1]
        bodyStart = cursor.position
        lineCount = cursor.line
    }

    private static func sizes(of form: Form) -> String {
        form == .coordinate ? "rows, columns and entries" : "rows and columns"
    }

    private static func kinds(
        _ banner: [String], _ cursor: HeadLines
    ) throws(FileError) -> (Form, Field, Symmetry) {
        let words = banner.map { $0.lowercased() }
        func bad(_ word: Int, _ expected: Message, _ advice: Message) -> FileError {
            cursor.bad(banner.count > word ? "\"\(banner[word])\"" : "the end of the line", expected, advice)
        }
        let convert: Message =
            "write the matrix again, for example with scipy.io.mmwrite of a sparse matrix of real numbers"
        guard words.count == 5 else {
            throw bad(
                min(words.count, 5), "%%MatrixMarket matrix, coordinate or array, FIELD SYMMETRY",
                "complete the first line")
        }
        guard words[1] == "matrix" else { throw bad(1, "matrix", convert) }
        guard let form = Form(rawValue: words[2]) else { throw bad(2, "coordinate or array", convert) }
        guard let field = Field(rawValue: words[3]), form == .coordinate || field != .pattern else {
            throw bad(
                3, "real, integer\(form == .coordinate ? ", unsigned-integer or pattern" : " or unsigned-integer")",
                convert)
        }
        guard let symmetry = Symmetry(rawValue: words[4]) else {
            throw bad(4, "general, symmetric or skew-symmetric", convert)
        }
        return (form, field, symmetry)
    }
}

extension MatrixMarketHeader {
    /// The entries after the header.
    fileprivate var lines: TripletLines {
        TripletLines(
            rowCount: rowCount, columnCount: columnCount, entryCount: entryCount, hasValues: field != .pattern,
            hasWholeValues: field == .integer || field == .unsignedInteger, dense: dense, rowName: "row",
            columnName: "column",
            commentMark: MatrixMarket.commentMark, linesBefore: lineCount)
    }
}

extension MatrixMarketHeader.Symmetry {
    fileprivate var part: ColumnMajor.Part {
        switch self {
        case .general: .all
        case .symmetric: .fromDiagonal
        case .skewSymmetric: .belowDiagonal
        }
    }

    fileprivate var mirroring: Mirroring {
        switch self {
        case .general: .none
        case .symmetric: .symmetric
        case .skewSymmetric: .skew
        }
    }
}

/// Writes MatrixMarket coordinate files, general, sorted by rows: integer if all values are integers, otherwise real,
/// in the shortest form that is read back as the same Float. The format cannot store labels, ids and words.
package enum MatrixMarketWriter {
    /// Writes a file that is created complete or not at all; `-` is standard output.
    package static func write(_ matrix: CSRMatrix, to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try matrix.withUnsafeView { view throws(FileError) in
            let isWhole = view.values.allSatisfy { $0.magnitude <= 16_777_216 && $0 == $0.rounded(.towardZero) }
            var lines = Array("%%MatrixMarket matrix coordinate \(isWhole ? "integer" : "real") general\n".utf8)
            lines += "\(view.rowCount) \(view.columnCount) \(view.values.count)\n".utf8
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) {
                    appendWhole(UInt64(row) + 1, to: &lines)
                    lines.append(UInt8(ascii: " "))
                    appendWhole(UInt64(view.columnIndices[entry]) + 1, to: &lines)
                    lines.append(UInt8(ascii: " "))
                    appendShortest(view.values[entry], to: &lines)
                    lines.append(UInt8(ascii: "\n"))
                }
                if lines.count >= 1 << 16 {
                    try file.write(lines)
                    lines.removeAll(keepingCapacity: true)
                }
            }
            try file.write(lines)
        }
        try file.commit()
    }
}
