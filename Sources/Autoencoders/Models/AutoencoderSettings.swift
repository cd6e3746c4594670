import SparseMatrices

/// What a sparse autoencoder is made of. The defaults suit bag-of-words text as it comes.
public struct AutoencoderSettings: Sendable, Codable, Equatable {
    /// H, the number of latent units.
    public var latentWidth = 128
    /// The widths of layers between the input and the latent units.
    public var hiddenWidths: [Int] = []
    public var activation = Activation.relu
    /// The probability that a stored input entry is dropped in training; in [0, 1). nil takes 0.6, of top-k and
    /// batch-top-k units 0.4, of dense data 0.
    public var denoising: Float?
    public var penalties: [SparsityPenalty] = []
    /// γ: of the squared error, how much more a rare feature's error counts than a frequent one's while the encoder
    /// learns, g_v² for feature v with g_v = (ln((1 + n)/(1 + df_v)) + 1)^γ, where df_v of n rows have it. 0 counts all
    /// alike; nil is chosen from the data, see `ChosenEmphasis`.
    public var emphasis: Float?
    /// Of the squared error with a bias: whether features have mean 0 and variance 1 while the model learns, which the
    /// finished model takes over, so that it takes data as they come. nil does so for dense data: a table of
    /// measurements has columns in whatever units they came in.
    public var standardization: Bool?
    public var objective = ReconstructionObjective.squaredError
    /// Of an objective of counts: how long documents are as the encoder sees them, logarithms of the counts that the
    /// objective is about; nil, as in records of older models, gives the encoder what the objective sees.
    package var inputLength: InputLength? = .unit
    /// Of the squared error; the decoder of any other objective is trained.
    public var decoder = DecoderKind.optimal
    /// Whether the optimal decoder has a bias; the trained one always has.
    public var hasDecoderBias = true
    /// How far the optimal decoder is pulled towards zero in training, as a share of the codes' mean square; nil
    /// takes 4H/n for n documents, at most 2, with k-competitive units 1, and 0.01 for dense data. The fewer documents
    /// a unit has to learn from, the more its statistics tell of those very documents, and a decoder that trusts them
    /// too much teaches the encoder to memorise.
    public var ridge: Float?

    public init() {}

    /// Records of models from before there was a choice of objectives or an emphasis do not name one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        latentWidth = try container.decode(Int.self, forKey: .latentWidth)
        hiddenWidths = try container.decode([Int].self, forKey: .hiddenWidths)
        activation = try container.decode(Activation.self, forKey: .activation)
        denoising = try container.decodeIfPresent(Float.self, forKey: .denoising)
        penalties = try container.decode([SparsityPenalty].self, forKey: .penalties)
        emphasis = try container.decodeIfPresent(Float.self, forKey: .emphasis)
        standardization = try container.decodeIfPresent(Bool.self, forKey: .standardization)
        objective =
            try container.decodeIfPresent(ReconstructionObjective.self, forKey: .objective) ?? .squaredError
        inputLength = try container.decodeIfPresent(InputLength.self, forKey: .inputLength)
        self.decoder = try container.decode(DecoderKind.self, forKey: .decoder)
        hasDecoderBias = try container.decode(Bool.self, forKey: .hasDecoderBias)
        ridge = try container.decodeIfPresent(Float.self, forKey: .ridge)
    }

    /// How the decoder comes about; both minimise the squared error.
    public enum DecoderKind: String, Sendable, Codable, CaseIterable {
        /// Always the least-squares optimum, at a cost free of the number of features.
        case optimal
        /// Trained by Adam like the encoder, at a cost proportional to the number of features.
        case trained
    }
}

extension AutoencoderSettings {
    /// The denoising rate for data, with the choice made.
    package func denoising(of matrix: CSRMatrix) -> Float {
        if let denoising { return denoising }
        return matrix.isDense ? 0 : activation.function.denoising
    }

    /// Whether data are standardised, with the choice made.
    package func standardizes(_ matrix: CSRMatrix) -> Bool {
        let isPossible = objective == .squaredError && (hasDecoderBias || decoder == .trained)
        return isPossible && (standardization ?? matrix.isDense)
    }
}

/// What a sparse autoencoder minimises over its documents.
public enum ReconstructionObjective: Sendable, Hashable {
    /// ½‖x − x̂‖² with x̂ = D·h + c.
    case squaredError
    /// −log p(x|h) in nats, the codes h in the place of z, of a likelihood that takes codes without variance
    /// (`LikelihoodKind.isObjective`).
    case likelihood(LikelihoodKind)

    /// nil for the squared error.
    package var likelihood: LikelihoodKind? {
        if case .likelihood(let kind) = self { kind } else { nil }
    }

    /// Whether it describes counts, which a weighting would make something else.
    package var isOfCounts: Bool { likelihood?.needsCounts ?? false }

    /// What the encoder sees of documents.
    ///
    /// Counts are what an objective of counts describes, but no good input: long documents and frequent words would
    /// drown the rest.
    ///
    /// - Parameter length: of the logarithms of counts; nil for documents as the objective sees them.
    func encoderInputs(from documents: WeightedRows, length: InputLength?) -> WeightedRows {
        guard let likelihood, isOfCounts, let length else { return documents }
        return likelihood.encoderInputs(from: documents, length: length)
    }
}

extension ReconstructionObjective: CaseIterable {
    public static var allCases: [Self] {
        [.squaredError] + LikelihoodKind.allCases.filter(\.isObjective).map(Self.likelihood)
    }
}

extension ReconstructionObjective: Codable, LosslessStringConvertible, RawRepresentable {
    /// As on the command line and in JSON.
    public var rawValue: String { description }
    public init?(rawValue: String) { self.init(rawValue) }

    /// `squared-error` or the name of a likelihood.
    public var description: String {
        switch self {
        case .squaredError: "squared-error"
        case .likelihood(let kind): kind.rawValue
        }
    }

    public init?(_ description: String) {
        guard let objective = Self.allCases.first(where: { $0.description == description }) else { return nil }
        self = objective
    }
}
