"""Harpy, a speech recogniser: models, streams of audio, and a decoder for the scores of any network.

docs/python.md shows how.
"""

from ._harpy import (
    Alternative,
    Decoder,
    ErrorCounts,
    Event,
    Features,
    Graph,
    Lattice,
    LatticeArc,
    Model,
    Phone,
    Recognizer,
    Session,
    Word,
    __version__,
    score,
)

__all__ = [
    "Alternative",
    "Decoder",
    "ErrorCounts",
    "Event",
    "Features",
    "Graph",
    "Lattice",
    "LatticeArc",
    "Model",
    "Phone",
    "Recognizer",
    "Session",
    "Word",
    "score",
]
