from beam_jobs.inputs.name_list import count_files, first_names


def test_names_in_one_line():
    names = [f"n{i}" for i in range(1200)]
    assert [count_files(names[:n]) for n in (1, 2, 1200)] == ["1 file", "2 files", "1,200 files"]
    assert first_names(names[:2]) == "n0, n1"
    assert first_names(names[:11]).endswith("n9 and 1 more")
    assert first_names(names).endswith("n9 and 1,190 more")
