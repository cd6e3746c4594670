import FileIO

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A report as one page of HTML, which needs no other file and asks for none.
package struct ReportPage {
    /// The page's text.
    package let html: String

    /// - Parameter title: the page's heading, such as the model's name.
    /// - Throws: an encoding error, a defect of this package.
    package init(_ report: ModelReport, title: String) throws {
        html = PageTemplate(html: Self.text(PackageResources.page_html)).filled([
            "title": title, "style": Self.text(PackageResources.report_css),
            "script": Self.scripts.map(Self.text).joined(separator: "\n"),
            "data": try Self.packed(PageData(report, title: title)), "rows": Self.rows(of: report),
            "intro": Self.introduction(report),
        ])
    }

    /// Writes the page, whole or not at all.
    package func write(to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(Array(html.utf8))
        try file.commit()
    }

    private static var scripts: [[UInt8]] {
        [
            PackageResources.data_js, PackageResources.charts_js, PackageResources.scatter_js,
            PackageResources.panels_js, PackageResources.report_js,
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The rows of the table of units for browsers without scripts.
    private static func rows(of report: ModelReport) -> String {
        let names = Dictionary(uniqueKeysWithValues: report.words.words.map { ($0.feature, $0.name) })
        let units = report.units.sorted { ($1.importance, $0.unit) < ($0.importance, $1.unit) }
        return units.map { unit in
            let cells = [
                "\(unit.unit)", percent(unit.importance), report.kind == .sparse ? percent(unit.density) : "–",
                unit.words.prefix(8).compactMap { names[$0.feature] }.joined(separator: " "),
            ]
            return "      <tr>\(cells.map { "<td>\(PageTemplate.escaped($0))</td>" }.joined())</tr>\n"
        }.joined()
    }

    private static func percent(_ share: Double) -> String { (100 * share).significant(3).map { "\($0) %" } ?? "–" }

    private static func introduction(_ report: ModelReport) -> String {
        "\(report.units.count.grouped) units, \(report.figures.documents.grouped) documents, "
            + "\(report.figures.documentsPerFeature.count.grouped) features"
    }

    /// JSON as a string of base64, compressed by zlib, which holds no character that means anything in HTML.
    private static func packed(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Data(compressed(Array(try encoder.encode(value)))).base64EncodedString()
    }
}
