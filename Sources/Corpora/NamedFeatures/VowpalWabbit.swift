import FileIO
import SparseMatrices

/// Lines of Vowpal Wabbit: `label [importance] ['tag]|namespace feature[:value] … |…`.
///
/// Labels are numbers, several separated by commas, or names; they may be missing. The importance is the row's weight,
/// the tag its id: after an apostrophe, or immediately before the bar. Features are words, `feature` or, in a named
/// namespace, `namespace^feature`; numbers are words as well, and nothing is hashed. A namespace's value multiplies
/// those of its features, and a repeated feature is counted repeatedly.
///
/// Rejected: examples of several lines, and labels of other kinds, such as costs and actions (`1:0.5`, `shared`); an
/// initial prediction after the importance; features without names, and values that are texts.
enum VowpalWabbit: MatrixFormat {
    static let endings = [".vw"]
    static let hasNoZeros = true

    /// The format is recognised only if all lines begin with a number before the bar.
    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        let bar = UInt8(ascii: "|")
        let lines = head.bytes.split(separator: 0x0A).filter { !$0.allSatisfy { $0 <= 0x20 } }
        let isShaped = lines.allSatisfy { line in
            let before = line.prefix { $0 != bar }
            guard before.count < line.count, let last = before.last, last == 0x20 || before.contains(0x27) else {
                return false
            }
            let words = before.split { $0 == 0x20 || $0 == 0x09 }
            return words.first.map { Double(String(decoding: $0, as: UTF8.self)) != nil } ?? false
        }
        return !lines.isEmpty && isShaped ? ("its lines are a number, a bar and features", nil) : nil
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        let stream = try input.stream()
        let fixed =
            try options.vocabularyPath.map { path throws(FileError) in
                try Vocabulary.readFile(path: path).vocabulary
            } ?? options.knownWords
        if options.isForModel, fixed == nil {
            throw .badData(
                BadData(
                    path: stream.name, found: "features that are words (vw)",
                    expected: "features by their numbers, since the model has no words to match",
                    advice: "give \(setting: "vocabulary"), or train the model with one"))
        }
        let words = try fixed.map { vocabulary throws(FileError) in
            do throws(TextOptionsError) {
                return NamedRowsSource.WordColumns.fixed(try TokenTable(columnsOf: vocabulary), vocabulary)
            } catch {
                throw .badData(
                    BadData(
                        path: options.vocabularyPath ?? stream.name, found: error.found,
                        expected: Message(error.expected), advice: "remove one of them"))
            }
        }
        let size = options.blocksAtOnce(handing, parallelism)
        let lines = LineStream(stream, blockSize: options.textInput.blockSize, mostLines: size.lines)
        var source = NamedRowsSource(
            stream.name, lines, Parser(), words ?? .growing(TokenTable()), mostBlocks: size.blocks,
            provenance: CorpusProvenance(format: CorpusFormat.vowpalWabbit.rawValue))
        let isPieceless = handing == .whole || handing == .final && words == nil
        return isPieceless ? WholeCorpus(try source.all(parallelism: parallelism)) : source
    }

    private struct Parser: NamedRowsParser {
        func parse(_ lines: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> NamedRows {
            var rows = NamedRows()
            let words = TokenTable()
            let name = GrowingBuffer<UInt8>()
            let tally = LineTally(lines, skippingBad: false) { line throws(BadData) in
                try VowpalWabbitLine(line).parse(into: &rows, words, name)
            }
            rows.tally = tally
            rows.words = words
            return rows
        }
    }
}

/// One line, without its line end.
private struct VowpalWabbitLine {
    private typealias Text = Slice<UnsafeBufferPointer<UInt8>>
    private let line: UnsafeBufferPointer<UInt8>
    private static let (bar, colon, apostrophe) = (UInt8(ascii: "|"), UInt8(ascii: ":"), UInt8(ascii: "'"))

    init(_ line: UnsafeBufferPointer<UInt8>) { self.line = line }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// - Throws: `BadData` without path and line.
    func parse(
        into rows: inout NamedRows, _ words: TokenTable, _ name: GrowingBuffer<UInt8>
    ) throws(BadData) {
        guard let bar = line.firstIndex(of: Self.bar) else {
            throw bad(
                line[...], "a line without a bar", "label [importance] ['tag]|features",
                "examples of several lines are not read: write each on a line")
        }
        let head = try head(line[..<bar], &rows)
        var scale: Float = 1
        var place = bar
        while place < line.count {
            name.removeAll()
            scale = 1
            let first = place + 1
            if first < line.count, !Self.isBlank(line[first]), line[first] != Self.bar {
                let token = token(from: first)
                let (namespace, value) = try split(token, "namespace", &rows)
                scale = value ?? 1
                name.append(UnsafeBufferPointer(rebasing: namespace))
                name.append(UInt8(ascii: "^"))
                place = token.endIndex
            } else {
                place = first
            }
            try features(from: &place, scale, &rows, words, name)
        }
        rows.endRow(label: UnsafeBufferPointer(head.label.elements), id: head.tag, weight: head.weight)
    }

