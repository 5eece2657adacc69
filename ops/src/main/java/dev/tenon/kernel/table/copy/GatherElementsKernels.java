package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.GatherElementsProblem;
import dev.tenon.kernel.scalar.copy.ScalarGatherElements;
import dev.tenon.op.Op;
import dev.tenon.op.shape.GatherElements;
import java.util.List;

/** Kernels of GatherElements. Strings run through the reference. */
public final class GatherElementsKernels implements KernelFamily<GatherElementsProblem> {
    /** The kernels of the family. */
    public static final KernelTable<GatherElementsProblem> TABLE = new KernelTable<>(
            "gather_elements",
            List.of(KernelChoice.fallback("gather_elements_scalar", p -> new ScalarGatherElements(p))));

    /** The family. */
    public static final GatherElementsKernels FAMILY = new GatherElementsKernels();

    private GatherElementsKernels() {}

    @Override
    public KernelTable<GatherElementsProblem> table(GatherElementsProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<GatherElementsProblem> problem(Op operator, KernelRequest step) {
        GatherElements op = (GatherElements) operator;
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
            return ProblemOrReason.none("elements are strings, no whole bytes or too long, or there are none");
        }
        return ProblemOrReason.of(new GatherElementsProblem(
                bytes, data, places, axis, step.dtype(1).bits() / 8));
    }
}
