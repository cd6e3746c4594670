import Autoencoders
import FileIO

/// A setting that is out of its range, or that does not suit another.
public struct SettingsError: ExplainedError, Equatable {
    public let setting: String
    public let found: String
    public let expected: String

    public var message: Message { "\(setting: setting): found \(found); expected \(expected)" }

    /// An upper limit for numbers of units, epochs and documents per step; products of two such numbers fit in `Int`.
    static let most = 1_000_000_000

    static func require(_ value: Int, in range: ClosedRange<Int>, _ setting: String) throws(SettingsError) {
        if range.contains(value) { return }
        throw SettingsError(
            setting: setting, found: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }

    /// - Parameter range: without its upper end, which may be infinity.
    static func require(_ value: Float, isIn range: Range<Float>, _ setting: String) throws(SettingsError) {
        if range.contains(value) { return }
        let expected: String
        if range.upperBound < .infinity {
            expected = "a number from \(range.lowerBound) to below \(range.upperBound)"
        } else {
            expected = range.lowerBound > 0 ? "a number above 0" : "a number from 0"
        }
        throw SettingsError(setting: setting, found: "\(value)", expected: expected)
    }
}

extension ModelSettings {
    /// Checks that every setting is in its range; training relies on it.
    ///
    /// - Throws: `SettingsError`.
    public func check() throws(SettingsError) {
        try architecture.checkSettings()
        try SettingsError.require(training.epochs ?? 1, in: 1...SettingsError.most, "epochs")
        try SettingsError.require(training.batchSize ?? 1, in: 1...SettingsError.most, "batchSize")
        try SettingsError.require(training.patience ?? 1, in: 1...SettingsError.most, "patience")
        try SettingsError.require(training.referenceRows ?? 0, in: 0...SettingsError.most, "referenceRows")
        try SettingsError.require(training.validationFraction, isIn: 0..<1, "validationFraction")
        try SettingsError.require(
            training.learningRate ?? 1, isIn: Float.leastNonzeroMagnitude..<Float.infinity, "learningRate")
    }
}
