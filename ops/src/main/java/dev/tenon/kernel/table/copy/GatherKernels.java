package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.copy.GatherElementsProblem;
import dev.tenon.kernel.copy.GatherProblem;
import dev.tenon.kernel.copy.OneHotProblem;
import dev.tenon.kernel.scalar.copy.ScalarGather;
import dev.tenon.kernel.scalar.copy.ScalarGatherElements;
import dev.tenon.kernel.scalar.copy.ScalarOneHot;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.OneHot;
import dev.tenon.op.tabular.ArrayFeatureExtractor;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of Gather, GatherElements, ArrayFeatureExtractor and OneHot: elements that an index chooses. Long rows are only
 * copied, so that a table, such as
 * that of an embedding, can stay in the mapped file of the model. Rows of elements of less than a byte are copied if they are whole
 * bytes. Strings run through the reference.
 */
public final class GatherKernels {
    /** The kernels of the family. */
    public static final KernelTable<GatherProblem> TABLE =
            new KernelTable<>("gather", List.of(KernelChoice.fallback("gather_scalar", p -> new ScalarGather(p))));

    /** The kernels that take single elements. */
    public static final KernelTable<GatherElementsProblem> ELEMENTS_TABLE = new KernelTable<>(
            "gather_elements",
            List.of(KernelChoice.fallback("gather_elements_scalar", p -> new ScalarGatherElements(p))));

    /** The kernels of OneHot. */
    public static final KernelTable<OneHotProblem> ONE_HOT_TABLE =
            new KernelTable<>("one_hot", List.of(KernelChoice.fallback("one_hot_scalar", p -> new ScalarOneHot(p))));

    /** The lowerings of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(Gather.class, GatherKernels::gather)
            .with(GatherElements.class, GatherKernels::elements)
            .with(ArrayFeatureExtractor.class, GatherKernels::columns)
            .with(OneHot.class, GatherKernels::oneHot);

    /** A kernel writes all places of an index of the outer dimensions without a look at the budget of work. */
    private static final double MAX_ROW_BYTES = 1 << 24;

    private GatherKernels() {}

    private static Kernel gather(Gather op, KernelRequest step) {
        int bits = Math.max(CopyKernels.elementBytes(step) * Byte.SIZE, smallBits(step.dtype(0)));
        if (bits == 0) {
            return null;
        }
        long[] data = step.dims(0);
        int axis = op.axis() < 0 ? op.axis() + data.length : op.axis();
        long outer = 1;
        for (int d = 0; d < axis; d++) {
            outer *= data[d];
        }
        long row = bits;
        for (int d = axis + 1; d < data.length; d++) {
            row *= data[d];
        }
        if (row % Byte.SIZE != 0) {
            return null;
        }
        row /= Byte.SIZE;
        long count = step.inputs().get(1).shape().knownElements();
        int indexBytes = step.dtype(1).bits() / 8;
        return TABLE.prepare(new GatherProblem(row, outer, data[axis], count, indexBytes, true), step.capabilities());
    }

    private static Kernel columns(ArrayFeatureExtractor op, KernelRequest step) {
        int bytes = CopyKernels.elementBytes(step);
        long[] data = step.dims(0);
        long columns = data[data.length - 1];
        if (bytes == 0 || columns == 0) {
            return null;
        }
        GatherProblem p = new GatherProblem(
                bytes,
                step.inputs().getFirst().shape().knownElements() / columns,
                columns,
                step.inputs().get(1).shape().knownElements(),
                Long.BYTES,
                false);
        return TABLE.prepare(p, step.capabilities());
    }

    /** The bits of an element of less than a byte; 0 for others. */
    private static int smallBits(DType type) {
        return type == DType.STRING || type.bits() >= Byte.SIZE ? 0 : type.bits();
    }

    private static Kernel elements(GatherElements op, KernelRequest step) {
        int bytes = CopyKernels.elementBytes(step);
        long[] data = step.dims(0);
        long[] places = step.dims(1);
        int axis = op.axis() < 0 ? op.axis() + data.length : op.axis();
        boolean fit = data.length == places.length;
        for (int d = 0; d < data.length && fit; d++) {
            fit = d == axis || places[d] <= data[d];
        }
        boolean empty = step.outputs().getFirst().shape().knownElements() == 0;
        if (bytes == 0 || bytes > Long.BYTES || !fit || empty) {
            return null;
        }
        return ELEMENTS_TABLE.prepare(
                new GatherElementsProblem(
                        bytes, data, places, axis, step.dtype(1).bits() / 8),
                step.capabilities());
    }

    private static Kernel oneHot(OneHot op, KernelRequest step) {
        int bytes = CopyKernels.elementBytes(step);
        DType indices = step.dtype(0);
        boolean read = indices == DType.INT64 || indices == DType.INT32 || indices == DType.FLOAT32;
        if (!read || bytes == 0 || bytes > Long.BYTES) {
            return null;
        }
        long[] out = step.outputDims(0);
        int axis = op.axis() < 0 ? op.axis() + out.length : op.axis();
        long outer = 1;
        for (int d = 0; d < axis; d++) {
            outer *= out[d];
        }
        long inner = 1;
        for (int d = axis + 1; d < out.length; d++) {
            inner *= out[d];
        }
        if ((double) out[axis] * inner * bytes > MAX_ROW_BYTES) {
            return null;
        }
        return ONE_HOT_TABLE.prepare(new OneHotProblem(outer, out[axis], inner, indices, bytes), step.capabilities());
    }
}
