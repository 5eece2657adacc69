package dev.tenon.kernel.table.attention;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.attention.TensorScatterProblem;
import dev.tenon.kernel.scalar.attention.ScalarTensorScatter;
import dev.tenon.kernel.table.copy.CopyKernels;
import dev.tenon.op.Op;
import dev.tenon.op.attention.TensorScatter;
import java.util.List;

/**
 * Kernels of TensorScatter, which appends to the KV caches of decoders. If the result occupies the memory of the cache, only the
 * new positions are written. Elements of less than a byte and strings run through the reference.
 */
public final class TensorScatterKernels implements KernelFamily<TensorScatterProblem> {
    /** The kernels of the family. */
    public static final KernelTable<TensorScatterProblem> TABLE =
            new KernelTable<>("cache", List.of(KernelChoice.fallback("cache_scalar", ScalarTensorScatter::new)));

    /** The family. */
    public static final TensorScatterKernels FAMILY = new TensorScatterKernels();

    /** The index of the write indices. */
    private static final int INDICES = 2;

    private TensorScatterKernels() {}

    @Override
    public KernelTable<TensorScatterProblem> table(TensorScatterProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<TensorScatterProblem> problem(Op operator, KernelRequest step) {
        TensorScatter op = (TensorScatter) operator;
        long bytes = CopyKernels.elementBytes(step);
        if (bytes == 0) {
            return ProblemOrReason.none("elements are strings or no whole bytes");
        }
        long[] cache = step.dims(0);
        int axis = op.axis() < 0 ? op.axis() + cache.length : op.axis();
        long blocks = 1;
        for (int d = 1; d < cache.length; d++) {
            if (d < axis) {
                blocks *= cache[d];
            } else if (d > axis) {
                bytes *= cache[d];
            }
        }
        return ProblemOrReason.of(new TensorScatterProblem(
                cache[0],
                blocks,
                cache[axis],
                step.dims(1)[axis],
                bytes,
                op.circular(),
                step.has(INDICES),
                step.inputCount()));
    }
}
