package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.GatherProblem;
import dev.tenon.kernel.scalar.copy.ScalarGather;
import dev.tenon.op.Op;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of Gather and ArrayFeatureExtractor: elements that an index chooses. Long rows are only copied, so that a table, such as
 * that of an embedding, can stay in the mapped file of the model. Rows of elements of less than a byte are copied if they are whole
 * bytes. Strings run through the reference.
 */
public final class GatherKernels implements KernelFamily<GatherProblem> {
    /** The kernels of the family. */
    public static final KernelTable<GatherProblem> TABLE =
            new KernelTable<>("gather", List.of(KernelChoice.fallback("gather_scalar", p -> new ScalarGather(p))));

    /** The family. */
    public static final GatherKernels FAMILY = new GatherKernels();

    private GatherKernels() {}

    @Override
    public KernelTable<GatherProblem> table(GatherProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<GatherProblem> problem(Op op, KernelRequest step) {
        return op instanceof Gather gather ? gather(gather, step) : columns(step);
    }

    private static ProblemOrReason<GatherProblem> gather(Gather op, KernelRequest step) {
        int bits = Math.max(CopyKernels.elementBytes(step) * Byte.SIZE, smallBits(step.dtype(0)));
        if (bits == 0) {
            return ProblemOrReason.none("elements are strings");
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
            return ProblemOrReason.none("rows of small elements are no whole bytes");
        }
        row /= Byte.SIZE;
        long count = step.inputs().get(1).shape().knownElements();
        int indexBytes = step.dtype(1).bits() / 8;
        return ProblemOrReason.of(new GatherProblem(row, outer, data[axis], count, indexBytes, true));
    }

    private static ProblemOrReason<GatherProblem> columns(KernelRequest step) {
        int bytes = CopyKernels.elementBytes(step);
        long[] data = step.dims(0);
        long columns = data[data.length - 1];
        if (bytes == 0 || columns == 0) {
            return ProblemOrReason.none("elements are strings or no whole bytes, or there are no columns");
        }
        GatherProblem p = new GatherProblem(
                bytes,
                step.inputs().getFirst().shape().knownElements() / columns,
                columns,
                step.inputs().get(1).shape().knownElements(),
                Long.BYTES,
                false);
        return ProblemOrReason.of(p);
    }

    /** The bits of an element of less than a byte; 0 for others. */
    private static int smallBits(DType type) {
        return type == DType.STRING || type.bits() >= Byte.SIZE ? 0 : type.bits();
    }
}
