package dev.tenon.kernel;

import dev.tenon.kernel.scalar.ScalarAttention;
import dev.tenon.kernel.vector.VectorAttention;
import dev.tenon.op.attention.Attention;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of attention of float32 without scores among its outputs. Other element types, and masks that are neither
 * float32 nor booleans, run through the reference.
 */
public final class AttentionKernels {
    /** The kernels of the family. */
    public static final KernelTable<AttentionProblem> TABLE = new KernelTable<>(
            "attention",
            List.of(
                    new KernelChoice<>("attention_f32_vector", AttentionKernels::refuse, p -> VectorAttention.of(p)),
                    new KernelChoice<>("attention_f32_scalar", (p, c) -> null, ScalarAttention::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty().with(Attention.class, AttentionKernels::prepare);

    private static final int MASK = AttentionProblem.MASK_OPERAND;
    private static final int PAST = 4;
    private static final int VALID = 6;
    private static final double MOST_ELEMENTS = 1 << 28;

    private AttentionKernels() {}

    private static String refuse(AttentionProblem p, Capabilities c) {
        double pairs = (double) p.batch() * p.queryHeads() * p.queries() * p.keys();
        return c.refuseVector(pairs * (p.size() + p.valueSize()));
    }

    private static Kernel prepare(Attention op, StepRequest step) {
        boolean floats = step.plain()
                && step.dtype(0) == DType.FLOAT32
                && step.dtype(1) == DType.FLOAT32
                && step.dtype(2) == DType.FLOAT32
                && op.precision() != DType.FLOAT64;
        boolean scores = step.outputs().size() > 3 && step.outputs().get(3) != null;
        boolean mask = !step.has(MASK) || step.dtype(MASK) == DType.FLOAT32 || step.dtype(MASK) == DType.BOOL;
        boolean key = asked(step, 1);
        if (!floats || scores || !mask || key != asked(step, 2)) {
            return null;
        }
        long[] q = step.dims(0);
        long[] k = step.dims(1);
        long[] v = step.dims(2);
        boolean packed = q.length == 3;
        long heads = packed ? op.queryHeads() : q[1];
        long keyHeads = packed ? op.keyHeads() : k[1];
        long queries = packed ? q[1] : q[2];
        long added = packed ? k[1] : k[2];
        long size = packed ? q[2] / heads : q[3];
        long valueSize = packed ? v[2] / keyHeads : v[3];
        long past = step.has(PAST) ? step.dims(PAST)[2] : 0;
        long keys = past + added;
        if (!fits(q[0], heads, queries, Math.max(size, valueSize))
                || !fits(q[0], keyHeads, keys, Math.max(size, valueSize))
                || size == 0
                || keyHeads == 0) {
            return null;
        }
        float scale = op.scale() == null ? (float) (1 / Math.sqrt((double) size)) : op.scale();
        return TABLE.prepare(
                new AttentionProblem(
                        (int) q[0],
                        (int) heads,
                        (int) keyHeads,
                        (int) queries,
                        (int) past,
                        (int) added,
                        (int) size,
                        (int) valueSize,
                        packed,
                        scale,
                        op.softcap(),
                        op.causal(),
                        op.leftWindow(),
                        op.rightWindow(),
                        step.has(MASK) ? mask(step.dtype(MASK) == DType.BOOL, step.dims(MASK)) : null,
                        step.has(PAST) ? PAST : -1,
                        step.has(VALID) ? VALID : -1,
                        step.inputCount(),
                        key),
                step.capabilities());
    }

    private static boolean asked(StepRequest step, int output) {
        return step.outputs().size() > output && step.outputs().get(output) != null;
    }

    private static boolean fits(long... sizes) {
        double product = 1;
        for (long size : sizes) {
            product *= Math.max(1, size);
        }
        return product < MOST_ELEMENTS;
    }

    /** A mask broadcasts in all dimensions but that of the keys. */
    private static AttentionProblem.Mask mask(boolean truth, long[] dims) {
        int r = dims.length;
        long keys = dims[r - 1];
        long queries = r > 1 ? dims[r - 2] : 1;
        long heads = r > 2 ? dims[r - 3] : 1;
        long batch = r > 3 ? dims[0] : 1;
        return new AttentionProblem.Mask(
                truth,
                (int) keys,
                batch > 1 ? heads * queries * keys : 0,
                heads > 1 ? queries * keys : 0,
                queries > 1 ? keys : 0);
    }
}
