import FileIO
import Testing

@Suite struct MessageTests {
    private let message: Message = "give \(setting: "labelColumn") a number up to \(3)"

    @Test func whoeverShowsAMessageNamesItsSettings() {
        #expect(message.description == "give labelColumn a number up to 3")
        #expect(message.text { "--" + $0 } == "give --labelColumn a number up to 3")
    }

    @Test func messagesWithinMessagesKeepTheirSettings() {
        let whole: Message = "a.tsv: " + message
        #expect(whole.text { _ in "x" } == "a.tsv: give x a number up to 3")
        #expect(("a.tsv: \(message)" as Message).text { _ in "x" } == "a.tsv: give x a number up to 3")
    }

    /// What a file says is never taken for a setting.
    @Test func wordsOfDataAreNoSettings() {
        let data = "labelColumn"
        #expect(("found \(data)" as Message).text { _ in "x" } == "found labelColumn")
    }

    @Test func errorsAreDescribedByTheirMessages() {
        let problem = BadData(path: "a", line: 2, found: "b", expected: "c", advice: "name \(setting: "format")")
        #expect(FileError.badData(problem).description == "a:2: found b; expected c; name format")
        #expect(FileError.badData(problem).message.text { "--" + $0 } == "a:2: found b; expected c; name --format")
    }
}
