import hmac

from app.domain.lanes import LANE_VALUES
from app.service.consumers import consumer_key

PERSON = b"resident_id:220102196001010013"
LANE_KEY = b"l" * 32


def test_a_person_has_one_hash_for_each_identity_key_the_current_first():
    key = consumer_key(PERSON, identity_keys=(("k2", b"2" * 32), ("k1", b"1" * 32)), lane_key=LANE_KEY)

    assert key.digests == (
        ("k2", hmac.digest(b"2" * 32, PERSON, "sha256")),
        ("k1", hmac.digest(b"1" * 32, PERSON, "sha256")),
    )


def test_a_person_stays_in_his_lane_while_identity_keys_rotate():
    before = consumer_key(PERSON, identity_keys=(("k1", b"1" * 32),), lane_key=LANE_KEY)
    after = consumer_key(PERSON, identity_keys=(("k2", b"2" * 32),), lane_key=LANE_KEY)

    assert before.lane == after.lane
    assert before.lane == LANE_VALUES[hmac.digest(LANE_KEY, PERSON, "sha256")[0] % 64]


def test_people_spread_over_all_lanes():
    lanes = {consumer_key(str(person).encode(), identity_keys=(), lane_key=LANE_KEY).lane for person in range(2_000)}

    assert lanes == set(LANE_VALUES)
