package dev.tenon.op.loss;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The negated logarithm of the softmax of each sample's scores at its class, times the weight of the class.
 *
 * @param reduction {@code none} for the loss of each sample, {@code sum}, or {@code mean} for the sum divided by the
 *     sum of the weights of the samples that count, which is NaN without such samples
 * @param ignored a class whose samples have no loss and do not count; null for none
 */
public record SoftmaxCrossEntropyLoss(String reduction, Long ignored) implements Op {
    /**
     * Inputs: scores [n, classes, ...], classes [n, ...], weights [classes]; outputs: the loss, and the logarithms of
     * the probabilities in the shape of the scores.
     */
    public static final OpSchema SCHEMA = OpSchema.of("SoftmaxCrossEntropyLoss")
            .input("scores", "T")
            .input("labels", "I")
            .optional("weights", "T")
            .output("output", "T")
            .optionalOutput("log_prob", "T")
            .where("T", Types.FLOATS)
            .where("I", Types.INDICES)
            .numerics(new Numerics(4, 32));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if the reduction is none of the three
     */
    public static SoftmaxCrossEntropyLoss of(Attributes a) {
        return new SoftmaxCrossEntropyLoss(ClassLoss.reduction("SoftmaxCrossEntropyLoss", a), ClassLoss.ignored(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return ClassLoss.attributes(reduction, ignored);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType loss = ClassLoss.infer(c, reduction);
        return List.<ValueType>of(loss, c.tensor(0)).subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor scores = in.tensor(0);
        long inner = ClassLoss.inner(scores);
        Tensor loss = ClassLoss.loss(
                in,
                reduction,
                ignored,
                (at, sample) -> scores.getDouble(at) - logOfSum(scores, first(scores, inner, sample), inner));
        if (in.outputs() < 2) {
            return List.of(loss);
        }
        Tensor logs = Tensor.allocate(scores.dtype(), scores.dims());
        long samples = logs.size() == 0 ? 0 : logs.size() / scores.dim(1);
        for (long sample = 0; sample < samples; sample++) {
            long first = first(scores, inner, sample);
            double log = logOfSum(scores, first, inner);
            for (long k = 0; k < scores.dim(1); k++) {
                logs.setDouble(first + k * inner, scores.getDouble(first + k * inner) - log);
            }
        }
        return List.of(loss, logs);
    }

    /** The flat index of a sample's first class. */
    private static long first(Tensor scores, long inner, long sample) {
        return sample / inner * scores.dim(1) * inner + sample % inner;
    }

    /** {@code log(sum(exp(x)))} with the maximum subtracted first, so that nothing overflows. */
    private static double logOfSum(Tensor scores, long first, long inner) {
        double max = Double.NEGATIVE_INFINITY;
        for (long k = 0; k < scores.dim(1); k++) {
            max = Math.max(max, scores.getDouble(first + k * inner));
        }
        double sum = 0;
        for (long k = 0; k < scores.dim(1); k++) {
            sum += Math.exp(scores.getDouble(first + k * inner) - max);
        }
        return max + Math.log(sum);
    }
}
