from trainer.serving.admission import Admission


def test_requests_and_bytes_are_bounded():
    admission = Admission(3, max_bytes=100)
    assert admission.enter(60)
    assert not admission.enter(50)
    assert admission.enter(40)
    assert admission.enter(0)
    assert not admission.enter(0)
    admission.leave(60)
    assert admission.enter(60)
    assert (admission.requests, admission.bytes) == (3, 100)


def test_one_request_that_is_larger_than_all_bytes_is_admitted_alone():
    admission = Admission(3, max_bytes=100)
    assert admission.enter(200)
    assert not admission.enter(1)
