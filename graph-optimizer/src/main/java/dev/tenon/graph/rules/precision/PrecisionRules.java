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
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Products of float32 with constant weights become products with weights of bytes, whose columns have scales, or of BF16.
 * Small products stay: they would gain nothing.
 */
public final class PrecisionRules {
    /** Weights of bytes, and rows that are quantised during a call. */
    public static final RuleSet INT8_DYNAMIC = rules("int8-dynamic", PrecisionRules::quantized);

    /** Weights of BF16, and rows that are rounded to BF16 during a call. */
    public static final RuleSet BF16 = rules("bf16", PrecisionRules::rounded);

    private static final double GREATEST = 127;
    private static final long FEWEST_TERMS = 16;
    private static final long FEWEST_WEIGHTS = 1 << 10;

    private PrecisionRules() {}

    /** Makes the product of a value with weights [k,n]. */
    private interface Product {
        Value of(Value x, Tensor weights, Emitter to);
    }

    private static RuleSet rules(String name, Product product) {
        return RuleSet.of(Rule.of(
                        name,
                        op(List.of(MatMul.class, Gemm.class), any("x"), constant("w", t -> t.rank() == 2))
                                .open(),
                        (m, to) -> replaced(m, to, product))
                .unless(PrecisionRules::reason)
                .rounding());
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
        for (float weight : w.toFloatArray()) {
            if (!Float.isFinite(weight)) {
                return "a weight is infinite or NaN";
            }
        }
        return null;
    }

    private static Value replaced(Match m, Emitter to, Product product) {
        boolean transposed = m.root().op() instanceof Gemm g && g.transB();
        Tensor w = transposed ? transposed(m.constant("w")) : m.constant("w");
        Value y = product.of(m.value("x"), w, to);
        Value c = m.root().op() instanceof Gemm ? m.root().input(2) : null;
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
