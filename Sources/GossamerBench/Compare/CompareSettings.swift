import Autoencoders
import SparseMatrices

/// What all jobs of `compare` share.
struct CompareSettings {
    let file: String
    let latent: Int
    let runs: Int
    let peers: Peers

    var parallelism: Parallelism { Parallelism(threads: peers.threads) }
    var execution: Execution { Execution(parallelism: parallelism) }
    /// Runs of what takes seconds.
    var longRuns: Int { min(runs, 3) }
}
