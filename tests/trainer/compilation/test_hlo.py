"""The text of a compiled module, read: what is exchanged, how often, and the cycles that the compiler counts."""

import pytest

from trainer.compilation.hlo import Collective, collectives, estimated_cycles, opcodes

CYCLES = ', backend_config={"window_config":{"estimated_cycles":"%d"}}'
MODULE = f"""HloModule jit_step, is_scheduled=true, entry_computation_layout={{(f32[8]{{0}})->f32[8]{{0}}}}

%add (a: f32[], b: f32[]) -> f32[] {{
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  ROOT %sum = f32[] add(%a, %b)
}}

%fused_computation (p: bf16[4,8]) -> bf16[4,8] {{
  %p = bf16[4,8]{{1,0:T(8,128)(2,1)}} parameter(0)
  ROOT %double = bf16[4,8]{{1,0:T(8,128)(2,1)}} add(%p, %p){CYCLES % 7}
}}

%condition (c: (s32[], f32[100,10])) -> pred[] {{
  %c = (s32[], f32[100,10]{{1,0}}) parameter(0)
  %i = s32[] get-tuple-element(%c), index=0
  %limit = s32[] constant(3)
  ROOT %less = pred[] compare(%i, %limit), direction=LT
}}

%body (c: (s32[], f32[100,10])) -> (s32[], f32[100,10]) {{
  %c = (s32[], f32[100,10]{{1,0}}) parameter(0)
  %table = f32[100,10]{{1,0:T(8,128)}} get-tuple-element(%c), index=1
  %all-reduce.1 = f32[100,10]{{1,0:T(8,128)}} all-reduce(%table), channel_id=1, to_apply=%add
  %fusion.1 = bf16[4,8]{{1,0:T(8,128)(2,1)}} fusion(%table), kind=kLoop, calls=%fused_computation{CYCLES % 100}
  ROOT %out = (s32[], f32[100,10]{{1,0}}) tuple(%i, %all-reduce.1)
}}

ENTRY %main (x: f32[8]) -> f32[8] {{
  %x = f32[8]{{0:T(128)}} parameter(0)
  %loop = (s32[], f32[100,10]{{1,0}}) while(%start), condition=%condition, body=%body
  %all-reduce.2 = (f32[5]{{0}}, /*index=1*/bf16[3,2]{{1,0}}) all-reduce(%x, %y), channel_id=2, to_apply=%add
  %all-gather-start = (f32[4]{{0}}, f32[32]{{0}}) all-gather-start(%x), channel_id=3, dimensions={{0}}
  %all-gather-done = f32[32]{{0}} all-gather-done(%all-gather-start)
  %send = (f32[6]{{0}}, u32[], token[]) send(%x, %after), channel_id=4, is_host_transfer=true
  %send-done = token[] send-done(%send), channel_id=4, is_host_transfer=true
  ROOT %copy = f32[8]{{0:T(128)}} copy(%x){CYCLES % 1000}
}}
"""


def test_exchanges_in_and_outside_of_the_loop():
    assert collectives(MODULE) == (
        Collective("all-reduce", in_loop=True, count=3, bytes=3 * 4000),  # the condition says how often
        Collective("all-gather", in_loop=False, count=1, bytes=128),  # the result, not the operand
        Collective("all-reduce", in_loop=False, count=1, bytes=5 * 4 + 6 * 2),
        Collective("between slices", in_loop=False, count=1, bytes=24),
    )


def test_how_often_a_loop_runs():
    silent = MODULE.replace("%limit = s32[] constant(3)", "%limit = s32[] get-tuple-element(%c), index=0")
    assert collectives(silent, micro_batches=5)[0].count == 5
    told = MODULE.replace("body=%body", 'body=%body, backend_config={"known_trip_count":{"n":"7"}}')
    assert collectives(told, micro_batches=5)[0].count == 7


def test_an_exchange_that_overlaps_with_several_fusions_is_one():
    part = "  %part = f32[9]{0} all-gather(%p), channel_id=9, dimensions={0}\n"
    calls = "  %fusion.2 = bf16[4,8]{1,0} fusion(%x), kind=kCustom, calls=%fused_computation\n"
    text = MODULE.replace("  %double =", part + "  %double =").replace("  ROOT %double =", part + "  ROOT %double =")
    text = text.replace("  ROOT %copy", calls + "  ROOT %copy")
    assert Collective("all-gather", in_loop=True, count=3, bytes=3 * 36) in collectives(text)
    assert sum(one.count for one in collectives(text) if one.kind == "all-gather") == 3 + 1


def test_cycles_of_an_update_without_those_inside_fusions():
    assert estimated_cycles(MODULE) == 1000 + 3 * 100
    assert estimated_cycles(MODULE.replace("estimated_cycles", "other")) is None


def test_opcodes_are_counted():
    assert opcodes(MODULE)["all-reduce"] == 2
    assert opcodes(MODULE)["while"] == 1
    assert opcodes(MODULE)["scatter"] == 0


def test_an_empty_text_has_nothing():
    assert collectives("") == ()
    assert estimated_cycles("") is None


SCATTERING = """HloModule jit_step

%all-reduce-scatter.1 (input: f32[16,10]) -> f32[2,10] {
  %input = f32[16,10]{1,0} parameter(0)
  %all-reduce.9 = f32[16,10]{1,0} all-reduce(%input), channel_id=9, replica_groups={{0,1,2,3,4,5,6,7}}, to_apply=%add
  ROOT %slice = f32[2,10]{1,0} dynamic-slice(%all-reduce.9, %place), dynamic_slice_sizes={2,10}
}

ENTRY %main (x: f32[16,10]) -> f32[2,10] {
  %x = f32[16,10]{1,0} parameter(0)
  %fusion = f32[2,10]{1,0} fusion(%x), kind=kCustom, calls=%all-reduce-scatter.1
  %scattered = f32[2,10]{1,0} reduce-scatter(%x), channel_id=1, replica_groups=GROUPS, dimensions={0}, to_apply=%add
  ROOT %copy = f32[2,10]{1,0} copy(%scattered)
}
"""


@pytest.mark.parametrize(
    "groups",
    ["{{0,1,2,3},{4,5,6,7}}", "[2,4]<=[8]", "mesh['axis_0'=4,'axis_1'=2] {'axis_0'}, use_global_device_ids=true"],
)
def test_a_reduce_scatter_counts_what_it_adds_up_in_either_of_its_forms(groups):
    found = collectives(SCATTERING.replace("GROUPS", groups))
    assert found == (Collective("reduce-scatter", in_loop=False, count=2, bytes=640 + 4 * 80),)


def test_a_reduce_scatter_that_names_no_groups_counts_its_result():
    found = collectives(SCATTERING.replace("replica_groups=GROUPS, ", ""))
    assert found == (Collective("reduce-scatter", in_loop=False, count=2, bytes=640 + 80),)
