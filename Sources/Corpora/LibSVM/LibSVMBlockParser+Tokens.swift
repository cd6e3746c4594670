/// The slow paths: heads of rows, unusual indices, comments, and errors about invalid tokens.
extension LibSVMBlockParser {
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "#") || byte == 0x7F
    }

    private static func isControl(_ p: Bytes) -> Bool {
        (p[0] < 0x20 || p[0] == 0x7F) && p[0] != UInt8(ascii: "\t") && !isLineEnd(p)
    }

    private static func endOfWord(_ start: Bytes) -> Bytes {
        var p = start
        while !isDelimiter(p[0]) { p += 1 }
        return p
    }

    /// Parses label, weight and qid; records whether there is a label.
    ///
    /// - Returns: the first byte of the first feature, or of the end of the line.
    mutating func parseHead(_ start: Bytes) throws(LineFault) -> Bytes {
        let row = block.rowCount
        let tokenEnd = Self.endOfWord(start)
        if Self.isControl(tokenEnd) { throw fault(.control(tokenEnd[0]), at: tokenEnd) }
        var p = start
        let isQid = Self.isQid(start)
        if tokenEnd[0] == UInt8(ascii: ":") && (isQid || !options.labelWeights) {
            try noteLabel(nil, at: start)
        } else {
            try noteLabel(UnsafeBufferPointer(start: start, count: tokenEnd - start), at: start)
            p = tokenEnd
            if p[0] == UInt8(ascii: ":") {
                guard let weight = DecimalNumber(at: p + 1), weight.value.isFinite, !(weight.value < 0),
                    weight.end[0] == UInt8(ascii: "#") || weight.end[0] <= 0x20
                else { throw fault(.badWeight(token: token(at: p + 1)), at: p + 1) }
                block.weights.append((row, weight.value))
                p = weight.end
            }
        }
        p = Self.skipBlanks(p)
        guard Self.isQid(p) else { return p }
        let (qid, end) = try parseQid(p)
        block.qids.append((row, qid))
        return Self.skipBlanks(end)
    }

    private static func isQid(_ p: Bytes) -> Bool {
        p[0] == UInt8(ascii: "q") && p[1] == UInt8(ascii: "i") && p[2] == UInt8(ascii: "d")
            && p[3] == UInt8(ascii: ":")
    }

    private mutating func noteLabel(_ label: UnsafeBufferPointer<UInt8>?, at start: Bytes) throws(LineFault) {
        let here = position(of: start)
        guard let label else {
            block.labelCodes.append(RowLabels.none)
            if block.firstUnlabelled == nil { block.firstUnlabelled = here }
            return
        }
        if block.firstLabelled == nil { block.firstLabelled = here }
        if let code = block.labels.code(of: label) {
            block.labelCodes.append(code)
            return
        }
        switch LabelSyntax.kind(of: label) {
        case .number: break
        case .invalid: throw fault(.badLabel(token: token(at: start)), at: start)
        case .notFinite: throw fault(.notFinite(token: token(at: start)), at: start)
        case .word:
            if String(validating: label, as: UTF8.self) == nil { throw fault(.invalidText, at: start) }
            if options.strict { throw fault(.wordLabel(token: token(at: start)), at: start) }
        }
        block.labelCodes.append(block.labels.add(label))
    }

    private func parseQid(_ start: Bytes) throws(LineFault) -> (qid: Int, end: Bytes) {
        let number = start + 4
        let end = Self.endOfWord(number)
        let text = String(decoding: UnsafeBufferPointer(start: number, count: end - number), as: UTF8.self)
        guard let qid = Int(text), end[0] == UInt8(ascii: "#") || end[0] <= 0x20 else {
            throw fault(.badQid(token: token(at: start)), at: start)
        }
        return (qid, end)
    }

    /// Parses an index that is not one to seven digits followed by a colon.
    ///
    /// - Returns: the index, and the position of its colon.
    func parseUnusualIndex(_ start: Bytes) throws(LineFault) -> (index: UInt64, colon: Bytes) {
        var p = start
        var index: UInt64 = 0
        while p[0] &- 0x30 <= 9 {
            index = min(index * 10 + UInt64(p[0] &- 0x30), 1 << 40)
            p += 1
        }
        if p[0] == UInt8(ascii: ":"), p > start {
            if index > UInt64(UInt32.max) { throw fault(.badIndex(token: token(at: start)), at: start) }
            return (index, p)
        }
        if Self.isControl(p) { throw fault(.control(p[0]), at: p) }
        if Self.isQid(start) { throw fault(.lateQid, at: start) }
        let end = Self.endOfWord(start)
        if Self.isControl(end) { throw fault(.control(end[0]), at: end) }
        if end[0] != UInt8(ascii: ":") { throw fault(.missingColon(token: token(at: start)), at: start) }
        if end == start { throw fault(.missingIndex(found: "nothing"), at: start) }
        throw fault(.badIndex(token: token(at: start)), at: start)
    }

    /// The error about an invalid value.
    func valueFault(at start: Bytes) -> LineFault {
        if Self.isControl(start) { return fault(.control(start[0]), at: start) }
        if start[0] <= 0x20 || start[0] == UInt8(ascii: "#") {
            let found = Self.isLineEnd(start) ? "the end of the line" : "nothing"
            return fault(.missingValue(found: found), at: start)
        }
        let word = UnsafeBufferPointer(start: start, count: Self.endOfWord(start) - start)
        if LabelSyntax.isNotFiniteWord(word) { return fault(.notFinite(token: token(at: start)), at: start) }
        guard let number = DecimalNumber(at: start) else {
            return fault(.badValue(token: token(at: start)), at: start)
        }
        if Self.isControl(number.end) { return fault(.control(number.end[0]), at: number.end) }
        let endsHere = number.end[0] <= 0x20 || number.end[0] == UInt8(ascii: "#")
        if endsHere, !number.value.isFinite { return fault(.overflow(token: token(at: start)), at: start) }
        return fault(.badValue(token: token(at: start)), at: number.end)
    }

    /// The text of a token for a message, up to the next blank and limited in length.
    func token(at start: Bytes) -> String {
        var end = start
        while end[0] > 0x20, end[0] != 0x7F, end - start < 40 { end += 1 }
        let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        return end[0] > 0x20 && end[0] != 0x7F ? text + "…" : text
    }

    /// - Returns: the end of the line whose rest is a comment.
    func endOfComment(_ start: Bytes) throws(LineFault) -> Bytes {
        var p = start
        while !Self.isLineEnd(p) {
            if Self.isControl(p) { throw fault(.control(p[0]), at: p) }
            p += 1
        }
        return p
    }

    /// Stores the text of a comment, without surrounding blanks, as the row's id.
    mutating func addID(row: Int, from start: Bytes, to end: Bytes) throws(LineFault) {
        let first = Self.skipBlanks(start)
        var last = end
        while last > first, last[-1] == UInt8(ascii: " ") || last[-1] == UInt8(ascii: "\t") { last -= 1 }
        if last == first { return }
        let text = UnsafeBufferPointer(start: first, count: last - first)
        if let id = String(validating: text, as: UTF8.self) {
            block.ids.append((row, id))
        } else {
            if options.strict { throw fault(.invalidText, at: first) }
            block.ids.append((row, String(decoding: text, as: UTF8.self)))
            block.idsRepaired += 1
        }
    }
}
