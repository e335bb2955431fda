"""What a precision does to what is learned: a distance to drawn faces, over seeds."""

import statistics

TITLE = "Quality by precision"
_POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")


def measure(options):
    seeds = range(3 if options.quick else 8)
    return {policy: [_distance(policy, seed) for seed in seeds] for policy in _POLICIES}


def _distance(policy, seed):
    """The Fréchet distance in pixels after a short training on small drawn faces."""
    import keras

    from fer_keras import ConditionalDCGAN
    from fer_keras.metrics import frechet_distance
    from fer_keras.synthetic_faces import dataset_arrays

    faces, labels = dataset_arrays(512, seed=3)
    faces = faces.reshape(512, 12, 4, 12, 4, 1).mean((2, 4)).astype("uint8")
    gan = ConditionalDCGAN(
        (12, 12, 1), width=8, depth=2, latent_dim=16, seed=seed, dtype=policy
    )
    gan.compile(*(keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2)))
    gan.fit(faces, labels, batch_size=32, epochs=20, verbose=0)
    drawn = gan.generate(512, labels, seed=1)
    return float(
        frechet_distance(
            *(images.reshape(512, -1) / 127.5 - 1.0 for images in (faces, drawn))
        )
    )


def report(result):
    lines = [
        "Fréchet distance in pixels to 512 drawn faces of 12×12 after 320 steps, a "
        "training a seed.",
        "",
        "| precision | mean | standard deviation over seeds | seeds |",
        "|---|---|---|---|",
    ]
    for policy, distances in result.items():
        mean, spread = statistics.mean(distances), statistics.stdev(distances)
        lines.append(f"| {policy} | {mean:.2f} | {spread:.2f} | {len(distances)} |")
    return lines
