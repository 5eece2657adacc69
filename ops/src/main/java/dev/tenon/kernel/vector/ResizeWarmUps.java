package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The loops of resizing that are compiled ahead: see {@link Rehearsal}. */
final class ResizeWarmUps {
    static final Rehearsal RESIZE_MOVES = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(1, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(1, 2));
        ResizeLines lines = ResizeLines.rehearsed(1);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.move(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.moveWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.move(m, 0, WarmUpData.STEP, 0, ResizeLines.REHEARSED, y, 0, WarmUpData.STEP));
    });

    static final Rehearsal RESIZE_PAIRS = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(2, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(2, 2));
        ResizeLines lines = ResizeLines.rehearsed(2);
        EvenTaps two = new EvenTaps(2, new int[2 * WarmUpData.FEW], new float[2 * WarmUpData.FEW]);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.pairs(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.pairsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> up.pairsOfPairs(two, m, 0, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.pairs(m, 0, WarmUpData.STEP, 0, ResizeLines.REHEARSED, y, 0, WarmUpData.STEP),
                () -> lines.pairsOfPairs(two, m, 0, WarmUpData.STEP, 0, 1, y, 0, WarmUpData.STEP));
    });

    static final Rehearsal RESIZE_SUMS = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.rehearsed(4, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.rehearsed(4, 2));
        ResizeLines lines = ResizeLines.rehearsed(4);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.sums(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.sumsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.sums(m, 0, WarmUpData.STEP, 0, ResizeLines.REHEARSED, y, 0, WarmUpData.STEP));
    });

    private ResizeWarmUps() {}
}
