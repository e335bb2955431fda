"""How a training runs: devices and replicas, the optimizer, checkpoints."""
