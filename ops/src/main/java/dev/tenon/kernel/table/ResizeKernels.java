package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.scalar.resize.ScalarResize;
import dev.tenon.kernel.vector.resize.VectorResize;
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
public final class ResizeKernels {
    /** The kernels of the family. */
    public static final KernelTable<ResizeProblem> TABLE = new KernelTable<>(
            "resize",
            List.of(
                    new KernelChoice<>("resize_f32_vector", ResizeKernels::refuseVector, (p, c) -> VectorResize.of(p)),
                    KernelChoice.fallback("resize_f32_scalar", ScalarResize::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty().with(Resize.class, ResizeKernels::prepare);

    /** The most terms of a sum in float32 that stays within the accuracy of the operator. */
    private static final int MOST_TAPS = 64;

    /** The most taps of an axis that are worth a table. */
    private static final long MOST_IN_TABLES = 1 << 20;

    /** The same of elements that lie apart: for each tap a table may then hold as many lanes as a vector has. */
    private static final long MOST_IN_LANES = 1 << 18;

    /** The most elements of a row that arrays are made for, or that some rows of are kept. */
    private static final long MOST_IN_ROW = 1 << 20;

    private static final ResizeTaps ONE = new ResizeTaps(1, new int[] {0, 1}, new int[] {0}, new double[] {1});

    private ResizeKernels() {}

    private static String refuseVector(ResizeProblem p, Capabilities c) {
        int most = Math.max(p.rows().most(), p.columns().most());
        if (most > MOST_TAPS) {
            return most + " elements for one";
        }
        boolean across = !p.columns().isIdentity();
        boolean apart = across && p.inner() < c.vectorBits() / Float.SIZE;
        boolean kept = across && !p.rows().isIdentity();
        long row = (long) p.columns().input() * p.inner();
        if (row > MOST_IN_ROW && (apart || kept)) {
            return "rows of " + row + " elements";
        }
        long rows = (long) p.rows().output() * p.rows().most();
        long columns = (long) p.columns().output() * p.columns().most() * (apart ? p.inner() : 1);
        if (rows > MOST_IN_TABLES || columns > (apart ? MOST_IN_LANES : MOST_IN_TABLES)) {
            return Math.max(rows, columns) + " taps";
        }
        return c.refuseVector(2 * p.elements());
    }

    private static Kernel prepare(Resize op, KernelRequest step) {
        boolean move = op.mode() == Resize.Mode.NEAREST;
        boolean type = step.dtype(0) == DType.FLOAT32 || move && step.dtype(0) == DType.INT32;
        long[] x = step.dims(0);
        long[] y = step.outputDims(0);
        if (!type
                || !step.isRowMajor()
                || !full(step, 0)
                || step.outputs().getFirst().shape().knownElements() == 0) {
            return null;
        }
        boolean scaled = full(step, 2);
        boolean crop = op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE;
        Tensor roi = step.constant(1);
        Tensor scales = scaled ? step.constant(2) : null;
        Tensor sizes = step.constant(3);
        if (crop && roi == null
                || scaled && scales == null
                || !scaled && op.policy() != Resize.Policy.STRETCH && sizes == null) {
            return null;
        }
        List<ResizeTaps> taps = op.taps(x, y, crop ? roi : null, scales, sizes);
        return taps == null ? null : prepare(taps, move, step);
    }

    private static boolean full(KernelRequest step, int input) {
        return step.has(input) && step.inputs().get(input).shape().knownElements() > 0;
    }

    private static Kernel prepare(List<ResizeTaps> taps, boolean move, KernelRequest step) {
        List<Integer> moved = new ArrayList<>();
        for (int i = 0; i < taps.size(); i++) {
            if (!taps.get(i).isIdentity()) {
                moved.add(i);
            }
        }
        if (moved.isEmpty()) {
            moved.add(taps.size() - 1);
        }
        int first = moved.getFirst();
        int last = moved.getLast();
        if (last - first > 1) {
            return null;
        }
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < taps.size(); i++) {
            outer *= i < first ? taps.get(i).output() : 1;
            inner *= i > last ? taps.get(i).output() : 1;
        }
        if (inner * Math.max(taps.get(last).input(), taps.get(last).output()) > Integer.MAX_VALUE / Float.BYTES) {
            return null;
        }
        ResizeTaps rows = first == last ? ONE : taps.get(first);
        return TABLE.prepare(
                new ResizeProblem(outer, rows, taps.get(last), (int) inner, move, step.inputCount()),
                step.capabilities());
    }
}
