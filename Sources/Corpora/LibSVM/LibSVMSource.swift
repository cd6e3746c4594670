import FileIO
import SparseMatrices

/// Options for parsing lines of libsvm; see `CorpusReadingOptions`.
package struct LibSVMOptions: Sendable, Equatable {
    package var indexBase: IndexBaseRule
    /// The number of columns of the matrix; nil to use the largest index in the file.
    package var featureCount: Int?
    package var excessFeatures: ExcessFeatures
    /// Treats every irregularity as an error: unsorted or duplicate indices, explicit zeros, blank lines, rows without
    /// a label in a file with labels, labels that are not numbers, ids that are not UTF-8.
    package var strict: Bool
    /// Reads a first field `a:b` as the label `a` of a row with weight `b`. Otherwise such a field is a feature of a
    /// row without a label; the two cannot be distinguished.
    package var labelWeights: Bool
    /// Whether the index base is that of a model's corpus, rather than given by the user.
    package var isBaseOfModel = false
    /// The approximate number of bytes in a block of lines.
    package var blockSize = 1 << 20

    package init(
        indexBase: IndexBaseRule = .auto, featureCount: Int? = nil, excessFeatures: ExcessFeatures = .error,
        strict: Bool = false, labelWeights: Bool = false
    ) {
        precondition(featureCount ?? 0 >= 0, "a matrix cannot have \(featureCount ?? 0) features")
        self.indexBase = indexBase
        self.featureCount = featureCount
        self.excessFeatures = excessFeatures
        self.strict = strict
        self.labelWeights = labelWeights
    }
}

/// libsvm or svmlight: one row per line, `label [qid:n] index:value … [# id]`.
enum LibSVM: MatrixFormat {
    static let endings = [".svm", ".libsvm", ".svmlight", ".feat"]
    static let hasNoZeros = true
    static let refusesOddities = true

    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        head.beginsWithPairs && !LDAC.isLikely(head) ? ("its lines are index:value pairs", nil) : nil
    }

    /// Rejects files of numbers separated by commas or blanks that have no pairs.
    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError) {
        let isPaired = head.lines.contains {
            $0.contains { $0.contains(UInt8(ascii: ":")) || $0.first == UInt8(ascii: "#") }
        }
        guard !isPaired else { return }
        let comma = UInt8(ascii: ",")
        let table = head.lines.firstIndex { words in words.count > 1 || words.first?.contains(comma) == true }
        guard let table else { return }
        throw head.bad(
            line: table + 1, "\(head.text(head.lines[table])), and not one index:value pair",
            "label index:value …, since \(reason)",
            "a dense table can be written as libsvm with sklearn.datasets.dump_svmlight_file")
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        try LibSVMSource(input, isLDAC: false, options: options, handing: handing)
    }
}

extension HeadShape {
    /// Whether the first line with more than a label has an index and a colon in the positions of libsvm.
    var beginsWithPairs: Bool {
        for words in lines {
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            guard words.count > 1 || Self.isPair(first) else { continue }
            if Self.isPair(first) || words[1].starts(with: Array("qid:".utf8)) { return true }
            // A single pair may be a time of day in a sentence.
            return Self.isPair(words[1])
                && (words.count == 2 || Self.isPair(words[2]) || words[2].first == UInt8(ascii: "#"))
        }
        return false
    }
}

/// Lines of libsvm (svmlight), `label [qid:n] index:value … [# id]`, or of Blei's LDA-C, `N id:count …`, which has the
/// same syntax, with the number of pairs in place of the label.
///
/// Accepted: labels that are numbers, several numbers separated by commas, words, or missing; any number of blanks and
/// tabs; CRLF; rows without features; unsorted and duplicate indices; explicit zeros; comments on separate lines and
/// after a row, where the text is the document's id. Blank lines and comment lines are not rows. Everything that the
/// matrix does not contain is counted in the corpus' provenance.
///
/// Lines are parsed in parallel, in blocks that do not depend on the number of threads; so neither the corpus nor the
/// error, which is always the first in the file, depends on it.
struct LibSVMSource: CorpusSource {
    private let lines: LineInput
    private let options: LibSVMOptions
    private let isLDAC: Bool
    /// Whether rows are returned before the index base is known; it is then assumed to be 1.
    private let isGuessing: Bool
    private var scan: FaultScan
    private var linesBefore = 0
    private var tally = LabelTally()

