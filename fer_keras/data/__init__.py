"""FER2013, folders, arrays or drawn faces -> arrays in memory -> batches."""

import importlib

_HOMES = {
    "SPLITS": "fer_keras.data.loading",
    "load_arrays": "fer_keras.data.loading",
    "describe": "fer_keras.data.loading",
    "DataInfo": "fer_keras.data.source_info",
    "load_dataset": "fer_keras.data.loading",
    "synthetic_truth": "fer_keras.data.loading",
}

__all__ = list(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'fer_keras.data' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
