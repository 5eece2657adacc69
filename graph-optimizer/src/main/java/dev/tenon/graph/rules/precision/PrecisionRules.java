package dev.tenon.graph.rules.precision;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Products of float32 with constant weights become products with weights of bytes, whose columns have scales, or of BF16.
 * So do convolutions with channels last whose windows are single pixels. Small products stay: they would gain nothing.
 */
public final class PrecisionRules {
    /** Weights of bytes, and rows that are quantised during a call. Weights in blocks keep their bits. */
    public static final RuleSet INT8_DYNAMIC = rules("int8-dynamic", PrecisionRules::quantized)
            .plus(RuleSet.of(Rule.of(
                            "int8-dynamic-blocks",
                            op(BlockQuantizedMatMul.class, any())
                                    .open()
                                    .where(BlockQuantizedMatMul.class, p -> !p.allowsBytes()),
                            PrecisionRules::withBytes)
                    .rounding()))
            .plus(RuleSet.of(Rule.of(
                            "int8-dynamic-formats",
                            op(BlockMatMul.class, any())
                                    .open()
                                    .where(BlockMatMul.class, p -> p.activations() == Activations.F32),
                            PrecisionRules::withRoundedRows)
                    .rounding()));

    /** Weights of BF16, and rows that are rounded to BF16 during a call. */
    public static final RuleSet BF16 = rules("bf16", PrecisionRules::rounded);

    private static final double GREATEST = 127;
    private static final long FEWEST_TERMS = 16;
    private static final long FEWEST_WEIGHTS = 1 << 10;
    private static final long FEWEST_CHANNELS = 32;

    private PrecisionRules() {}

    /** Makes the product of a value with weights [k,n]. */
    private interface Product {
        Value of(Value x, Tensor weights, Emitter to);
    }

    private static RuleSet rules(String name, Product product) {
        return RuleSet.of(
                Rule.of(
                                name,
                                op(List.of(MatMul.class, Gemm.class), any("x"), constant("w", t -> t.rank() == 2))
                                        .open(),
                                (m, to) -> replaced(m, to, product))
                        .unless(PrecisionRules::reason)
                        .rounding(),
                Rule.of(
                                name + "-convolution",
                                op(ChannelsLast.class, any("x"), constant("w"))
                                        .open()
                                        .where(ChannelsLast.class, last -> last.op() instanceof Conv),
                                (m, to) -> convolved(m, to, product))
                        .unless(PrecisionRules::convolutionReason)
                        .rounding());
    }

    private static Value withBytes(Match m, Emitter to) {
        BlockQuantizedMatMul op = m.rootOp(BlockQuantizedMatMul.class);
        return to.add(
                new BlockQuantizedMatMul(op.blockSize(), BlockQuantizedMatMul.BYTES),
                m.root().inputs().toArray(Value[]::new));
    }

    private static Value withRoundedRows(Match m, Emitter to) {
        BlockFormat format = m.rootOp(BlockMatMul.class).format();
        return to.add(new BlockMatMul(format, Activations.Q8), m.root().inputs().toArray(Value[]::new));
    }

    private static String reason(Match m) {
        Tensor w = m.constant("w");
        if (w.dtype() != DType.FLOAT32) {
            return "the weights are " + w.dtype().text();
        }
        if (m.root().op() instanceof Gemm g && (g.alpha() != 1 || g.beta() != 1 || g.transA())) {
            return "a Gemm has factors, or transposes its first operand";
        }
        if (Shapes.rank(m.value("x")) < 1) {
            return "the rank is not known";
        }
        boolean transposed = m.root().op() instanceof Gemm g && g.transB();
        if (w.dim(transposed ? 1 : 0) < FEWEST_TERMS || w.size() < FEWEST_WEIGHTS) {
            return "the product is too small to gain";
        }
        return finiteReason(w);
    }

    private static String finiteReason(Tensor w) {
        for (float weight : w.toFloatArray()) {
            if (!Float.isFinite(weight)) {
                return "a weight is infinite or NaN";
            }
        }
        return null;
    }

    /** Why a convolution is no product of pixels with weights that pays, or null. */
    private static String convolutionReason(Match m) {
        Conv conv = (Conv) m.rootOp(ChannelsLast.class).op();
        Tensor w = m.constant("w");
        if (w.dtype() != DType.FLOAT32) {
            return "the weights are " + w.dtype().text();
        }
        boolean pixels = Arrays.stream(w.dims()).skip(2).allMatch(d -> d == 1)
                && conv.group() == 1
                && conv.window().strides().stream().allMatch(s -> s == 1)
                && conv.window().pads().stream().allMatch(p -> p == 0);
        if (!pixels) {
            return "its windows are not single pixels, each of them once";
        }
        if (Math.min(w.dim(0), w.dim(1)) < FEWEST_CHANNELS) {
            return "fewer than " + FEWEST_CHANNELS + " channels are too few to gain";
        }
        return finiteReason(w);
    }

    private static Value convolved(Match m, Emitter to, Product product) {
        Tensor w = m.constant("w");
        Value y = product.of(m.value("x"), transposed(w.reshape(w.dim(0), w.dim(1))), to);
        Value bias = m.root().input(2);
        return bias == null ? y : to.add(new Add(), y, bias);
    }

    private static Value replaced(Match m, Emitter to, Product product) {
        boolean transposed = m.root().op() instanceof Gemm g && g.transB();
        Tensor w = transposed ? transposed(m.constant("w")) : m.constant("w");
        Value y = product.of(m.value("x"), w, to);
        Value c = m.root().input(2);
        return c == null ? y : to.add(new Add(), y, c);
    }

    private static Tensor transposed(Tensor w) {
        int rows = (int) w.dim(0);
        int columns = (int) w.dim(1);
        float[] from = w.toFloatArray();
        float[] to = new float[from.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                to[j * rows + i] = from[i * columns + j];
            }
        }
        return Tensor.of(to, columns, rows);
    }

    private static Value quantized(Value x, Tensor w, Emitter to) {
        int k = (int) w.dim(0);
        int n = (int) w.dim(1);
        float[] from = w.toFloatArray();
        float[] scales = new float[n];
        for (int i = 0; i < from.length; i++) {
            scales[i % n] = Math.max(scales[i % n], Math.abs(from[i]));
        }
        for (int j = 0; j < n; j++) {
            float scale = (float) (scales[j] / GREATEST);
            scales[j] = scale > 0 ? scale : 1;
        }
        byte[] bytes = new byte[from.length];
        for (int i = 0; i < bytes.length; i++) {
            double steps = Math.rint((double) from[i] / scales[i % n]);
            bytes[i] = (byte) Math.clamp(steps, -GREATEST, GREATEST);
        }
        Value weights = to.constant(Tensor.of(bytes, k, n));
        return to.add(new DynamicQuantizedMatMul(), x, weights, to.constant(Tensor.of(scales, n)));
    }

    private static Value rounded(Value x, Tensor w, Emitter to) {
        Tensor brain = Tensor.allocate(DType.BFLOAT16, w.dims());
        float[] from = w.toFloatArray();
        for (int i = 0; i < from.length; i++) {
            brain.setDouble(i, from[i]);
        }
        return to.add(new BFloat16MatMul(), x, to.constant(brain));
    }
}
