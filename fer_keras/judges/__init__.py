"""The fixed judges: networks that score faces, the same in every table.

They stand in `saved_models/judges`, each with a card that names its SHA-256; a file
that differs from its card is refused. They measure: nothing is trained against them.
"""

from fer_keras.judges.emotion import (
    EMOTION_JUDGES,
    EmotionJudge,
    Judgement,
    MiniXceptionJudge,
    load_emotion_judge,
)
from fer_keras.judges.identity import (
    SAME_PERSON,
    UNRELATED,
    IdentityJudge,
    load_identity_judge,
)
from fer_keras.judges.judge import Judge

__all__ = [
    "EMOTION_JUDGES",
    "SAME_PERSON",
    "UNRELATED",
    "EmotionJudge",
    "IdentityJudge",
    "Judge",
    "Judgement",
    "MiniXceptionJudge",
    "load_emotion_judge",
    "load_identity_judge",
]
