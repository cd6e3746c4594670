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
        if case .object(let training)? = members["training"], case .whole(let seed)? = training["seed"], seed < 0 {
            throw UsageError("seed: found \(seed); expected a number from 0")
        }
        let defaults = try JSONValue(encoding: ModelSettings(defaultsOf: kinds.first ?? .sparse))
        let asked = JSONValue.object(members)
        self = try defaults.overlaid(by: asked).decoded(as: ModelSettings.self, "settings")
        if let unknown = asked.member(missingIn: try JSONValue(encoding: self)) {
            throw UsageError("settings: there is no \(unknown); gossamer_default_settings lists those that there are")
        }
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
