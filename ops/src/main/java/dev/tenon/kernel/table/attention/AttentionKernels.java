package dev.tenon.kernel.table.attention;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.AttentionProblem.HeadLayout;
import dev.tenon.kernel.scalar.attention.ScalarAttention;
import dev.tenon.kernel.vector.attention.VectorAttention;
import dev.tenon.kernel.vector.attention.VectorDirectAttention;
import dev.tenon.kernel.x64.attention.X64Attention;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.RoundedAttention;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of attention for float32, also with operands and probabilities that are rounded. Other element types, masks that are
 * neither float32 nor booleans, and the optional output of scores, run through the reference.
 */
public final class AttentionKernels implements KernelFamily<AttentionProblem> {
    /** The kernels of the family. */
    public static final KernelTable<AttentionProblem> TABLE = new KernelTable<>(
            "attention",
            List.of(
                    new KernelChoice<>(
                            "attention_f32_direct_vector",
                            AttentionKernels::refuseDirect,
                            p -> VectorDirectAttention.of(p)),
                    KernelChoice.assembled(
                            "attention_f32_avx512",
                            CodeForm.AVX512,
                            AttentionKernels::refuseAssembled,
                            X64Attention::of),
                    KernelChoice.assembled(
                            "attention_f32_avx2", CodeForm.AVX2, AttentionKernels::refuseAssembled, X64Attention::of),
                    new KernelChoice<>("attention_f32_vector", AttentionKernels::refuse, p -> VectorAttention.of(p)),
                    KernelChoice.fallback("attention_f32_scalar", ScalarAttention::new)));

    /** The family. */
    public static final AttentionKernels FAMILY = new AttentionKernels();

    private static final double MAX_ELEMENTS = 1 << 28;

    /** The maximum number of queries of a key head for which keys are not packed. */
    private static final int MAX_DIRECT_ROWS = 8;

    private AttentionKernels() {}

    private static String refuseDirect(AttentionProblem p, Capabilities c) {
        AttentionProblem.Dims d = p.dims();
        if (d.rows() > MAX_DIRECT_ROWS) {
            return d.rows() + " queries of a key head, above " + MAX_DIRECT_ROWS;
        }
        if (d.headSize() > MicroTile.DEPTH) {
            return "keys of " + d.headSize() + " elements, above " + MicroTile.DEPTH;
        }
        return refuse(p, c);
    }

    private static String refuse(AttentionProblem p, Capabilities c) {
        if (p.rounding() != null) {
            return "operands and probabilities are rounded";
        }
        AttentionProblem.Dims d = p.dims();
        double pairs = (double) d.queryHeads() * d.queries() * d.keys();
        return c.refuseLines(pairs * (d.headSize() + d.valueHeadSize()));
    }

    private static String refuseAssembled(AttentionProblem p) {
        if (p.scoring().leftWindow() >= 0) {
            return "queries see a window of keys";
        }
        return p.dims().keys() > X64Attention.MAX_KEYS
                ? p.dims().keys() + " keys, above " + X64Attention.MAX_KEYS
                : null;
    }

