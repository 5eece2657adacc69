package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * A product of a dequantised matrix with dequantised weights, perhaps with a bias.
 *
 * @param x the left operand
 * @param w the weights
 * @param transposed whether the weights are [n,k]
 * @param bias the bias, int32, or null
 * @param reason why there is no such product, or null
 */
record QdqProduct(Dequantized x, Dequantized w, boolean transposed, Tensor bias, String reason) {
    private static final String NOT_PLAIN = "it has factors, or its left operand is transposed";

    /** The product of a MatMul or Gemm; whatever a Gemm adds is left out. */
    static QdqProduct withoutBias(Node node) {
        if (node.op() instanceof Gemm gemm) {
            boolean added = node.input(2) != null;
            return isPlain(gemm, added) ? of(node, gemm.transB()) : not(NOT_PLAIN);
        }
        return of(node, false);
    }

    /** The product that a node computes. */
    static QdqProduct of(Node node, Match m) {
        if (node == null) {
            return not("it is no product");
        }
        if (node.op() instanceof Gemm gemm) {
            Value bias = node.input(2);
            return isPlain(gemm, bias != null) ? of(node, gemm.transB(), bias, m) : not(NOT_PLAIN);
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

    /** Adds the product of the integers without the bias, int32. */
    Value sums(Emitter to) {
        return to.add(
                new MatMulInteger(), x.bytes(), to.constant(matrix()), to.constant(x.zero()), to.constant(w.zero()));
    }

    private static boolean isPlain(Gemm gemm, boolean added) {
        return gemm.alpha() == 1 && (!added || gemm.beta() == 1) && !gemm.transA();
    }

    private static QdqProduct not(String reason) {
        return new QdqProduct(null, null, false, null, reason);
    }

    private static QdqProduct of(Node node, boolean transposed) {
        Dequantized x = Dequantized.of(node.input(0));
        Dequantized w = x == null ? null : Dequantized.weights(node.input(1), transposed ? 0 : 1);
        if (w == null || w.weights().rank() != 2) {
            return not("its operands are not dequantised, or its weights are no constant matrix");
        }
        return new QdqProduct(x, w, transposed, null, null);
    }

    private static QdqProduct of(Node node, boolean transposed, Value added, Match m) {
        QdqProduct p = of(node, transposed);
        if (p.reason != null || added == null) {
            return p;
        }
        Tensor bias = Bias.of(added, p.x, p.w, transposed ? 0 : 1, QdqRules.outputScale(m));
        return bias == null
                ? not("its bias is not constant, or too large")
                : new QdqProduct(p.x, p.w, transposed, bias, null);
    }

    /** The bytes of the weights as [k,n]. */
    Tensor matrix() {
        Tensor t = w.weights();
        if (!transposed) {
            return t;
        }
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
