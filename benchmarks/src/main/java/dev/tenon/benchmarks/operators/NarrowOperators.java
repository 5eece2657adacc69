package dev.tenon.benchmarks.operators;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of products and convolutions in fewer bits than float32. Products are {@code gemm_FORM_MxKxN} with a constant right
 * operand and one of these forms:
 * <ul>
 * <li>{@code u8s8}, {@code s8s8}: bytes, the result in 32 bits
 * <li>{@code u8s8u8}: bytes, the result quantised to bytes
 * <li>{@code f32u8}: float32, quantised to bytes by rows during the call
 * <li>{@code f32bf16}: float32, rounded to BF16 during the call
 * </ul>
 * Convolutions are {@code qconvKxK_CxM_HW} of bytes, the result quantised to bytes; {@code s2} after the kernel is a stride.
 * Constant bytes have 7 bits: products of peers saturate with more, on processors without dot products of bytes.
 */
final class NarrowOperators {
    private static final Pattern PRODUCT =
            Pattern.compile("gemm_(u8s8|s8s8|u8s8u8|f32u8|f32bf16)_(\\d+)x(\\d+)x(\\d+)");
    private static final Pattern CONVOLUTION = Pattern.compile("qconv([1-9])x\\1(s2)?_(\\d+)x(\\d+)_(\\d+)");

    /** About the ratio of the scale of a quantised result to the root of the number of its terms. */
    private static final double SPREAD = 1.5;

    private NarrowOperators() {}

    /**
     * The text of an operator.
     *
     * @param name its name
     * @return a text of {@link OperatorText}; null if the name has none of the forms above
     */
    static String text(String name) {
        Matcher product = PRODUCT.matcher(name);
        if (product.matches()) {
            int m = Integer.parseInt(product.group(2));
            int k = Integer.parseInt(product.group(3));
            int n = Integer.parseInt(product.group(4));
            return product(product.group(1)).formatted(m, k, n);
        }
        Matcher c = CONVOLUTION.matcher(name);
        if (!c.matches()) {
            return null;
        }
        int kernel = Integer.parseInt(c.group(1));
        int channels = Integer.parseInt(c.group(3));
        double scale = SPREAD * Math.sqrt((double) channels * kernel * kernel);
        return String.format(
                Locale.ROOT,
                "QLinearConv<pads=[%1$d, %1$d, %1$d, %1$d], strides=[%2$d, %2$d]>(u8[1,%3$d,%4$d,%4$d], const f32[] {0.02},"
                        + " const u8[] {128}, const i8[%5$d,%3$d,%6$d,%6$d] within 64, const f32[%5$d] positive, const i8[%5$d] below 1,"
                        + " const f32[] {%7$.1f}, const u8[] {128}, const i32[%5$d])",
                kernel / 2,
                c.group(2) == null ? 1 : 2,
                channels,
                Integer.parseInt(c.group(5)),
                Integer.parseInt(c.group(4)),
                kernel,
                scale);
    }

    private static String product(String form) {
        return switch (form) {
            case "u8s8" -> "MatMulInteger(u8[%1$d,%2$d], const i8[%2$d,%3$d] within 64, u8[])";
            case "s8s8" -> "MatMulInteger(i8[%1$d,%2$d], const i8[%2$d,%3$d] within 64, i8[])";
            case "u8s8u8" ->
                "QLinearMatMul(u8[%1$d,%2$d], const f32[] {0.02}, const u8[] {128}, const i8[%2$d,%3$d] within 64,"
                        + " const f32[] {0.02}, const i8[] {0}, const f32[] {1.5}, const u8[] {128})";
            case "f32u8" ->
                "dev.tenon.DynamicQuantizedMatMul(f32[%1$d,%2$d], const i8[%2$d,%3$d], const f32[%3$d] positive)";
            default -> "dev.tenon.BFloat16MatMul(f32[%1$d,%2$d], const bf16[%2$d,%3$d])";
        };
    }

    /**
     * Whether a graph is a product that reads float32 and computes in fewer bits. Engines that have no such product compute
     * it in float32.
     *
     * @param graph a graph
     * @return true if it is
     */
    static boolean isReduced(Graph graph) {
        Op op = graph.nodes().getFirst().op();
        return graph.nodes().size() == 1 && (op instanceof BFloat16MatMul || op instanceof DynamicQuantizedMatMul);
    }

    /**
     * The weights of such a product as float32.
     *
     * @param graph a graph for which {@link #isReduced} holds
     * @return a matrix
     */
    static Tensor weights(Graph graph) {
        Node node = graph.nodes().getFirst();
        Tensor weights = node.input(1).constant();
        Tensor scales = node.inputs().size() > 2 ? node.input(2).constant() : null;
        Tensor real = Tensor.allocate(DType.FLOAT32, weights.dims());
        long columns = weights.dim(1);
        for (long i = 0; i < weights.size(); i++) {
            real.setDouble(
                    i, scales == null ? weights.getDouble(i) : weights.getLong(i) * scales.getDouble(i % columns));
        }
        return real;
    }

    /**
     * Such a product in float32.
     *
     * @param graph a graph for which {@link #isReduced} holds
     * @return a graph with the same input and output
     */
    static Graph inFloat(Graph graph) {
        GraphBuilder b = new GraphBuilder(graph.name());
        Value from = graph.inputs().getFirst();
        Value x = b.input(from.name(), from.tensorType());
        return b.output(graph.outputNames().getFirst(), b.add(new MatMul(), x, b.constant("w", weights(graph))))
                .build();
    }
}