    @Override
    public KernelTable<AttentionProblem> table(AttentionProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<AttentionProblem> problem(Op op, KernelRequest step) {
        if (op instanceof Attention attention) {
            return problem(attention, step);
        }
        return op instanceof QkvAttention joined ? problem(joined, step) : problem((RoundedAttention) op, step);
    }

    private static ProblemOrReason<AttentionProblem> problem(Attention op, KernelRequest step) {
        boolean floats = areFloats(step, 3) && op.precision() != DType.FLOAT64;
        boolean scores = step.isRead(3);
        if (!floats || scores) {
            return ProblemOrReason.none("an element type is not float32, or the scores are asked for");
        }
        long[] q = step.dims(0);
        long[] k = step.dims(1);
        long[] v = step.dims(2);
        boolean packed = q.length == 3;
        long heads = packed ? op.queryHeads() : q[1];
        long keyHeads = packed ? op.keyHeads() : k[1];
        return problem(
                op,
                step,
                3,
                new Sizes(
                        q[0],
                        heads,
                        keyHeads,
                        packed ? q[1] : q[2],
                        packed ? k[1] : k[2],
                        packed ? q[2] / heads : q[3],
                        keyHeads == 0 ? 0 : packed ? v[2] / keyHeads : v[3],
                        packed));
    }

    private static ProblemOrReason<AttentionProblem> problem(QkvAttention op, KernelRequest step) {
        Attention attention = op.attention();
        if (!areFloats(step, 1) || attention.precision() == DType.FLOAT64) {
            return ProblemOrReason.none("an element type is not float32");
        }
        long[] dims = step.dims(0);
        long size = op.size(dims[2]);
        Sizes sizes =
                new Sizes(dims[0], attention.queryHeads(), attention.keyHeads(), dims[1], dims[1], size, size, true);
        return problem(attention, step, 1, sizes);
    }

    private static ProblemOrReason<AttentionProblem> problem(RoundedAttention op, KernelRequest step) {
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        long[] q = step.dims(0);
        boolean joined = op.heads() != null;
        long size = joined ? op.size(q[2]) : q[3];
        long heads = joined ? op.heads() : q[1];
        long queries = joined ? q[1] : q[2];
        long keys = joined ? queries : step.dims(1)[2];
        long valueSize = joined ? size : step.dims(2)[3];
        boolean equal = joined || step.dims(1)[0] == q[0] && step.dims(1)[1] == heads;
        Sizes s = new Sizes(q[0], heads, heads, queries, keys, size, valueSize, joined);
        if (!s.areSmall(0) || size == 0 || heads == 0 || !equal) {
            return ProblemOrReason.none("the operands are empty or too large, or differ in heads");
        }
        return ProblemOrReason.of(new AttentionProblem(
                new AttentionProblem.Dims(
                        (int) q[0], (int) heads, (int) heads, (int) queries, 0, (int) keys, (int) size, (int)
                                valueSize),
                joined ? HeadLayout.PACKED_QKV : HeadLayout.HEADS_FIRST,
                new AttentionProblem.Scoring(op.scale(), 0, false, -1, -1, null),
                new AttentionProblem.OperandIndices(-1, -1, -1, step.inputCount(), false),
                new AttentionProblem.Rounding(
                        grid(op.queries()), grid(op.keys()), grid(op.values()), grid(op.probabilities()))));
    }

    private static AttentionProblem.Grid grid(RoundedAttention.Rounding r) {
        return new AttentionProblem.Grid(r.scale(), r.least(), r.greatest());
    }

    private static boolean areFloats(KernelRequest step, int operands) {
        boolean floats = step.isRowMajor();
        for (int i = 0; i < operands; i++) {
            floats &= step.dtype(i) == DType.FLOAT32;
        }
        return floats;
    }

    /** The sizes of the operands. */
    private record Sizes(
            long batch,
            long heads,
            long keyHeads,
            long queries,
            long added,
            long size,
            long valueSize,
            boolean packed) {
        private boolean areSmall(long past) {
            long width = Math.max(size, valueSize);
            return fits(batch, heads, queries, width) && fits(batch, keyHeads, past + added, width);
        }
    }

    /** The problem. The optional operands start at the index of the mask. */
    private static ProblemOrReason<AttentionProblem> problem(
            Attention op, KernelRequest step, int maskOperand, Sizes s) {
        boolean masked = step.has(maskOperand);
        DType maskType = masked ? step.dtype(maskOperand) : null;
        boolean present = step.isRead(1);
        if (masked && maskType != DType.FLOAT32 && maskType != DType.BOOL
                || present != step.isRead(2)
                || !step.isRead(0)) {
            return ProblemOrReason.none(
                    "the mask is neither float32 nor booleans, or nothing reads an output that kernels always write");
        }
        int pastOperand = step.has(maskOperand + 1) ? maskOperand + 1 : -1;
        int validOperand = step.has(maskOperand + 3) ? maskOperand + 3 : -1;
        long past = pastOperand < 0 ? 0 : step.dims(pastOperand)[2];
        if (!s.areSmall(past) || s.size() == 0 || s.keyHeads() == 0 || masked && isEmpty(step.dims(maskOperand))) {
            return ProblemOrReason.none("the operands are empty or too large");
        }
        float scale = op.scale() == null ? (float) (1 / Math.sqrt((double) s.size())) : op.scale();
        return ProblemOrReason.of(new AttentionProblem(
                new AttentionProblem.Dims(
                        (int) s.batch(),
                        (int) s.heads(),
                        (int) s.keyHeads(),
                        (int) s.queries(),
                        (int) past,
                        (int) s.added(),
                        (int) s.size(),
                        (int) s.valueSize()),
                layout(s.packed(), maskOperand),
                new AttentionProblem.Scoring(
                        scale,
                        op.softcap(),
                        op.causal(),
                        op.leftWindow(),
                        op.rightWindow(),
                        masked ? mask(maskType == DType.BOOL, step.dims(maskOperand)) : null),
                new AttentionProblem.OperandIndices(
                        maskOperand, pastOperand, validOperand, step.inputCount(), present)));
    }

    /** Whether there is no element, which could be broadcast along nothing. */
    private static boolean isEmpty(long[] dims) {
        return Arrays.stream(dims).anyMatch(d -> d == 0);
    }

    private static HeadLayout layout(boolean packed, int maskOperand) {
        if (maskOperand == 1) {
            return HeadLayout.PACKED_QKV;
        }
        return packed ? HeadLayout.PACKED : HeadLayout.HEADS_FIRST;
    }

    private static boolean fits(long... sizes) {
        double product = 1;
        for (long size : sizes) {
            product *= Math.max(1, size);
        }
        return product < MAX_ELEMENTS;
    }

    /** A mask is broadcast along all dimensions except that of the keys. */
    private static AttentionProblem.AttentionMask mask(boolean truth, long[] dims) {
        int r = dims.length;
        long keys = dims[r - 1];
        long queries = r > 1 ? dims[r - 2] : 1;
        long heads = r > 2 ? dims[r - 3] : 1;
        long batch = r > 3 ? dims[0] : 1;
        return new AttentionProblem.AttentionMask(
                truth,
                (int) keys,
                batch > 1 ? heads * queries * keys : 0,
                heads > 1 ? queries * keys : 0,
                queries > 1 ? keys : 0);
    }
}
