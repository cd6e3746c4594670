import SparseMatrices

/// A trained sparse autoencoder: x → encoder → code h → decoder → x̂.
package struct SparseAutoencoder: Sendable {
    package internal(set) var encoder: SparseEncoder
    package internal(set) var decoder: LinearDecoder
    /// Of objectives that have one.
    package let dispersion: DispersionDecoder?
    /// Says what the decoder's outputs mean: of the squared error reconstructions, of the others natural parameters.
    package let objective: ReconstructionObjective
    /// See `AutoencoderSettings.inputLength`.
    package let inputLength: InputLength?

    package init(
        encoder: SparseEncoder, decoder: LinearDecoder, dispersion: DispersionDecoder? = nil,
        objective: ReconstructionObjective = .squaredError, inputLength: InputLength? = .unit
    ) {
        precondition(
            encoder.featureCount == decoder.featureCount && encoder.latentWidth == decoder.latentWidth,
            "an encoder of \(encoder.featureCount) × \(encoder.latentWidth) cannot go with a decoder of "
                + "\(decoder.featureCount) × \(decoder.latentWidth)")
        self.encoder = encoder
        self.decoder = decoder
        self.dispersion = dispersion
        self.objective = objective
        self.inputLength = inputLength
    }

    package var featureCount: Int { encoder.featureCount }
    package var latentWidth: Int { encoder.latentWidth }

    /// What the encoder sees of documents; the same where the objective is not of counts.
    package func encoderInputs(from documents: CSRMatrix) -> CSRMatrix {
        if !objective.isOfCounts || inputLength == nil { return documents }
        return objective.encoderInputs(from: WeightedRows(documents), length: inputLength).weighted()
    }
}

extension SparseEncoder {
    /// The codes of all rows of `x`, rows × H. A row's code does not depend on the other rows. With a backend that can
    /// fail, `execution.checkBackend` tells whether they are worth anything.
    ///
    /// - Complexity: O(nnz(X)·H) and the dense layers' products.
    package func encode(_ x: CSRMatrix, execution: Execution = Execution()) -> DenseMatrix {
        var codes = DenseMatrix(rowCount: x.rowCount, columnCount: latentWidth)
        codes.withUnsafeMutableElements { target in
            encodeBlocks(of: x, execution: execution) { block, rows in
                (target + rows.lowerBound * latentWidth).update(from: block, count: rows.count * latentWidth)
            }
        }
        return codes
    }

    /// How many rows are encoded at a time.
    package static let rowsPerBlock = 1024

    /// The codes of `x` in row order, some hundred rows at a time, so that memory does not grow with the rows.
    /// With a backend that can fail, `execution.checkBackend` tells whether they are worth anything.
    ///
    /// - Parameter body: gets the codes of a range of rows, row-major; valid within the call only.
    package func encodeBlocks<E: Error>(
        of x: CSRMatrix, execution: Execution = Execution(),
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E) {
        precondition(x.columnCount == featureCount, "\(x.columnCount) features for an encoder of \(featureCount)")
        let workspace = EncoderWorkspace()
        for start in stride(from: 0, to: x.rowCount, by: Self.rowsPerBlock) {
            let rows = start..<min(start + Self.rowsPerBlock, x.rowCount)
            x.withUnsafeView { view in
                forward(view.rows(rows), workspace: workspace, execution: execution)
            }
            try body(workspace.codes.elements, rows)
        }
    }
}