    /// Parses the features up to the next bar.
    private func features(
        from place: inout Int, _ scale: Float, _ rows: inout NamedRows, _ words: TokenTable,
        _ name: GrowingBuffer<UInt8>
    ) throws(BadData) {
        let prefix = name.count
        while true {
            while place < line.count, Self.isBlank(line[place]) { place += 1 }
            guard place < line.count, line[place] != Self.bar else { return }
            let token = token(from: place)
            place = token.endIndex
            let (feature, value) = try split(token, "feature", &rows)
            let scaled = (value ?? 1) * scale
            guard scaled.isFinite else {
                throw bad(token, "a value that is too large with the namespace's", "a finite number", "scale it down")
            }
            let word: UInt32
            if prefix == 0 {
                word = words.insert(UnsafeBufferPointer(rebasing: feature))
            } else {
                name.append(UnsafeBufferPointer(rebasing: feature))
                word = words.insert(UnsafeBufferPointer(name.elements))
                name.removeLast(feature.count)
            }
            rows.columns.append(word)
            rows.values.append(scaled)
        }
    }

    /// Parses the text before the bar.
    private func head(
        _ text: Text, _ rows: inout NamedRows
    ) throws(BadData) -> (label: GrowingBuffer<UInt8>, weight: Float?, tag: UnsafeBufferPointer<UInt8>) {
        var tokens = text.split(whereSeparator: Self.isBlank)
        var tag = UnsafeBufferPointer<UInt8>.none
        if let last = tokens.last, last.endIndex == text.endIndex || last.first == Self.apostrophe {
            tag = UnsafeBufferPointer(rebasing: last.first == Self.apostrophe ? last.dropFirst() : last)
            tokens.removeLast()
        }
        if tokens.count > 2 {
            throw bad(
                tokens[2], "\"\(shown(tokens[2]))\" after label and importance", "nothing more but a tag and the bar",
                "initial predictions are not read: leave them out")
        }
        let label = GrowingBuffer<UInt8>()
        if let token = tokens.first {
            let kind = LabelSyntax.kind(of: UnsafeBufferPointer(rebasing: token))
            guard kind == .number || kind == .word, !token.elementsEqual("shared".utf8),
                !token.contains(TextDocument.labelSeparator)
            else {
                throw bad(
                    token, "the label \"\(shown(token))\"", "a number, several with commas between, or a name",
                    "labels with costs, actions or probabilities are not read")
            }
            let isList = token.contains(UInt8(ascii: ","))
            for byte in token { label.append(isList && byte == 0x2C ? TextDocument.labelSeparator : byte) }
        }
        guard tokens.count > 1 else { return (label, nil, tag) }
        guard let weight = rows.number(UnsafeBufferPointer(rebasing: tokens[1])), weight >= 0 else {
            throw bad(
                tokens[1], "the importance \"\(shown(tokens[1]))\"", "a finite number from 0",
                "write label, importance and tag before the bar")
        }
        return (label, weight, tag)
    }

    /// A name and the value after its colon; the value is nil if there is none.
    private func split(
        _ token: Text, _ what: String, _ rows: inout NamedRows
    ) throws(BadData) -> (name: Text, value: Float?) {
        let name = token.prefix { $0 != Self.colon }
        guard !name.isEmpty else {
            throw bad(
                token, "a \(what) without a name", "a name before the colon", "name it; features are told apart by name"
            )
        }
        guard String(validating: name, as: UTF8.self) != nil else {
            throw bad(token, "a \(what) that is not UTF-8", "UTF-8 text", "save the file as UTF-8")
        }
        if name.endIndex == token.endIndex { return (name, nil) }
        let text = token[(name.endIndex + 1)...]
        guard let value = rows.number(UnsafeBufferPointer(rebasing: text)) else {
            throw bad(
                text, text.isEmpty ? "nothing after a colon" : "the value \"\(shown(text))\"", "a finite number",
                "correct it; values that are texts are not read")
        }
        return (name, value)
    }

    /// The text from a position to the next blank or bar.
    private func token(from start: Int) -> Text { line[start...].prefix { !Self.isBlank($0) && $0 != Self.bar } }

    private func shown(_ text: Text) -> String { String(decoding: text.prefix(40), as: UTF8.self) }

    private func bad(_ place: Text, _ found: String, _ expected: Message, _ advice: Message) -> BadData {
        BadData(path: "", column: place.startIndex + 1, found: found, expected: expected, advice: advice)
    }
}
