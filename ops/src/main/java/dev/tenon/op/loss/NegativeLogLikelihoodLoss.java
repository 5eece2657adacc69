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
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The negated logarithm of the probability of each sample's class, times the weight of the class.
 *
 * @param reduction {@code none} for the loss of each sample, {@code sum}, or {@code mean} for the sum divided by the
 *     sum of the weights of the samples that count, which is NaN without such samples
 * @param ignored a class whose samples have no loss and do not count; null for none
 */
public record NegativeLogLikelihoodLoss(String reduction, Long ignored) implements Op {
    /** Inputs: logarithms of probabilities [n, classes, ...], classes [n, ...], weights [classes]; output the loss. */
    public static final OpSchema SCHEMA = OpSchema.of("NegativeLogLikelihoodLoss")
            .input("input", "T")
            .input("target", "I")
            .optional("weight", "T")
            .output("loss", "T")
            .where("T", Types.FLOATS)
            .where("I", Types.INDICES)
            .numerics(new Numerics(2, 8));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if the reduction is none of the three
     */
    public static NegativeLogLikelihoodLoss of(Attributes a) {
        return new NegativeLogLikelihoodLoss(ClassLoss.reduction("NegativeLogLikelihoodLoss", a), ClassLoss.ignored(a));
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
        return List.of(ClassLoss.infer(c, reduction));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor input = in.tensor(0);
        return List.of(ClassLoss.loss(in, reduction, ignored, (at, sample) -> input.getDouble(at)));
    }
}
