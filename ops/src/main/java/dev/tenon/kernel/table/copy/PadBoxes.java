package dev.tenon.kernel.table.copy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.CopyBox;
import dev.tenon.kernel.copy.CopyProblem;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.shape.Pad;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns Pad into copies of boxes. Along each axis the output consists of runs. A run is read from the data with one stride, or
 * filled with the constant. Every combination of runs is a box.
 */
public final class PadBoxes {
    /** The maximum number of boxes. With more, such as for long paddings that wrap many times, the reference is as fast. */
    private static final int MAX_BOXES = 1024;

    /**
     * A run of the output along an axis, read from evenly spaced indices of the data.
     *
     * @param at the first index in the output
     * @param length the number of indices
     * @param from the first index in the data; -1 if the run is filled with the constant
     * @param step the distance of the indices in the data
     */
    private record Run(long at, long length, long from, long step) {}

    private final KernelRequest step;
    private final int bytes;
    private final List<List<Run>> runs = new ArrayList<>();
    private final List<CopyBox> boxes = new ArrayList<>();
    private final long[] inStrides;
    private final long[] outStrides;

    private PadBoxes(KernelRequest step, int bytes) {
        this.step = step;
        this.bytes = bytes;
        this.inStrides = RowMajor.strides(step.dims(0));
        this.outStrides = RowMajor.strides(step.outputDims(0));
    }

    /** The problem of a Pad, unless pads or axes are not constant, or there are too many boxes. */
    static ProblemOrReason<CopyProblem> problem(Pad op, KernelRequest step) {
        int bytes = CopyKernels.elementBytes(step);
        Tensor pads = step.constant(1);
        Tensor axes = step.constant(3);
        if (bytes == 0 || pads == null || (step.has(3) && axes == null)) {
            return ProblemOrReason.none("pads or axes are not constant, or elements are strings or no whole bytes");
        }
        long[] in = step.dims(0);
        long[] before = new long[in.length];
        long[] after = new long[in.length];
        int count = (int) pads.size() / 2;
        for (int k = 0; k < count; k++) {
            int axis = (int) (axes == null ? k : axes.getLong(k));
            axis += axis < 0 ? in.length : 0;
            before[axis] = pads.getLong(k);
            after[axis] = pads.getLong(k + count);
        }
        PadBoxes boxes = new PadBoxes(step, bytes);
        long combinations = 1;
        for (int d = 0; d < in.length; d++) {
            List<Run> runs = runs(op, before[d], after[d], in[d]);
            if (runs == null) {
                return ProblemOrReason.none("there are too many boxes");
            }
            boxes.runs.add(runs);
            combinations *= runs.size();
            if (combinations > MAX_BOXES) {
                return ProblemOrReason.none("there are too many boxes");
            }
        }
        boxes.combine(new Run[in.length], 0);
        return CopyKernels.problem(boxes.boxes);
    }

    /** The runs of an axis, or null if there are too many. */
    private static List<Run> runs(Pad op, long before, long after, long dim) {
        long first = Math.max(before, 0);
        long left = dim + Math.min(before, 0) + Math.min(after, 0);
        List<Run> runs = new ArrayList<>();
        if (left > 0) {
            runs.add(new Run(first, left, Math.max(-before, 0), 1));
        }
        boolean fits = addRuns(op, runs, new long[] {0, first}, before, after, dim)
                && addRuns(op, runs, new long[] {first + left, first + left + Math.max(after, 0)}, before, after, dim);
        return fits ? runs : null;
    }

    /** Adds the runs of a range of the output that is not a copy of the data. Returns false if there are too many. */
    private static boolean addRuns(Pad op, List<Run> runs, long[] range, long before, long after, long dim) {
        long left = dim + Math.min(before, 0) + Math.min(after, 0);
        long i = range[0];
        while (i < range[1] && runs.size() <= MAX_BOXES) {
            long from = op.source(i, before, after, dim);
            if (from < 0) {
                runs.add(new Run(i, range[1] - i, -1, 0));
                return true;
            }
            long stride = i + 1 < range[1] ? op.source(i + 1, before, after, dim) - from : 0;
            // An edge, or the only element, is repeated to the end of the range, however long that is.
            long to = op.mode() == Pad.Mode.EDGE || left == 1 ? range[1] : i + 1;
            while (to < range[1] && op.source(to, before, after, dim) == from + (to - i) * stride) {
                WorkBudget.spend(1);
                to++;
            }
            runs.add(new Run(i, to - i, from, stride));
            i = to;
        }
        return runs.size() <= MAX_BOXES;
    }

    /** Adds the boxes of all combinations of runs, with the runs of the axes before {@code axis} chosen. */
    private void combine(Run[] chosen, int axis) {
        if (axis < chosen.length) {
            for (Run run : runs.get(axis)) {
                chosen[axis] = run;
                combine(chosen, axis + 1);
            }
            return;
        }
        long[] dims = new long[chosen.length];
        long[] strides = new long[chosen.length];
        long inAt = 0;
        long outAt = 0;
        boolean constant = false;
        for (int d = 0; d < chosen.length; d++) {
            Run run = chosen[d];
            dims[d] = run.length;
            strides[d] = run.step * inStrides[d];
            inAt += run.from * inStrides[d];
            outAt += run.at * outStrides[d];
            constant |= run.from < 0;
        }
        CopyBox.Source source = new CopyBox.Source(0, inAt * bytes, strides);
        if (constant) {
            source =
                    step.has(2) ? new CopyBox.Source(2, 0, new long[dims.length]) : new CopyBox.Source(0L, dims.length);
        }
        CopyBox.Target target = new CopyBox.Target(step.inputCount(), outAt * bytes, outStrides);
        boxes.add(CopyBox.of(bytes, dims, source, target));
    }
}
