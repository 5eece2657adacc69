package dev.tenon.kernel.table.attention;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.attention.RotaryProblem;
import dev.tenon.kernel.scalar.attention.ScalarRotary;
import dev.tenon.kernel.vector.attention.VectorRotary;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of RotaryEmbedding for float32. Other element types run through the reference. */
public final class RotaryKernels {
    /** The kernels of the family. */
    public static final KernelTable<RotaryProblem> TABLE = new KernelTable<>(
            "rotary",
            List.of(
                    new KernelChoice<>("rotary_f32_vector", RotaryKernels::refuse, p -> VectorRotary.of(p)),
                    KernelChoice.fallback("rotary_f32_scalar", ScalarRotary::new)));

    /** The lowerings of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(RotaryEmbedding.class, RotaryKernels::prepare)
            .with(QkvRotaryEmbedding.class, RotaryKernels::prepare);

    /** The index of the position ids. */
    private static final int POSITIONS = 3;

    private static final long MAX_SIZE = Integer.MAX_VALUE;

    private RotaryKernels() {}

    private static String refuse(RotaryProblem p, Capabilities c) {
        return c.refuseVector((double) p.rows() * p.dims().headSize());
    }

    private static Kernel prepare(RotaryEmbedding op, KernelRequest step) {
        long[] x = step.dims(0);
        long heads = x.length == 3 ? op.heads() : x[1];
        return prepare(op, heads, heads, step);
    }

    private static Kernel prepare(QkvRotaryEmbedding op, KernelRequest step) {
        long rotated = op.rotation().heads();
        return prepare(op.rotation(), rotated + op.valueHeads(), rotated, step);
    }

    private static Kernel prepare(RotaryEmbedding op, long heads, long rotated, KernelRequest step) {
        long[] x = step.dims(0);
        boolean packed = x.length == 3;
        long length = packed ? x[1] : x[2];
        long size = packed ? x[2] / heads : x[3];
        boolean floats = step.isRowMajor();
        for (int i = 0; i < POSITIONS; i++) {
            floats &= step.dtype(i) == DType.FLOAT32;
        }
        if (!floats || x[0] > MAX_SIZE || heads > MAX_SIZE || length > MAX_SIZE || size > MAX_SIZE) {
            return null;
        }
        long half = (op.width() == 0 ? size : op.width()) / 2;
        long positions = step.has(POSITIONS) ? step.dims(1)[0] : -1;
        return TABLE.prepare(
                new RotaryProblem(
                        new RotaryProblem.Dims((int) x[0], (int) heads, (int) length, (int) size, packed),
                        (int) half,
                        op.interleaved(),
                        (int) rotated,
                        positions),
                step.capabilities());
    }
}
