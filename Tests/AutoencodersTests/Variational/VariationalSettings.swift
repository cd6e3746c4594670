import Autoencoders

/// Settings of a small model, whatever the defaults are.
func variational(_ change: (inout VariationalSettings) -> Void = { _ in }) -> VariationalSettings {
    var settings = VariationalSettings()
    settings.latentWidth = 8
    settings.hiddenWidths = [24, 16]
    change(&settings)
    return settings
}
