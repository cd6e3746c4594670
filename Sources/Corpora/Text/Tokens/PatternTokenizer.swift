import Allocation
import CPCRE2

/// Finds tokens by a regular expression, as Python's `re.findall` does.
struct PatternTokenizer: Sendable {
    let lowercase: Bool
    private let pattern: CompiledPattern

    /// - Throws: `TextOptionsError` with the position of an error in the pattern, or for more than one capturing group.
    init(pattern: String, lowercase: Bool) throws(TextOptionsError) {
        self.lowercase = lowercase
        self.pattern = try CompiledPattern(pattern)
    }

    /// Calls `body` with each non-empty token, valid within the call only: the match, or its only group.
    ///
    /// - Returns: whether the text was valid UTF-8. Invalid bytes are read as U+FFFD.
    func forEachToken(
        in text: UnsafeBufferPointer<UInt8>, _ workspace: PatternWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        let isValid = isValidUTF8(text)
        if lowercase {
            Lowercasing.lowercased(text).withUnsafeBufferPointer { pattern.forEachMatch(in: $0, workspace, body) }
        } else if isValid {
            pattern.forEachMatch(in: text, workspace, body)
        } else {
            let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
            repaired.withUnsafeBufferPointer { pattern.forEachMatch(in: $0, workspace, body) }
        }
        return isValid
    }

    private func isValidUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < text.count {
            if text[position] < 0x80 {
                position &+= 1
                continue
            }
            let (scalar, length) = UTF8Decoding.scalar(at: position, in: text)
            if scalar == nil { return false }
            position += length
        }
        return true
    }
}

/// A pattern compiled by PCRE2, used by any number of threads.
private final class CompiledPattern: @unchecked Sendable {
    // Unchecked: PCRE2 does not change a compiled pattern.
    private let code: OpaquePointer
    /// The group that is the token: 0 for the whole match, or 1 for the only group.
    private let group: Int

    init(_ pattern: String) throws(TextOptionsError) {
        let translation = PythonPattern(pattern)
        guard let context = pcre2_compile_context_create_8(nil) else { OutOfMemory.end(0) }
        defer { pcre2_compile_context_free_8(context) }
        // As in Python, only a line feed ends a line, whatever the library's default.
        pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        var errorNumber: Int32 = 0
        var errorOffset = 0
        let code = translation.text.withUnsafeBufferPointer { text in
            pcre2_compile_8(
                text.baseAddress, text.count,
                PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK,
                &errorNumber, &errorOffset, context)
        }
        guard let code else {
            throw TextOptionsError(
                option: "token-pattern",
                found:
                    "'\(pattern)', with a fault at character \(translation.place(ofByte: errorOffset)): "
                    + Self.message(errorNumber),
                expected: "a regular expression as Python writes it")
        }
        self.code = code
        // If there is no just-in-time compiler for this processor, the pattern is interpreted.
        _ = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        var groups: UInt32 = 0
        _ = pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups)
        group = Int(groups)
        guard groups <= 1 else {
            throw TextOptionsError(
                option: "token-pattern", found: "\(groups) groups in '\(pattern)'",
                expected: "one at most, which is the token; write (?:…) for the others")
        }
    }

    deinit { pcre2_code_free_8(code) }

    private static func message(_ number: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &text, text.count)
        return String(decoding: text.prefix(Int(max(0, length))), as: UTF8.self)
    }

    /// Calls `body` with the matches from left to right, as `re.findall` does: after an empty match, the next one is
    /// non-empty at the same position, or begins after it.
    ///
    /// - Parameter text: valid UTF-8.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, _ workspace: PatternWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard let start = text.baseAddress else { return }
        let ends = workspace.ends
        var (position, isAfterEmpty) = (0, false)
        while position <= text.count {
            let options = PCRE2_NO_UTF_CHECK | (isAfterEmpty ? PCRE2_NOTEMPTY_ATSTART : 0)
            guard match(start, text.count, from: position, options, workspace) else { return }
            let (first, end) = (ends[2 * group], ends[2 * group + 1])
            // A group that did not take part in the match has no position.
            if first < end, end <= text.count { body(UnsafeBufferPointer(start: start + first, count: end - first)) }
            isAfterEmpty = ends[0] == ends[1]
            position = ends[1]
        }
    }

    private func match(
        _ text: UnsafePointer<UInt8>, _ count: Int, from position: Int, _ options: UInt32, _ workspace: PatternWorkspace
    ) -> Bool {
        func attempt(_ options: UInt32) -> Int32 {
            pcre2_match_8(code, text, count, position, options, workspace.data, workspace.context)
        }
        var result = attempt(options)
        // The interpreter uses heap memory, which can grow.
        if result == PCRE2_ERROR_JIT_STACKLIMIT { result = attempt(options | PCRE2_NO_JIT) }
        if result == PCRE2_ERROR_NOMATCH { return false }
        // The limits are set to their maximum, so the cause is lack of memory.
        guard result >= 0 else { OutOfMemory.end(count) }
        return true
    }
}

/// The working memory of matching; used by one thread at a time.
final class PatternWorkspace {
    fileprivate let data: OpaquePointer
    fileprivate let context: OpaquePointer
    private let stack: OpaquePointer?
    /// The start and end of the match and of its group.
    fileprivate let ends: UnsafeMutablePointer<Int>

    init() {
        guard let data = pcre2_match_data_create_8(2, nil), let context = pcre2_match_context_create_8(nil) else {
            OutOfMemory.end(0)
        }
        (self.data, self.context) = (data, context)
        ends = pcre2_get_ovector_pointer_8(data)
        pcre2_set_match_limit_8(context, .max)
        pcre2_set_depth_limit_8(context, .max)
        pcre2_set_heap_limit_8(context, .max)
        stack = pcre2_jit_stack_create_8(1 << 15, 1 << 23, nil)
        pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
    }

    deinit {
        pcre2_jit_stack_free_8(stack)
        pcre2_match_context_free_8(context)
        pcre2_match_data_free_8(data)
    }
}
