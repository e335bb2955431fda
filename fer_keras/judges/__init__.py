"""The fixed judges: networks that score faces, the same in every table.

They stand in `saved_models/judges`, each with a card that names its SHA-256; a file
that differs from its card is refused. They measure: nothing is trained against them.
"""

from fer_keras.judges.emotion import (
    EMOTION_JUDGES,
    EmotionJudge,
    Judgement,
    MiniXceptionJudge,
)
from fer_keras.judges.emotion_classifier import emotion_classifier
from fer_keras.judges.identity import (
    IDENTITY_JUDGE,
    SAME_PERSON,
    UNRELATED,
    IdentityJudge,
)
from fer_keras.judges.judge import Judge
from fer_keras.judges.loading import load_judge
from fer_keras.judges.validation_scores import (
    GenerationScores,
    InversionScores,
    TransferScores,
)

__all__ = [
    "EMOTION_JUDGES",
    "IDENTITY_JUDGE",
    "SAME_PERSON",
    "UNRELATED",
    "EmotionJudge",
    "GenerationScores",
    "IdentityJudge",
    "InversionScores",
    "Judge",
    "Judgement",
    "MiniXceptionJudge",
    "TransferScores",
    "emotion_classifier",
    "load_judge",
]
