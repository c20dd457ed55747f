#!/usr/bin/env python3
"""Writes the recipes of the experiments on 4.7 hours: make_recipes.py FOLDER

Every arm is trained by CTC and then by lattice-free MMI, but for d, which goes on from c; README.md says what differs
between the arms.
"""
import json
import pathlib
import sys
from typing import NamedTuple

SHIPPED_AUGMENTATION = {
    "speed": [0.9, 1.0, 1.1], "tempo_range": 0.05, "frequency_warp_range": 0.08, "level_range": 2.0,
    "response_range": 0.8, "noise_probability": 0.25, "band_limit_probability": 0.0,
    "time_masks": 3, "time_mask_frames": 30, "time_mask_fraction": 0.1,
    "frequency_masks": 2, "frequency_mask_bins": 12}
# Masks that grow with the utterance (many small ones), wider ones over frequencies, less warping.
STRONG_AUGMENTATION = {
    "speed": [0.9, 1.0, 1.1], "tempo_range": 0.0, "frequency_warp_range": 0.03, "level_range": 2.0,
    "response_range": 0.5, "noise_probability": 0.15, "band_limit_probability": 0.0,
    "time_masks": 16, "time_mask_frames": 20, "time_mask_fraction": 0.02,
    "frequency_masks": 2, "frequency_mask_bins": 20}


def head(l2):
    return {"ctc": [{"type": "linear", "output_dim": "units", "l2": l2}, {"type": "log_softmax"}]}


def shipped_network(l2, head_l2, dropout):
    """That of models/en-small up to version 4: one convolution with stride 3, ten residual convolutions."""
    trunk = [{"type": "batch_norm"},
             {"type": "convolution", "output_dim": 320, "kernel": 5, "stride": 3, "left": 2, "l2": l2},
             {"type": "relu"}, {"type": "batch_norm"}]
    for dilation, left in [(1, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (4, 2), (4, 2), (4, 2), (4, 2)]:
        trunk.append({"type": "residual", "layers": [
            {"type": "convolution", "output_dim": 320, "kernel": 3, "dilation": dilation, "left": left, "l2": l2},
            {"type": "relu"}, {"type": "batch_norm"}, {"type": "dropout", "rate": dropout}]})
    return {"input_dim": 80, "trunk": trunk, "heads": head(head_l2)}


def deeper_network(l2, head_l2, dropout):
    """That of models/en-small since version 5: two residual blocks at 10 ms before the rest."""
    network = shipped_network(l2, head_l2, dropout)
    def block(left):
        return {"type": "residual", "layers": [
            {"type": "convolution", "output_dim": 192, "kernel": 3, "left": left, "l2": l2},
            {"type": "relu"}, {"type": "batch_norm"},
            {"type": "convolution", "output_dim": 80, "kernel": 3, "left": 2, "l2": l2}, {"type": "batch_norm"}]}

    network["trunk"][1:1] = [block(1), block(2)]
    return network


def normalised_network(l2, head_l2, dropout):
    """The deeper one behind a running mean."""
    network = deeper_network(l2, head_l2, dropout)
    network["trunk"].insert(1, {"type": "running_mean_norm", "prior_frames": 100, "memory_frames": 500})
    return network


def factored_network(l2, head_l2, dropout, width=768, bottleneck=96):
    """TDNN-F with bypass: three layers at 10 ms, eight at 30 ms, and a narrow layer before the last."""
    def block():
        return {"type": "residual", "bypass_scale": 0.66, "layers": [
            {"type": "factored_linear", "output_dim": width, "bottleneck_dim": bottleneck, "l2": l2},
            {"type": "relu"}, {"type": "batch_norm"}, {"type": "dropout", "rate": dropout}]}

    def convolution(kernel, dim):
        return {"type": "convolution", "output_dim": dim, "kernel": kernel, "left": kernel // 2, "l2": l2}

    trunk = [{"type": "batch_norm"}, convolution(3, width), {"type": "relu"}, {"type": "batch_norm"}]
    trunk += [block() for _ in range(3)]
    trunk.append({"type": "splice", "kernel": 1, "stride": 3})
    trunk += [block() for _ in range(8)]
    trunk += [convolution(1, 192), {"type": "batch_norm"}, convolution(1, width), {"type": "relu"}, {"type": "batch_norm"}]
    return {"input_dim": 80, "trunk": trunk, "heads": head(head_l2)}


class Arm(NamedTuple):
    network: dict
    augmentation: dict
    ctc_peak: float
    ctc_epochs: int
    mmi_peak: float
    mmi_epochs: int
    biphone_count: int = 0


ARMS = {
    "a0": Arm(shipped_network(0.01, 0.01, 0.05), SHIPPED_AUGMENTATION, 0.003, 20, 0.0015, 12),
    "a1": Arm(shipped_network(0.3, 0.15, 0.1), STRONG_AUGMENTATION, 0.003, 20, 0.0015, 12),
    "b": Arm(factored_network(0.3, 0.15, 0.1), STRONG_AUGMENTATION, 0.001, 20, 0.001, 12),
    "c": Arm(deeper_network(0.3, 0.15, 0.1), STRONG_AUGMENTATION, 0.003, 16, 0.0015, 12, 300),
}


LATTICE_FREE_MMI = {"kind": "lattice_free_mmi", "order": 3, "contexts": 500, "ctc_weight": 0.1}


def recipe(arm, peak, warmup, epochs, seed, loss, biphone_count=0):
    written = {"features": {"kind": "log_mel", "bin_count": 80}, "network": arm.network, "augmentation": arm.augmentation,
               "loss": loss, "optimizer": {"beta1": 0.9, "beta2": 0.98, "epsilon": 1e-8},
               "learning_rate": {"peak": peak, "warmup_steps": warmup, "decay": "cosine", "final_ratio": 0.01},
               "batch_frames": 8000, "length_groups": 48, "epochs": epochs, "seed": seed, "average_decay": 0.998,
               "gradient_norm_limit": 2.0}
    if biphone_count:
        written["biphone_count"] = biphone_count
    return written


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, arm in ARMS.items():
    ctc = recipe(arm, arm.ctc_peak, 400, arm.ctc_epochs, 1, {"kind": "ctc"})
    mmi = recipe(arm, arm.mmi_peak, 150, arm.mmi_epochs, 2,
                 LATTICE_FREE_MMI, arm.biphone_count)
    (folder / f"{name}-ctc.json").write_text(json.dumps(ctc, indent=1) + "\n")
    (folder / f"{name}-mmi.json").write_text(json.dumps(mmi, indent=1) + "\n")
# Arm d: short pieces, so that a minibatch holds many readers, then the statistics that recognition uses.
pieces = Arm(normalised_network(0.3, 0.15, 0.1), STRONG_AUGMENTATION, 0, 0, 0.001, 8, 300)
written = recipe(pieces, pieces.mmi_peak, 100, pieces.mmi_epochs, 3, LATTICE_FREE_MMI, pieces.biphone_count)
(folder / "d-pieces.json").write_text(json.dumps(written, indent=1) + "\n")
written = recipe(pieces, 0.0003, 50, 3, 4, LATTICE_FREE_MMI, pieces.biphone_count)
written["fixed_statistics"] = True
(folder / "d-fixed.json").write_text(json.dumps(written, indent=1) + "\n")
