import Report

/// The words of a unit as bars in an SVG picture.
struct UnitChart {
    let title: String
    /// Names and values, the largest first.
    let bars: [(name: String, value: Double)]

    private static let barHeight = 22

    var svg: String {
        let largest = bars.reduce(0) { max($0, $1.value) }
        let height = 50 + Self.barHeight * bars.count
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"480\" height=\"\(height)\" "
                + "viewBox=\"0 0 480 \(height)\" font-family=\"system-ui, sans-serif\" font-size=\"13\">",
            "<rect width=\"480\" height=\"\(height)\" fill=\"#ffffff\"/>",
            "<text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#1c2430\">\(Self.escaped(title))</text>",
        ]
        for (i, bar) in bars.enumerated() {
            let y = 40 + i * Self.barHeight
            let width = largest > 0 ? 250 * bar.value / largest : 0
            lines += [
                "<text x=\"150\" y=\"\(y + 14)\" text-anchor=\"end\" fill=\"#1c2430\">\(Self.escaped(bar.name))</text>",
                "<rect x=\"158\" y=\"\(y + 3)\" width=\"\(Format.fixed(width, 1))\" height=\"14\" rx=\"2\" fill=\"#0b5cad\"/>",
                "<text x=\"\(Format.fixed(164 + width, 1))\" y=\"\(y + 14)\" fill=\"#566070\">\(Format.figure(bar.value))</text>",
            ]
        }
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Bars of characters for a terminal.
enum TextBars {
    /// A bar of up to `width` cells, in eighths of a cell.
    static func bar(_ share: Double, width: Int) -> String {
        let eighths = Int((max(0, min(1, share)) * Double(8 * width)).rounded())
        let part =
            eighths % 8 == 0 ? "" : String("▏▎▍▌▋▊▉"["▏▎▍▌▋▊▉".index("▏▎▍▌▋▊▉".startIndex, offsetBy: eighths % 8 - 1)])
        return String(repeating: "█", count: eighths / 8) + part
    }

    /// A histogram, a line for each band.
    static func histogram(_ bands: CountBands, width: Int = 40) -> [String] {
        let largest = bands.bands.reduce(1) { max($0, $1.documents) }
        let names = bands.bands.map { $0.low >= $0.high ? String($0.low) : "\($0.low)–\($0.high)" }
        let nameWidth = names.reduce(0) { max($0, $1.count) }
        return zip(names, bands.bands).map { name, band in
            "\(name.leftPadded(to: nameWidth))  \(bar(Double(band.documents) / Double(largest), width: width)) "
                + Format.count(band.documents)
        }
    }
}
