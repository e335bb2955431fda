"""One sentence for each score, for the report; `docs/evaluation.md` tells the rest."""

GLOSSARY = (
    (
        "kernel distance, Fréchet distance",
        "How far generated faces are, as a set, from as many real ones of the split, "
        "in the features of the first judge; label-free: in those of the identity "
        "encoder. The kernel distance is unbiased and may fall below 0. Not the FID "
        "or KID of other papers, whose features come from another network.",
    ),
    (
        "density, coverage",
        "How densely generated faces lie where real ones do (about 1 for real faces; "
        "more means typical rather than good), and the share of real faces that have "
        "a generated one nearby.",
    ),
    (
        "label accuracy",
        "Share of generated faces that all judges give the emotion asked for.",
    ),
    (
        "closer than unseen",
        "The chance that a generated face lies closer to the training faces than a "
        "real unseen face does: 0.5 for fresh faces, 1 for copies; smooth faces lie "
        "above 0.5 too.",
    ),
    (
        "MSE, PSNR, SSIM, feature cosine",
        "How close the face rebuilt with its own emotion comes to the face. 100 dB "
        "stands for an exact copy.",
    ),
    (
        "target hit, relative hit",
        "Share of edits that all judges give the emotion asked for; divided by the "
        "share of real faces of these emotions that they recognise.",
    ),
    ("source kept", "Share of edits that all judges still give the old emotion."),
    (
        "rank 1, rank 10",
        "Share of edits whose source is the nearest, or among the ten nearest, of "
        "all real faces of the split to the identity encoder.",
    ),
    ("SSIM outside", "Similarity to the source outside mouth and brows."),
    ("headline", "Harmonic mean of relative hit and rank 1."),
    (
        "unchanged face, class mean, blend",
        "Controls: no edit at all; the mean training face of the target; both mixed "
        "at the weight that scored best on validation. As generators: copies of "
        "training faces; the mean face; mixed copies.",
    ),
    (
        "PCA",
        "Control: principal components, as many as z has entries, with the mean face "
        "of the emotion added: generator and encoder made linear.",
    ),
    (
        "random z",
        "Control of the encoder: a model's generated faces dealt out to the sources.",
    ),
)
