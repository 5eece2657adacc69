package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.loss.NegativeLogLikelihoodLoss;
import dev.tenon.op.loss.SoftmaxCrossEntropyLoss;
import dev.tenon.op.math.Equal;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.OneHot;
import dev.tenon.tensor.Tensor;

/** Gradients of losses on labels: {@code (p - onehot) weight} for scores, {@code -onehot weight} for logarithms. */
final class LossGradients {
    private LossGradients() {}

    static void addTo(GradientTable t) {
        t.rule(SoftmaxCrossEntropyLoss.class, (op, n) -> {
            n.refuseIf(n.wants(2), "its weights are trained");
            n.give(0, () -> {
                Value factor = factor(n, op.reduction(), op.ignored());
                return n.mul(n.sub(n.make(new Softmax(1), n.x()), labels(n)), factor);
            });
        });
        t.rule(NegativeLogLikelihoodLoss.class, (op, n) -> {
            n.refuseIf(n.wants(2), "its weights are trained");
            n.give(0, () -> n.neg(n.mul(labels(n), factor(n, op.reduction(), op.ignored()))));
        });
    }

    /** 1 at the class of each sample, else 0. */
    private static Value labels(NodeGradient n) {
        Value values = n.constant(Tensor.convert(Formulas.dtype(n.x()), new double[] {0, 1}));
        return n.make(new OneHot(1), n.in(1), n.integers(n.dims(0)[1]), values);
    }

    /** How much each sample counts: [n, 1, ...]. */
    private static Value factor(NodeGradient n, String reduction, Long ignored) {
        Value labels = n.in(1);
        Value ones = n.expand(n.number(n.x(), 1), n.dims(1));
        Value weight = ones;
        if (ignored != null) {
            Value left = n.make(
                    new Equal(),
                    labels,
                    n.constant(Tensor.convert(Formulas.dtype(labels), new long[] {ignored}, new long[0])));
            Value zero = n.constant(Tensor.allocate(Formulas.dtype(labels)));
            labels = n.where(left, zero, labels);
            weight = n.has(2) ? n.make(new Gather(0), n.in(2), labels) : ones;
            weight = n.where(left, n.number(weight, 0), weight);
        } else if (n.has(2)) {
            weight = n.make(new Gather(0), n.in(2), labels);
        }
        Value factor = n.mul(weight, n.dy());
        if (reduction.equals("mean")) {
            factor = n.div(factor, n.sumTo(weight));
        }
        return n.unsqueeze(factor, 1);
    }
}
