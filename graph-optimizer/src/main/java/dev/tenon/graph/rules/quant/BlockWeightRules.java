package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.BlockMatrix;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps weights of 4 or 8 bits with a scale for each block as integers: a product with such weights becomes a {@link
 * BlockQuantizedMatMul}, before constants are folded and the weights become numbers. {@link #EXPANSION} goes the other way, for
 * machines on which the numbers are faster.
 */
public final class BlockWeightRules {
    /** The rules, in the order in which they are tried, for weights of any size. */
    public static final RuleSet SET = rules(0);

    /** The rules for large weights: caches hold smaller ones as numbers, which are as fast there. */
    public static final RuleSet LARGE = rules(1 << 20);

    /** The rules for a machine on which {@link BlockQuantizedMatMul} does not pay. */
    public static final RuleSet EXPANSION = RuleSet.of(Rule.of(
            "block-product-expanded", op(BlockQuantizedMatMul.class, any()).open(), BlockWeightRules::expanded));

    private static final int BIAS = 4;

    private BlockWeightRules() {}

    private static RuleSet rules(long leastElements) {
        return RuleSet.of(
                Rule.of(
                                "block-product",
                                op(MatMul.class, any("a"), op(Transpose.class, matrix()))
                                        .where(n -> isTurned(n.input(1).producer())),
                                BlockWeightRules::product)
                        .unless(m -> productReason(m, leastElements))
                        .making(BlockQuantizedMatMul.class),
                Rule.of(
                                "block-product-bias",
                                op(
                                        Add.class,
                                        op(BlockQuantizedMatMul.class, any())
                                                .open()
                                                .once()
                                                .as("product"),
                                        constant("bias")),
                                BlockWeightRules::biased)
                        .unless(BlockWeightRules::biasReason)
                        .making(BlockQuantizedMatMul.class));
    }

    /** A matrix that is made of integers, and perhaps cut. */
    private static Pattern matrix() {
        return either(
                op(DequantizeLinear.class, any()).open().as("matrix"),
                op(Slice.class, op(DequantizeLinear.class, any()).open()).open().as("matrix"));
    }

    private static boolean isTurned(Node transpose) {
        return ((Transpose) transpose.op()).permutation(2)[0] == 1;
    }

    private static String productReason(Match m, long leastElements) {
        BlockMatrix matrix = BlockMatrix.of(m.value("matrix"));
        if (matrix == null) {
            return "the right operand is no constant in blocks";
        }
        return matrix.codes().size() < leastElements ? "the weights are small" : null;
    }

    private static Value product(Match m, Emitter to) {
        BlockMatrix matrix = BlockMatrix.of(m.value("matrix"));
        List<Value> b = matrix.constants(to);
        Value[] operands = {m.value("a"), b.get(0), b.get(1), b.get(2)};
        int given = b.get(2) == null ? operands.length - 1 : operands.length;
        return to.add(new BlockQuantizedMatMul(matrix.block(), 0), Arrays.copyOf(operands, given));
    }

    private static String biasReason(Match m) {
        Node product = m.node("product");
        if (product.input(BIAS) != null) {
            return "the product has a bias already";
        }
        return m.constant("bias").rank() != 1
                        || m.constant("bias").size()
                                != product.input(1).tensorType().shape().dim(0).value()
                ? "the addend is not a number for each column"
                : null;
    }

    private static Value biased(Match m, Emitter to) {
        Node product = m.node("product");
        return to.add(
                product.op(),
                product.input(0),
                product.input(1),
                product.input(2),
                product.input(BIAS - 1),
                m.value("bias"));
    }

    private static Value expanded(Match m, Emitter to) {
        Node node = m.root();
        BlockQuantizedMatMul op = m.rootOp(BlockQuantizedMatMul.class);
        DequantizeLinear dequantize = new DequantizeLinear(1, op.blockSize(), null);
        Value zeros = node.input(BIAS - 1);
        Value matrix = zeros == null
                ? to.add(dequantize, node.input(1), node.input(2))
                : to.add(dequantize, node.input(1), node.input(2), zeros);
        Value turned = to.add(new Transpose(List.of(1, 0)), matrix);
        Value y = to.add(new MatMul(), node.input(0), turned);
        return node.input(BIAS) == null ? y : to.add(new Add(), y, node.input(BIAS));
    }
}
