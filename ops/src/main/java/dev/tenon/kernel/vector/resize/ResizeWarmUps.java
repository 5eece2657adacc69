package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.WarmUpData;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The warm-ups of the loops of resizing, see {@link JitWarmUp}. */
final class ResizeWarmUps {
    static final JitWarmUp RESIZE_MOVES = WarmUpData.of(m -> {
        InnerAxisLoops up = new InnerAxisLoops(InnerAxisSteps.forWarmUp(1, 1));
        InnerAxisLoops down = new InnerAxisLoops(InnerAxisSteps.forWarmUp(1, 2));
        OuterAxisLoops lines = OuterAxisLoops.forWarmUp(1);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.copy(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.copyWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.copy(m, 0, WarmUpData.STEP, 0, OuterAxisLoops.WARM_UP_LINES, y, 0, WarmUpData.STEP));
    });

    static final JitWarmUp RESIZE_PAIRS = WarmUpData.of(m -> {
        InnerAxisLoops up = new InnerAxisLoops(InnerAxisSteps.forWarmUp(2, 1));
        InnerAxisLoops down = new InnerAxisLoops(InnerAxisSteps.forWarmUp(2, 2));
        OuterAxisLoops lines = OuterAxisLoops.forWarmUp(2);
        UniformTaps two = new UniformTaps(2, new int[2 * WarmUpData.FEW], new float[2 * WarmUpData.FEW]);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.pairs(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.pairsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> up.pairsOfPairs(two, m, 0, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.pairs(m, 0, WarmUpData.STEP, 0, OuterAxisLoops.WARM_UP_LINES, y, 0, WarmUpData.STEP),
                () -> lines.pairsOfPairs(two, m, 0, WarmUpData.STEP, 0, 1, y, 0, WarmUpData.STEP));
    });

    static final JitWarmUp RESIZE_SUMS = WarmUpData.of(m -> {
        InnerAxisLoops up = new InnerAxisLoops(InnerAxisSteps.forWarmUp(4, 1));
        InnerAxisLoops down = new InnerAxisLoops(InnerAxisSteps.forWarmUp(4, 2));
        OuterAxisLoops lines = OuterAxisLoops.forWarmUp(4);
        int[] rows = new int[WarmUpData.FEW];
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> up.sums(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> down.sumsWide(m, 0, rows, 0, WarmUpData.FEW, 0, y, 0, WarmUpData.STEP),
                () -> lines.sums(m, 0, WarmUpData.STEP, 0, OuterAxisLoops.WARM_UP_LINES, y, 0, WarmUpData.STEP));
    });

    private ResizeWarmUps() {}
}
