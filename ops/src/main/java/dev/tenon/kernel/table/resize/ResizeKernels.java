package dev.tenon.kernel.table.resize;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.scalar.resize.ScalarResize;
import dev.tenon.kernel.vector.resize.VectorResize;
import dev.tenon.op.Op;
import dev.tenon.op.geometry.ResizeTaps;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels of Resize along one axis or two neighbouring ones. Other element types than float32 and, for the nearest
 * element, int32, elements outside of the data, and scales that are not constant run through the reference.
 */
public final class ResizeKernels implements KernelFamily<ResizeProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ResizeProblem> TABLE = new KernelTable<>(
            "resize",
            List.of(
                    new KernelChoice<>("resize_f32_vector", ResizeKernels::refuseVector, (p, c) -> VectorResize.of(p)),
                    KernelChoice.fallback("resize_f32_scalar", ScalarResize::new)));

    /** The family. */
    public static final ResizeKernels FAMILY = new ResizeKernels();

    /** The maximum number of terms of a sum in float32 that keeps the accuracy of the operator. */
    private static final int MAX_TAPS = 64;

    /** The maximum number of taps in a table of vector loops. */
    private static final long MAX_TABLE_TAPS = 1 << 20;

    /** The same for the innermost axis, where a table may hold a vector of lanes for each tap. */
    private static final long MAX_INNER_AXIS_TAPS = 1 << 18;

    /** The maximum number of elements of a row, if rows are copied to arrays or kept in scratch memory. */
    private static final long MAX_ROW_ELEMENTS = 1 << 20;

    /** The planes that a sample is assumed to have, where a choice must not depend on the number of samples. */
    private static final double TYPICAL_PLANES = 8;

    private static final ResizeTaps ONE = new ResizeTaps(1, new int[] {0, 1}, new int[] {0}, new double[] {1});

    private ResizeKernels() {}

    private static String refuseVector(ResizeProblem p, Capabilities c) {
        int taps = Math.max(p.rows().most(), p.columns().most());
        if (taps > MAX_TAPS) {
            return taps + " taps of an element";
        }
        boolean resizesColumns = !p.columns().isIdentity();
        boolean innermost = resizesColumns && p.inner() < c.vectorBits() / Float.SIZE;
        boolean inScratch = resizesColumns && !p.rows().isIdentity();
        long row = (long) p.columns().input() * p.inner();
        if (row > MAX_ROW_ELEMENTS && (innermost || inScratch)) {
            return "rows of " + row + " elements";
        }
        long rows = (long) p.rows().output() * p.rows().most();
        long columns = (long) p.columns().output() * p.columns().most() * (innermost ? p.inner() : 1);
        if (rows > MAX_TABLE_TAPS || columns > (innermost ? MAX_INNER_AXIS_TAPS : MAX_TABLE_TAPS)) {
            return Math.max(rows, columns) + " taps";
        }
        return c.refuseLines(TYPICAL_PLANES * 2 * p.planeElements());
    }

    @Override
    public KernelTable<ResizeProblem> table(ResizeProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ResizeProblem> problem(Op operator, KernelRequest step) {
        Resize op = (Resize) operator;
        boolean copies = op.mode() == Resize.Mode.NEAREST;
        boolean type = step.dtype(0) == DType.FLOAT32 || copies && step.dtype(0) == DType.INT32;
        long[] x = step.dims(0);
        long[] y = step.outputDims(0);
        if (!type
                || !step.isRowMajor()
                || !full(step, 0)
                || step.outputs().getFirst().shape().knownElements() == 0) {
            return ProblemOrReason.none(
                    "the element type is not float32, an operand is packed, or there are no elements");
        }
        boolean scaled = full(step, 2);
        boolean crop = op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE;
        Tensor roi = step.constant(1);
        Tensor scales = scaled ? step.constant(2) : null;
        Tensor sizes = step.constant(3);
        if (crop && roi == null
                || scaled && scales == null
                || !scaled && op.policy() != Resize.Policy.STRETCH && sizes == null) {
            return ProblemOrReason.none("scales, sizes or the region are not constant");
        }
        return op.taps(x, y, crop ? roi : null, scales, sizes)
                .map(taps -> problem(taps, copies, step))
                .orElse(ProblemOrReason.none("elements outside of the data are read"));
    }

    private static boolean full(KernelRequest step, int input) {
        return step.has(input) && step.inputs().get(input).shape().knownElements() > 0;
    }

    private static ProblemOrReason<ResizeProblem> problem(List<ResizeTaps> taps, boolean copies, KernelRequest step) {
        List<Integer> resized = new ArrayList<>();
        for (int i = 0; i < taps.size(); i++) {
            if (!taps.get(i).isIdentity()) {
                resized.add(i);
            }
        }
        if (resized.isEmpty()) {
            resized.add(taps.size() - 1);
        }
        int first = resized.getFirst();
        int last = resized.getLast();
        if (last - first > 1) {
            return ProblemOrReason.none("axes are resized that are no neighbours");
        }
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < taps.size(); i++) {
            outer *= i < first ? taps.get(i).output() : 1;
            inner *= i > last ? taps.get(i).output() : 1;
        }
        if (inner * Math.max(taps.get(last).input(), taps.get(last).output()) > Integer.MAX_VALUE / Float.BYTES) {
            return ProblemOrReason.none("rows are too large");
        }
        ResizeTaps rows = first == last ? ONE : taps.get(first);
        return ProblemOrReason.of(
                new ResizeProblem(outer, rows, taps.get(last), (int) inner, copies, step.inputCount()));
    }
}
