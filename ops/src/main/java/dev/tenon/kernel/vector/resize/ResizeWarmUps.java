package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.WarmUpData;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The loops of resizing that are compiled ahead: see {@link JitWarmUp}. */
final class ResizeWarmUps {
    static final JitWarmUp RESIZE_MOVES = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.forWarmUp(1, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.forWarmUp(1, 2));
        ResizeLines lines = ResizeLines.forWarmUp(1);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.move(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.moveWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.move(m, 0, WarmUpData.STEP, 0, ResizeLines.WARM_UP_LINES, y, 0, WarmUpData.STEP));
    });

    static final JitWarmUp RESIZE_PAIRS = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.forWarmUp(2, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.forWarmUp(2, 2));
        ResizeLines lines = ResizeLines.forWarmUp(2);
        EvenTaps two = new EvenTaps(2, new int[2 * WarmUpData.FEW], new float[2 * WarmUpData.FEW]);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.pairs(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.pairsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> up.pairsOfPairs(two, m, 0, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.pairs(m, 0, WarmUpData.STEP, 0, ResizeLines.WARM_UP_LINES, y, 0, WarmUpData.STEP),
                () -> lines.pairsOfPairs(two, m, 0, WarmUpData.STEP, 0, 1, y, 0, WarmUpData.STEP));
    });

    static final JitWarmUp RESIZE_SUMS = WarmUpData.of(m -> {
        ResizeLanes up = new ResizeLanes(LaneSteps.forWarmUp(4, 1));
        ResizeLanes down = new ResizeLanes(LaneSteps.forWarmUp(4, 2));
        ResizeLines lines = ResizeLines.forWarmUp(4);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.sums(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.sumsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.sums(m, 0, WarmUpData.STEP, 0, ResizeLines.WARM_UP_LINES, y, 0, WarmUpData.STEP));
    });

    private ResizeWarmUps() {}
}
