package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.CopyBox;
import dev.tenon.kernel.copy.CopyKernel;
import dev.tenon.kernel.copy.CopyProblem;
import dev.tenon.kernel.scalar.copy.ScalarCopy;
import dev.tenon.kernel.vector.copy.VectorCopy;
import dev.tenon.op.Op;
import dev.tenon.op.ViewOp;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.geometry.SliceRange;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.SpaceToDepth;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels of the operators that copy elements to other positions. Each is turned into a {@link CopyProblem}. Elements of less than
 * a byte and strings run through the reference.
 */
public final class CopyKernels implements KernelFamily<CopyProblem> {
    /** The kernels of the family. */
    public static final KernelTable<CopyProblem> TABLE = new KernelTable<>(
            "copy",
            List.of(
                    new KernelChoice<>(
                            "copy_vector",
                            CopyKernels::refuse,
                            p -> new CopyKernel(VectorCopy.id(), p, new VectorCopy())),
                    KernelChoice.fallback("copy_scalar", p -> new CopyKernel("copy_scalar", p, new ScalarCopy()))));

    /** The family. */
    public static final CopyKernels FAMILY = new CopyKernels();

    private static final String SMALL = "elements are strings or no whole bytes";

    private CopyKernels() {}

    @Override
    public KernelTable<CopyProblem> table(CopyProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<CopyProblem> problem(Op op, KernelRequest step) {
        if (op instanceof ViewOp) {
            long[] dims = step.outputDims(0);
            return one(step, dims, RowMajor.strides(dims), 0);
        }
        if (op instanceof Transpose transpose) {
            return transpose(transpose, step);
        }
        if (op instanceof Concat concat) {
            return concat(concat, step);
        }
        if (op instanceof Slice) {
            return slice(step);
        }
        if (op instanceof Split split) {
            return split(split, step);
        }
        if (op instanceof Expand) {
            return expand(step);
        }
        if (op instanceof Pad pad) {
            return PadBoxes.problem(pad, step);
        }
        return rare(op, step);
    }

    private static ProblemOrReason<CopyProblem> rare(Op op, KernelRequest step) {
        if (op instanceof ConstantOfShape constant) {
            return constantOfShape(constant, step);
        }
        if (op instanceof Tile) {
            return tile(step);
        }
        return op instanceof DepthToSpace depth ? depthToSpace(depth, step) : spaceToDepth((SpaceToDepth) op, step);
    }

    /** Vectors are used for transpositions only; scalar loops copy everything else as fast. */
    private static String refuse(CopyProblem p, Capabilities c) {
        long elements = 0;
        for (CopyBox box : p.boxes()) {
            elements += box.transposes(Integer.BYTES) ? box.elements() : 0;
        }
        return elements == 0 ? "no transposition of 4-byte elements" : c.refuseVector(elements);
    }

    /**
     * The size of an element.
     *
     * @param step the operands of a copy
     * @return bytes; 0 if it is no whole number of bytes, or if operands are packed
     */
    public static int elementBytes(KernelRequest step) {
        for (TensorType type : step.outputs()) {
            if (type != null) {
                return step.isRowMajor() ? type.dtype().bits() / 8 : 0;
            }
        }
        return 0;
    }

    /** The problem of some boxes; boxes without elements may be null. */
    static ProblemOrReason<CopyProblem> problem(List<CopyBox> boxes) {
        boxes.removeIf(b -> b == null);
        return ProblemOrReason.of(new CopyProblem(boxes));
    }

    /** The problem of one box that fills the first output. Strides and offset are elements. */
    private static ProblemOrReason<CopyProblem> one(KernelRequest step, long[] dims, long[] strides, long offset) {
        int bytes = elementBytes(step);
        if (bytes == 0) {
            return ProblemOrReason.none(SMALL);
        }
        CopyBox box = CopyBox.of(
                bytes,
                dims,
                new CopyBox.Source(0, offset * bytes, strides),
                new CopyBox.Target(step.inputCount(), 0, RowMajor.strides(dims)));
        List<CopyBox> boxes = new ArrayList<>();
        boxes.add(box);
        return problem(boxes);
    }

    private static ProblemOrReason<CopyProblem> transpose(Transpose op, KernelRequest step) {
        long[] out = step.outputDims(0);
        long[] own = RowMajor.strides(step.dims(0));
        long[] strides = new long[out.length];
        int[] permutation = op.permutation(out.length);
        for (int d = 0; d < out.length; d++) {
            strides[d] = own[permutation[d]];
        }
        return one(step, out, strides, 0);
    }

    private static ProblemOrReason<CopyProblem> slice(KernelRequest step) {
        Tensor starts = step.constant(1);
        Tensor ends = step.constant(2);
        Tensor axes = step.constant(3);
        Tensor steps = step.constant(4);
        boolean axesKnown = !step.has(3) || axes != null;
        boolean stepsKnown = !step.has(4) || steps != null;
        if (starts == null || ends == null || !axesKnown || !stepsKnown) {
            return ProblemOrReason.none("starts, ends, axes or steps are not constant");
        }
        long[] in = step.dims(0);
        long[] strides = RowMajor.strides(in);
        long offset = 0;
        for (int k = 0; k < starts.size(); k++) {
            int axis = (int) (axes == null ? k : axes.getLong(k));
            axis += axis < 0 ? in.length : 0;
            SliceRange run =
                    SliceRange.of(in[axis], starts.getLong(k), ends.getLong(k), steps == null ? 1 : steps.getLong(k));
            offset += run.start() * strides[axis];
            strides[axis] *= run.step();
        }
        return one(step, step.outputDims(0), strides, offset);
    }

    private static ProblemOrReason<CopyProblem> expand(KernelRequest step) {
        long[] in = step.dims(0);
        long[] own = RowMajor.strides(in);
        long[] out = step.outputDims(0);
        long[] strides = new long[out.length];
        for (int d = 1; d <= in.length; d++) {
            strides[out.length - d] = in[in.length - d] == 1 ? 0 : own[in.length - d];
        }
        return one(step, out, strides, 0);
    }

    private static ProblemOrReason<CopyProblem> tile(KernelRequest step) {
        long[] in = step.dims(0);
        long[] own = RowMajor.strides(in);
        long[] out = step.outputDims(0);
        long[] dims = new long[2 * in.length];
        long[] strides = new long[dims.length];
        for (int d = 0; d < in.length; d++) {
            dims[2 * d] = in[d] == 0 ? 0 : out[d] / in[d];
            dims[2 * d + 1] = in[d];
            strides[2 * d + 1] = own[d];
        }
        return one(step, dims, strides, 0);
    }

    private static ProblemOrReason<CopyProblem> depthToSpace(DepthToSpace op, KernelRequest step) {
        long[] in = step.dims(0);
        long b = op.blocksize();
        long channels = in[1] / (b * b);
        long plane = in[2] * in[3];
        boolean depthFirst = op.mode().equals("DCR");
        long blockStride = depthFirst ? channels * plane : plane;
        long channelStride = depthFirst ? plane : b * b * plane;
        long[] dims = {in[0], channels, in[2], b, in[3], b};
        long[] strides = {in[1] * plane, channelStride, in[3], b * blockStride, 1, blockStride};
        return one(step, dims, strides, 0);
    }

    private static ProblemOrReason<CopyProblem> spaceToDepth(SpaceToDepth op, KernelRequest step) {
        long[] in = step.dims(0);
        long b = op.blocksize();
        long plane = in[2] * in[3];
        long[] dims = {in[0], b, b, in[1], in[2] / b, in[3] / b};
        long[] strides = {in[1] * plane, in[3], 1, plane, b * in[3], b};
        return one(step, dims, strides, 0);
    }

    private static ProblemOrReason<CopyProblem> concat(Concat op, KernelRequest step) {
        int bytes = elementBytes(step);
        long[] out = step.outputDims(0);
        int axis = op.axis() < 0 ? op.axis() + out.length : op.axis();
        long[] outStrides = RowMajor.strides(out);
        List<CopyBox> boxes = new ArrayList<>();
        long start = 0;
        for (int i = 0; bytes > 0 && i < step.inputCount(); i++) {
            long[] in = step.dims(i);
            boxes.add(CopyBox.of(
                    bytes,
                    in,
                    new CopyBox.Source(i, 0, RowMajor.strides(in)),
                    new CopyBox.Target(step.inputCount(), start * outStrides[axis] * bytes, outStrides)));
            start += in[axis];
        }
        return bytes == 0 ? ProblemOrReason.none(SMALL) : problem(boxes);
    }

    private static ProblemOrReason<CopyProblem> split(Split op, KernelRequest step) {
        int bytes = elementBytes(step);
        if (bytes == 0 || step.outputs().contains(null)) {
            return ProblemOrReason.none(SMALL);
        }
        long[] in = step.dims(0);
        int axis = op.axis() < 0 ? op.axis() + in.length : op.axis();
        long[] inStrides = RowMajor.strides(in);
        List<CopyBox> boxes = new ArrayList<>();
        long start = 0;
        for (int i = 0; i < step.outputs().size(); i++) {
            long[] out = step.outputDims(i);
            boxes.add(CopyBox.of(
                    bytes,
                    out,
                    new CopyBox.Source(0, start * inStrides[axis] * bytes, inStrides),
                    new CopyBox.Target(step.inputCount() + i, 0, RowMajor.strides(out))));
            start += out[axis];
        }
        return problem(boxes);
    }

    private static ProblemOrReason<CopyProblem> constantOfShape(ConstantOfShape op, KernelRequest step) {
        int bytes = elementBytes(step);
        if (bytes == 0 || bytes > Long.BYTES) {
            return ProblemOrReason.none(SMALL);
        }
        long[] dims = step.outputDims(0);
        long bits = op.value() == null ? 0 : op.value().getBits(0);
        List<CopyBox> boxes = new ArrayList<>();
        boxes.add(CopyBox.of(
                bytes,
                dims,
                new CopyBox.Source(bits, dims.length),
                new CopyBox.Target(step.inputCount(), 0, RowMajor.strides(dims))));
        return problem(boxes);
    }
}
