import numpy as np

from fer_keras.evaluation import JudgeSet
from tests.evaluation.conftest import PersonJudge, StripeJudge, striped_faces


def new_judges(cache=None, **options):
    return JudgeSet({"only": StripeJudge(**options)}, PersonJudge(), cache)


def test_a_face_that_occurs_again_is_looked_at_once():
    judges, (faces, labels) = new_judges(), striped_faces(6)
    again = np.array([0, 1, 0, 5, 5, 2, 3, 4])
    seen = judges.observe(faces[again])
    assert judges.emotion["only"].seen == judges.identity.seen == 6
    np.testing.assert_array_equal(seen.predictions[:, 0], labels[again])
    expected = judges.identity.embed(faces[again])
    np.testing.assert_allclose(seen.embeddings, expected, rtol=1e-6)


def test_the_identity_judge_looks_only_when_asked():
    judges = new_judges()
    assert judges.observe(striped_faces(3)[0], identity=False).embeddings.shape[1] == 0
    assert judges.identity.seen == 0


def test_kept_faces_are_not_looked_at_again_by_the_same_judges(tmp_path):
    faces, _ = striped_faces(5)
    first, second, other = (
        new_judges(tmp_path, sha256=digit * 64) for digit in ("0", "0", "2")
    )
    expected = first.observe(faces, keep=True)
    found = second.observe(faces, keep=True)
    assert second.identity.seen == 0
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    other.observe(faces, keep=True)
    assert other.identity.seen == 5
    second.observe(faces)
    assert second.identity.seen == 5


def test_judges_without_a_hash_keep_nothing(tmp_path):
    for _ in range(2):
        judges = new_judges(tmp_path, sha256=None)
        judges.observe(striped_faces(5)[0], keep=True)
        assert judges.identity.seen == 5
