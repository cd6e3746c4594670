import Autoencoders
import SparseMatrices

extension FeatureModel {
    /// What the decoder makes of codes, weighted as the model's inputs are: probabilities, rates or values, a few hundred
    /// rows at a time.
    ///
    /// - Parameters:
    ///   - codes: rows × H, row-major; of a mixture of topics not the shares but what they are the softmax of.
    ///   - features: rows × features, row-major.
    package func decode(_ codes: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>) {
        let means =
            network.likelihood?.family.featureMeans(decoder, temperature: 1) ?? FeatureMeans(decoder, .identity)
        let block = ScratchMatrix()
        let rows = codes.count / latentWidth
        for start in stride(from: 0, to: rows, by: 256) {
            let count = min(256, rows - start)
            var z = Array(codes[start * latentWidth..<(start + count) * latentWidth])
            means.fill(block, of: &z, rows: count)
            (features + start * featureCount).update(from: block.elements, count: count * featureCount)
        }
    }
}
