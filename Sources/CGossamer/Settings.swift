import Autoencoders
import CGossamerInterface
import FileIO
import Gossamer

extension ModelSettings {
    /// The default settings of the kind whose settings are given, with those in place of the defaults.
    ///
    /// - Throws: `UsageError` for members that there are not, and values of another type.
    init(_ members: [String: JSONValue]) throws {
        let kinds = FeatureModel.Kind.allCases.filter { members[$0.architecture.recordKey] != nil }
        guard kinds.count <= 1 else {
            throw UsageError(
                "settings: found \(kinds.map(\.rawValue).joined(separator: " and ")); expected one of them")
        }
        let defaults = try JSONValue(encoding: ModelSettings(defaultsOf: kinds.first ?? .sparse))
        let asked = JSONValue.object(members)
        do {
            self = try defaults.overlaid(by: asked).decoded(as: ModelSettings.self, "settings")
        } catch {
            throw Self.naming(asked, over: defaults) ?? error
        }
        if let unknown = asked.member(missingIn: try JSONValue(encoding: self)) {
            throw UsageError("settings: there is no \(unknown); gossamer_default_settings lists those that there are")
        }
    }

    /// The error of the first setting that is wrong by itself, with its name and what it could be.
    private static func naming(_ asked: JSONValue, over defaults: JSONValue) -> (any Error)? {
        for (path, value) in asked.leaves() {
            do {
                _ = try defaults.overlaid(by: value.placed(at: path)).decoded(as: ModelSettings.self, "settings")
            } catch {
                let name = path.joined(separator: ".")
                if let misfit = value.misfit { return UsageError("settings.\(name): \(misfit)") }
                guard let choices = path.last.flatMap({ choices[$0] }) else { return error }
                return UsageError(
                    "settings.\(name): found \(value.description); expected \(choices.joined(separator: ", "))")
            }
        }
        return nil
    }

    /// What the settings that are written as text can be, by their names.
    private static var choices: [String: [String]] {
        [
            "activation": Activation.usages, "penalties": SparsityPenalty.usages,
            "objective": ReconstructionObjective.allCases.map(\.rawValue),
            "decoder": AutoencoderSettings.DecoderKind.allCases.map(\.rawValue),
            "likelihood": LikelihoodKind.allCases.map(\.rawValue),
            "concentration": Concentration.allCases.map(\.rawValue),
            "optimizer": Optimizer.allCases.map(\.rawValue), "weighting": WeightingScheme.usages,
            "normalization": FeatureWeighting.Normalization.allCases.map(\.rawValue),
        ]
    }

    init(defaultsOf kind: FeatureModel.Kind) {
        switch kind {
        case .sparse: self.init(AutoencoderSettings())
        case .variational: self.init(VariationalSettings())
        }
    }
}

extension JSONValue {
    /// The path of a member, not null, that another object does not have.
    fileprivate func member(missingIn other: JSONValue) -> String? {
        guard case .object(let members) = self, case .object(let others) = other else { return nil }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
            guard let counterpart = others[name] else { return name }
            if let inner = value.member(missingIn: counterpart) { return "\(name).\(inner)" }
        }
        return nil
    }
}

@c @implementation
public func gossamer_default_settings(
    _ kind: UnsafePointer<CChar>?, _ json: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let name = try givenText(kind, "kind")
        guard let kind = FeatureModel.Kind(rawValue: name) else {
            let kinds = FeatureModel.Kind.allCases.map(\.rawValue).joined(separator: " or ")
            throw UsageError("kind: found \(name); expected \(kinds)")
        }
        try give(json: ModelSettings(defaultsOf: kind), to: json)
    }
}
