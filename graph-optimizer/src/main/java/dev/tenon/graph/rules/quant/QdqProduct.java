package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * A product of a dequantised matrix with dequantised weights, perhaps with a bias.
 *
 * @param x the left operand
 * @param w the weights
 * @param matrix their bytes as [k,n]
 * @param bias the bias, int32, or null
 * @param reason why there is no such product, or null
 */
record QdqProduct(Dequantized x, Dequantized w, Tensor matrix, Tensor bias, String reason) {
    /** The product that a node computes. */
    static QdqProduct of(Node node, Match m) {
        if (node == null) {
            return not("it is no product");
        }
        if (node.op() instanceof Gemm gemm) {
            Value bias = node.inputs().size() > 2 ? node.input(2) : null;
            boolean plain = gemm.alpha() == 1 && (bias == null || gemm.beta() == 1) && !gemm.transA();
            return plain ? of(node, gemm.transB(), bias, m) : not("it has factors, or its left operand is transposed");
        }
        if (node.op() instanceof MatMul) {
            return of(node, false, null, m);
        }
        for (int i = 0; i < 2 && node.op() instanceof Add; i++) {
            Value product = node.input(i);
            if (product.producer() != null && product.producer().op() instanceof MatMul && m.uses(product) == 1) {
                return of(product.producer(), false, node.input(1 - i), m);
            }
        }
        return not("it is no product");
    }

    private static QdqProduct not(String reason) {
        return new QdqProduct(null, null, null, null, reason);
    }

    private static QdqProduct of(Node node, boolean transposed, Value added, Match m) {
        Dequantized x = Dequantized.of(node.input(0));
        Dequantized w = Dequantized.of(node.input(1), transposed ? 0 : 1);
        if (x == null
                || w == null
                || !w.bytes().isConstant()
                || w.bytes().constant().rank() != 2) {
            return not("its operands are not dequantised, or its weights are no constant matrix");
        }
        Tensor matrix =
                transposed ? transposed(w.bytes().constant()) : w.bytes().constant();
        Tensor bias = added == null ? null : Bias.of(added, x, w, transposed ? 0 : 1, QdqRules.outputScale(m));
        if (added != null && (bias == null || bias.size() != matrix.dim(1))) {
            return not("its bias is not constant, or too large");
        }
        return new QdqProduct(x, w, matrix, bias, null);
    }

    private static Tensor transposed(Tensor t) {
        Tensor turned = Tensor.allocate(t.dtype(), t.dim(1), t.dim(0));
        for (long i = 0; i < t.size(); i++) {
            turned.setLong(i % t.dim(1) * t.dim(0) + i / t.dim(1), t.getLong(i));
        }
        return turned;
    }

    /** The factors that turn sums into numbers of a scale. */
    Tensor factors(float scale) {
        Tensor factors = Tensor.allocate(DType.FLOAT32, w.scale().dims());
        for (long c = 0; c < factors.size(); c++) {
            factors.setDouble(c, x.scale().getFloat(0) * w.scale().getFloat(c) / scale);
        }
        return factors;
    }
}
