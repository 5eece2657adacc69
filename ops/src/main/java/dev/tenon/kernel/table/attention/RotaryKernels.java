package dev.tenon.kernel.table.attention;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.attention.RotaryProblem;
import dev.tenon.kernel.scalar.attention.ScalarRotary;
import dev.tenon.kernel.vector.attention.VectorRotary;
import dev.tenon.op.Op;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of RotaryEmbedding for float32. Other element types run through the reference. */
public final class RotaryKernels implements KernelFamily<RotaryProblem> {
    /** The kernels of the family. */
    public static final KernelTable<RotaryProblem> TABLE = new KernelTable<>(
            "rotary",
            List.of(
                    new KernelChoice<>("rotary_f32_vector", RotaryKernels::refuse, p -> VectorRotary.of(p)),
                    KernelChoice.fallback("rotary_f32_scalar", ScalarRotary::new)));

    /** The family. */
    public static final RotaryKernels FAMILY = new RotaryKernels();

    /** The index of the position ids. */
    private static final int POSITIONS = 3;

    private static final long MAX_SIZE = Integer.MAX_VALUE;

    private RotaryKernels() {}

    private static String refuse(RotaryProblem p, Capabilities c) {
        return c.refuseVector((double) p.rows() * p.dims().headSize());
    }

    @Override
    public KernelTable<RotaryProblem> table(RotaryProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<RotaryProblem> problem(Op op, KernelRequest step) {
        if (op instanceof QkvRotaryEmbedding joined) {
            long rotated = joined.rotation().heads();
            return problem(joined.rotation(), rotated + joined.valueHeads(), rotated, step);
        }
        RotaryEmbedding rotary = (RotaryEmbedding) op;
        long[] x = step.dims(0);
        long heads = x.length == 3 ? rotary.heads() : x[1];
        return problem(rotary, heads, heads, step);
    }

    private static ProblemOrReason<RotaryProblem> problem(
            RotaryEmbedding op, long heads, long rotated, KernelRequest step) {
        long[] x = step.dims(0);
        boolean packed = x.length == 3;
        long length = packed ? x[1] : x[2];
        long size = packed ? x[2] / heads : x[3];
        boolean floats = step.isRowMajor();
        for (int i = 0; i < POSITIONS; i++) {
            floats &= step.dtype(i) == DType.FLOAT32;
        }
        if (!floats || x[0] > MAX_SIZE || heads > MAX_SIZE || length > MAX_SIZE || size > MAX_SIZE) {
            return ProblemOrReason.none("an element type is not float32, or the operand is too large");
        }
        long half = (op.width() == 0 ? size : op.width()) / 2;
        long positions = step.has(POSITIONS) ? step.dims(1)[0] : -1;
        return ProblemOrReason.of(new RotaryProblem(
                new RotaryProblem.Dims((int) x[0], (int) heads, (int) length, (int) size, packed),
                (int) half,
                op.interleaved(),
                (int) rotated,
                positions));
    }
}
