"""Training steps of the GAN: the package's and its peers', on one drawn batch."""

import numpy as np

IMAGE_SHAPE = (48, 48, 1)
CLASSES = 7
LATENT_DIM = 100


def _drawn_batch(batch):
    """uint8 images and ids of noise: the time of a step depends on sizes alone."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (batch, *IMAGE_SHAPE), dtype=np.uint8)
    return images, generator.integers(0, CLASSES, batch)


def _floats(images, labels):
    latents = np.random.default_rng(1).uniform(-1, 1, (len(images), LATENT_DIM))
    arrays = images / 127.5 - 1.0, np.eye(CLASSES)[labels], latents
    return tuple(array.astype("float32") for array in arrays)


def make_ours(precision: str, batch: int, width: int = 64, replicas: int = 1):
    """Returns the step of `ConditionalDCGAN`, from uint8 images on."""
    import tensorflow as tf

    from fer_keras import ConditionalDCGAN
    from fer_keras.training.distribution import strategy

    if replicas > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * replicas
        )
    distribution = strategy("mirrored" if replicas > 1 else "none")
    with distribution.scope():
        gan = ConditionalDCGAN(width=width, seed=0, dtype=precision)
        gan.compile()
    images, labels = _drawn_batch(batch)
    shares = [np.array_split(array, replicas) for array in (images, labels)]

    def share(index):
        return distribution.experimental_distribute_values_from_function(
            lambda context: tf.constant(shares[index][context.replica_id_in_sync_group])
        )

    data = (
        (share(0), share(1))
        if replicas > 1
        else tuple(map(tf.constant, (images, labels)))
    )

    @tf.function
    def step(data):
        return distribution.run(gan.train_step, args=(data,))

    return lambda: _wait(step(data))


def _wait(metrics):
    """Reads a step's metrics, so that nothing of it runs on when the clock stops."""
    for value in metrics.values():
        for each in getattr(value, "values", (value,)):
            each.numpy()


def make_plain_keras(precision: str, batch: int, width: int = 64, steps: int = 1):
    """Returns so many steps of the plain Keras twin; the last is waited for."""
    import keras
    import tensorflow as tf

    from benchmarks.candidates.keras_twin import KerasTwin

    keras.config.set_dtype_policy(precision)
    twin = KerasTwin(image_shape=IMAGE_SHAPE, num_classes=CLASSES, width=width)
    data = tuple(map(tf.constant, _floats(*_drawn_batch(batch))))
    train = tf.function(lambda: twin.train_step(data))

    def step():
        for _ in range(steps - 1):
            train()
        _wait(train())

    return step


def make_pytorch(precision: str, batch: int, channels_last: bool, width: int = 64):
    """Returns the step of the PyTorch twin."""
    import torch

    from benchmarks.candidates.torch_twin import TorchTwin

    twin = TorchTwin(
        IMAGE_SHAPE,
        CLASSES,
        LATENT_DIM,
        width,
        channels_last=channels_last,
        bfloat16=precision == "mixed_bfloat16",
    )
    images, labels, latents = _floats(*_drawn_batch(batch))
    data = twin.images(images), torch.from_numpy(labels), torch.from_numpy(latents)

    def step():
        twin.train_step(*data)

    return step


def make_fit(
    precision: str,
    batch: int,
    steps: int,
    strategy_name: str = "none",
    jit_compile: bool | str = "auto",
):
    """Returns `fit` of so many steps, as users train, on arrays in memory."""
    from fer_keras import ConditionalDCGAN
    from fer_keras.data.batches import make_batches
    from fer_keras.training.distribution import strategy

    with strategy(strategy_name).scope():
        gan = ConditionalDCGAN(seed=0, dtype=precision)
        gan.compile(jit_compile=jit_compile)
    batches = make_batches(*_drawn_batch(batch * steps), batch)

    def step():
        gan.fit(batches, verbose=0)

    return step
