import Foundation
import Testing

@testable import Corpora

/// Every pattern must find what Python's `re` finds; `Fixtures/make-token-patterns.py` tells how.
@Suite struct TokenPatternTests {
    struct Fixture: Decodable {
        let texts: [String]
        let cases: [Case]
    }

    struct Case: Decodable, CustomTestStringConvertible {
        let pattern: String
        let tokens: [[String]]

        var testDescription: String { pattern }
    }

    static let fixture: Fixture = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/token-patterns.json")
        do {
            return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
        } catch {
            Issue.record(error)
            return Fixture(texts: [], cases: [])
        }
    }()

    private func tokens(_ text: [UInt8], _ pattern: String, lowercase: Bool = false) throws -> ([String], Bool) {
        let tokenizer = try PatternTokenizer(pattern: pattern, lowercase: lowercase)
        var found: [String] = []
        let isValid = text.withUnsafeBufferPointer { text in
            tokenizer.forEachToken(in: text, PatternWorkspace()) { found.append(String(decoding: $0, as: UTF8.self)) }
        }
        return (found, isValid)
    }

    @Test(arguments: fixture.cases)
    func findsWhatPythonFinds(_ theCase: Case) throws {
        for (text, expected) in zip(Self.fixture.texts, theCase.tokens) {
            // By scalars: equal strings may be of other ones.
            let found = try tokens(Array(text.utf8), theCase.pattern).0.map { Array($0.unicodeScalars) }
            #expect(found == expected.map { Array($0.unicodeScalars) }, "\(text.debugDescription)")
        }
    }

    @Test func invalidBytesAreReadAsReplacements() throws {
        let text: [UInt8] = [0x61, 0xFF, 0x62, 0xC3]
        #expect(try tokens(text, #"\w+"#) == (["a", "b"], false))
        #expect(try tokens(text, #"[^ ]+"#) == (["a\u{FFFD}b\u{FFFD}"], false))
        #expect(try tokens(text, #"[^ ]+"#, lowercase: true) == (["a\u{FFFD}b\u{FFFD}"], false))
        #expect(try tokens(Array("A b".utf8), #"[^ ]+"#, lowercase: true) == (["a", "b"], true))
    }

    /// Which takes more memory than the stack of compiled patterns has.
    @Test func longTextsThatAreRememberedWhole() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 2_000_000)
        #expect(try tokens(text, #"(?:a|b(?=c))+"#).0.map(\.utf8.count) == [2_000_000])
    }

    @Test(arguments: [
        ("(a", 2), ("a)b", 2), ("[a", 2), ("a{2,1}", 6), (#"\b(?P<n>a"#, 9), ("*a", 1), (#"\w+(?:é"#, 7), (#"a\"#, 2),
        (#"\w(?L)"#, 5),
    ])
    func faultsAreSaidWithTheirPlace(pattern: String, place: Int) {
        let error = #expect(throws: TextOptionsError.self) {
            try PatternTokenizer(pattern: pattern, lowercase: false)
        }
        #expect(error?.option == "token-pattern")
        #expect(error?.found.contains("at character \(place):") == true, "\(error?.found ?? "")")
    }

    @Test func moreThanOneGroupIsRefused() {
        let error = #expect(throws: TextOptionsError.self) {
            try PatternTokenizer(pattern: "(a)(?P<b>b)", lowercase: false)
        }
        #expect(error?.found == "2 groups in '(a)(?P<b>b)'")
    }
}
