package dev.tenon.kernel.table.copy;

import static dev.tenon.kernel.KernelSet.only;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
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
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.SpaceToDepth;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels of the operators that copy elements to other positions. Each is turned into a {@link CopyProblem}. Elements of less than
 * a byte and strings run through the reference.
 */
public final class CopyKernels {
    /** The kernels of the family. */
    public static final KernelTable<CopyProblem> TABLE = new KernelTable<>(
            "copy",
            List.of(
                    new KernelChoice<>(
                            "copy_vector",
                            CopyKernels::refuse,
                            p -> new CopyKernel(VectorCopy.id(), p, new VectorCopy())),
                    KernelChoice.fallback("copy_scalar", p -> new CopyKernel("copy_scalar", p, new ScalarCopy()))));

    /** The lowerings of the family. */
    public static final KernelSet SET = KernelSet.byFamily(CopyKernels::operator);

    private CopyKernels() {}

    /** The kernels of an operator, made when it is first looked up. */
    private static KernelSet operator(Class<? extends Op> operator) {
        return switch (operator.getSimpleName()) {
            case "Concat" -> only(Concat.class, CopyKernels::concat);
            case "ConstantOfShape" -> only(ConstantOfShape.class, CopyKernels::constantOfShape);
            case "DepthToSpace" -> only(DepthToSpace.class, CopyKernels::depthToSpace);
            case "Expand" -> only(Expand.class, CopyKernels::expand);
            case "Flatten" -> only(Flatten.class, CopyKernels::view);
            case "Identity" -> only(Identity.class, CopyKernels::view);
            case "Pad" -> only(Pad.class, PadBoxes::prepare);
            case "Reshape" -> only(Reshape.class, CopyKernels::view);
            case "Slice" -> only(Slice.class, CopyKernels::slice);
            case "SpaceToDepth" -> only(SpaceToDepth.class, CopyKernels::spaceToDepth);
            case "Split" -> only(Split.class, CopyKernels::split);
            case "Squeeze" -> only(Squeeze.class, CopyKernels::view);
            case "Tile" -> only(Tile.class, CopyKernels::tile);
            case "Transpose" -> only(Transpose.class, CopyKernels::transpose);
            case "Unsqueeze" -> only(Unsqueeze.class, CopyKernels::view);
            default -> KernelSet.empty();
        };
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

    /** Prepares the kernel of some boxes; boxes without elements may be null. */
    static Kernel prepare(List<CopyBox> boxes, KernelRequest step) {
        boxes.removeIf(b -> b == null);
        return TABLE.prepare(new CopyProblem(boxes), step.capabilities());
    }

    /** Prepares the kernel of one box that fills the first output. Strides and offset are elements. */
    private static Kernel one(KernelRequest step, long[] dims, long[] strides, long offset) {
        int bytes = elementBytes(step);
        if (bytes == 0) {
            return null;
        }
        CopyBox box = CopyBox.of(
                bytes,
                dims,
                new CopyBox.Source(0, offset * bytes, strides),
                new CopyBox.Target(step.inputCount(), 0, RowMajor.strides(dims)));
        List<CopyBox> boxes = new ArrayList<>();
        boxes.add(box);
        return prepare(boxes, step);
    }

    private static Kernel view(ViewOp op, KernelRequest step) {
        long[] dims = step.outputDims(0);
        return one(step, dims, RowMajor.strides(dims), 0);
    }

    private static Kernel transpose(Transpose op, KernelRequest step) {
        long[] out = step.outputDims(0);
        long[] own = RowMajor.strides(step.dims(0));
        long[] strides = new long[out.length];
        int[] permutation = op.permutation(out.length);
        for (int d = 0; d < out.length; d++) {
            strides[d] = own[permutation[d]];
        }
        return one(step, out, strides, 0);
    }

    private static Kernel slice(Slice op, KernelRequest step) {
        Tensor starts = step.constant(1);
        Tensor ends = step.constant(2);
        Tensor axes = step.constant(3);
        Tensor steps = step.constant(4);
        boolean axesKnown = !step.has(3) || axes != null;
        boolean stepsKnown = !step.has(4) || steps != null;
        if (starts == null || ends == null || !axesKnown || !stepsKnown) {
            return null;
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

    private static Kernel expand(Expand op, KernelRequest step) {
        long[] in = step.dims(0);
        long[] own = RowMajor.strides(in);
        long[] out = step.outputDims(0);
        long[] strides = new long[out.length];
        for (int d = 1; d <= in.length; d++) {
            strides[out.length - d] = in[in.length - d] == 1 ? 0 : own[in.length - d];
        }
        return one(step, out, strides, 0);
    }

    private static Kernel tile(Tile op, KernelRequest step) {
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

    private static Kernel depthToSpace(DepthToSpace op, KernelRequest step) {
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

    private static Kernel spaceToDepth(SpaceToDepth op, KernelRequest step) {
        long[] in = step.dims(0);
        long b = op.blocksize();
        long plane = in[2] * in[3];
        long[] dims = {in[0], b, b, in[1], in[2] / b, in[3] / b};
        long[] strides = {in[1] * plane, in[3], 1, plane, b * in[3], b};
        return one(step, dims, strides, 0);
    }

    private static Kernel concat(Concat op, KernelRequest step) {
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
        return bytes == 0 ? null : prepare(boxes, step);
    }

    private static Kernel split(Split op, KernelRequest step) {
        int bytes = elementBytes(step);
        if (bytes == 0 || step.outputs().contains(null)) {
            return null;
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
        return prepare(boxes, step);
    }

    private static Kernel constantOfShape(ConstantOfShape op, KernelRequest step) {
        int bytes = elementBytes(step);
        if (bytes == 0 || bytes > Long.BYTES) {
            return null;
        }
        long[] dims = step.outputDims(0);
        long bits = op.value() == null ? 0 : op.value().getBits(0);
        List<CopyBox> boxes = new ArrayList<>();
        boxes.add(CopyBox.of(
                bytes,
                dims,
                new CopyBox.Source(bits, dims.length),
                new CopyBox.Target(step.inputCount(), 0, RowMajor.strides(dims))));
        return prepare(boxes, step);
    }
}