    /// - Precondition: the rows of a stream can be revoked, or the index base is known, as it is for LDA-C.
    init(_ lines: LineInput, isLDAC: Bool = false, options: LibSVMOptions) {
        self.lines = lines
        self.isLDAC = isLDAC
        var options = options
        if isLDAC { options.indexBase = .zero }
        self.options = options
        isGuessing = options.indexBase == .auto && !lines.isWhole
        precondition(
            !isGuessing || options.featureCount == nil || options.excessFeatures == .error,
            "features beyond the width cannot be told before the index base is known")
        scan = FaultScan(options: options)
    }

    /// Opens an input.
    ///
    /// - Throws: `FileError`.
    init(
        _ input: Input, isLDAC: Bool, options: CorpusReadingOptions, handing: Handing
    ) throws(FileError) {
        var lineOptions = options.lineOptions
        var handing = handing
        var mostLines = Int.max
        if handing == .final {
            // The index base is known only after the whole input has been read.
            if !isLDAC, lineOptions.indexBase == .auto { handing = .whole }
            mostLines = options.pieceRows
            // Pieces are small, so blocks must be small enough to occupy all threads.
            if handing == .final { lineOptions.blockSize = min(lineOptions.blockSize, 1 << 18) }
        }
        let lines = try LineInput(input, handing, pieceSize: options.pieceSize, mostLines: mostLines)
        self.init(lines, isLDAC: isLDAC, options: lineOptions)
    }

    var isWhole: Bool { lines.isWhole }
    var shiftsColumns: Bool { isGuessing && scan.base.base == .zero }

    var provenance: CorpusProvenance {
        var provenance = CorpusProvenance(format: (isLDAC ? CorpusFormat.ldaC : .libSVM).rawValue)
        let base = scan.base
        provenance.indexBase = base.base
        provenance.indexBaseReason = isLDAC ? "counted from 0, as LDA-C does" : base.reason
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        provenance.wordLabels = tally.wordCount
        if !isLDAC, tally.isWithoutLabels { provenance.notes.append(Self.noLabels) }
        return provenance
    }

    /// The note about a file without labels, which is unusual for libsvm.
    static let noLabels: Message = "no row has a label: each begins with index:value"

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        let piece = try lines.next { text throws(FileError) in try parse(text, parallelism: parallelism) }
        if piece == nil, isGuessing { _ = try checkedBase() }
        return piece
    }

    private mutating func parse(
        _ text: UnsafeBufferPointer<UInt8>, parallelism: Parallelism
    ) throws(FileError) -> Corpus {
        if isLDAC {
            try LDACRows.requirePairs(UnsafeRawBufferPointer(text), linesBefore: linesBefore, name: lines.name)
        }
        let blocks = LineBlocks(text, blockSize: options.blockSize, isStart: false)
        let parsed = ParsedLibSVM(blocks, options: options, parallelism: parallelism)
        if parsed.blocks.contains(where: \.isChanged) { throw .changed(path: lines.name) }
        for block in parsed.blocks where !scan.isOver {
            scan.add(block)
            linesBefore += block.lineCount
        }
        // As long as the index base is assumed, only lines that cannot be parsed are certain errors.
        let base = isGuessing && !scan.isOver ? .one : try checkedBase()
        var piece = parsed.corpus(base: base, parallelism: parallelism)
        if isLDAC { piece = Corpus(matrix: piece.matrix, provenance: piece.provenance) }
        tally.add(piece, isWord: LabelSyntax.isWord)
        return piece
    }

    /// - Throws: `FileError.badData` about the first error so far.
    private func checkedBase() throws(FileError) -> IndexBase {
        do throws(BadData) {
            return try scan.checkedBase(name: lines.name)
        } catch {
            throw .badData(error)
        }
    }
}

/// Reads the libsvm (svmlight) format: one row per line, `label [qid:n] index:value … [# id]`.
package enum LibSVMReader {
    /// Reads a file, compressed or not; `-` is standard input.
    ///
    /// - Throws: `FileError`; errors in the content are `.badData` with line and column (in bytes, counted from 1).
    /// - Complexity: O(bytes), plus O(n log n) for an unsorted row of n entries.
    package static func read(
        path: String, options: LibSVMOptions = LibSVMOptions(), parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        var source = LibSVMSource(try LineInput(Input(path: path), .whole, pieceSize: .max), options: options)
        return try source.all(parallelism: parallelism)
    }

    /// Reads text in memory; `name` is its name in error messages.
    package static func read(
        bytes: UnsafeRawBufferPointer, name: String, options: LibSVMOptions = LibSVMOptions(),
        parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        var source = LibSVMSource(LineInput(bytes: bytes, name: name), options: options)
        return try source.all(parallelism: parallelism)
    }
}
