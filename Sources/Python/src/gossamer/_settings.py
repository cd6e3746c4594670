"""Parameters of estimators as settings of the engine, and back."""

from __future__ import annotations

import numbers
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.utils import check_random_state

SPARSE, VARIATIONAL = "autoencoder", "variational"
"""The members of the engine's settings that hold the two architectures."""

# Parameter of the estimators: member of the engine's settings.
_TRAINING = {
    "max_iter": "epochs",
    "batch_size": "batchSize",
    "learning_rate": "learningRate",
    "optimizer": "optimizer",
    "validation_fraction": "validationFraction",
    "n_iter_no_change": "patience",
    "reference": "referenceRows",
}
_SPARSE = {
    "n_components": "latentWidth",
    "hidden_layer_sizes": "hiddenWidths",
    "activation": "activation",
    "denoise": "denoising",
    "sparsity": "penalties",
    "emphasis": "emphasis",
    "standardize": "standardization",
    "objective": "objective",
    "decoder": "decoder",
    "decoder_bias": "hasDecoderBias",
    "ridge": "ridge",
}
_VARIATIONAL = {
    "n_components": "latentWidth",
    "hidden_layer_sizes": "hiddenWidths",
    "likelihood": "likelihood",
    "concentration": "concentration",
    "beta": "beta",
    "kl_warmup": "klWarmupEpochs",
    "denoise": "denoising",
    "inner_steps": "refinementSteps",
    "sampled_softmax": "sampledSoftmax",
    "gradient_clip": "gradientClip",
    "dream": "dreaming",
}
_INPUTS = {"weighting": "weighting", "norm": "normalization"}
_ARCHITECTURES = {SPARSE: _SPARSE, VARIATIONAL: _VARIATIONAL}

# Parameters whose None is a value, not a choice left to the engine.
_NONE_IS_OFF = {"gradient_clip", "dream"}


def seed_of(random_state: Any) -> int:
    """The engine's seed: a whole number as it is, so that results are those of the program with the same one."""
    if isinstance(random_state, numbers.Integral):
        if random_state < 0:
            raise ValueError(f"random_state is {random_state}; expected a number from 0")
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def settings_of(architecture: str, parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The engine's settings for the parameters of an estimator."""
    own = _members(_ARCHITECTURES[architecture], parameters)
    if "penalties" in own:
        own["penalties"] = _penalties(own["penalties"])
    return {
        architecture: own,
        "training": {**_members(_TRAINING, parameters), "seed": seed},
        **{member: parameters[name] for name, member in _INPUTS.items()},
    }


def parameters_of(description: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The architecture and the parameters of an estimator for a model that the engine describes."""
    settings = description["settings"]
    architecture = next(name for name in _ARCHITECTURES if name in settings)
    own, training = settings[architecture], settings.get("training", {})
    parameters = {name: own.get(member) for name, member in _ARCHITECTURES[architecture].items()}
    parameters |= {name: training.get(member) for name, member in _TRAINING.items()}
    parameters["validation_fraction"] = parameters["validation_fraction"] or 0.0
    parameters["hidden_layer_sizes"] = tuple(parameters["hidden_layer_sizes"] or ())
    parameters |= {name: description[member] for name, member in _INPUTS.items()}
    parameters["random_state"] = training.get("seed", 0)
    if "sparsity" in parameters:
        parameters["sparsity"] = parameters["sparsity"] or "none"
    return architecture, parameters


def in_parameters(architecture: str, message: str) -> str:
    """A message of the engine about its settings, with the names that the parameters of estimators have."""
    names = {member: name for name, member in {**_ARCHITECTURES[architecture], **_TRAINING, **_INPUTS}.items()}
    message = re.sub(r"\bsettings\.(?:\w+\.)?(?=\w+[.:])", "", message)
    return re.sub("|".join(rf"\b{member}\b" for member in names), lambda found: names[found[0]], message)


def _members(names: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    members = {}
    for name, member in names.items():
        value = parameters[name]
        if name == "hidden_layer_sizes" and isinstance(value, numbers.Integral):
            value = (int(value),)
        if value is not None or name in _NONE_IS_OFF:
            members[member] = list(value) if isinstance(value, tuple) else value
    return members


def _penalties(sparsity: str | Sequence[str]) -> list[str]:
    penalties = [sparsity] if isinstance(sparsity, str) else list(sparsity)
    return [penalty for penalty in penalties if penalty != "none"]
