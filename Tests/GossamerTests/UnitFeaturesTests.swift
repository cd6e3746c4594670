import Autoencoders
import NumericTolerance
import SparseMatrices
import Testing

@testable import Gossamer

@Suite struct UnitFeaturesTests {
    @Test(arguments: [1, 3, 7, 100]) func areThoseOfAPlainSort(count: Int) throws {
        var generator = RandomGenerator(seed: 3, stream: 1)
        let (features, units) = (40, 5)
        // Few distinct weights, so that ties abound; the last unit adds nothing.
        let elements = (0..<features * units).map {
            $0 % units == units - 1 ? 0 : Float(Int.random(in: -4...4, using: &generator)) / 4
        }
        let decoder = LinearDecoder(
            weights: DenseMatrix(rowCount: features, columnCount: units, elements: elements),
            bias: Array(repeating: 1, count: features))
        let found = decoder.unitFeatures(count: count)
        #expect(found.map(\.unit) == Array(0..<units))
        for unit in 0..<units {
            let column = (0..<features).map { elements[$0 * units + unit] }
            let expected = column.enumerated().filter { $0.element > 0 }
                .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(count)
            #expect(found[unit].strongest.map(\.feature) == expected.map(\.offset), "unit \(unit)")
            #expect(found[unit].strongest.map(\.weight) == expected.map(\.element), "unit \(unit)")
            let norm = column.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(Double(found[unit].norm) - norm) <= tolerance(terms: features + 2) * norm)
        }
    }
}
