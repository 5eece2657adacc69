package dev.tenon.op.loss;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Functions that the losses of classification share: scores [n, classes, ...], targets [n, ...], weights [classes]. */
final class ClassLoss {
    private static final List<String> REDUCTIONS = List.of("none", "sum", "mean");

    /** The logarithm of the probability of a class. */
    @FunctionalInterface
    interface LogProbability {
        /**
         * The logarithm.
         *
         * @param at the flat index of the class' element in the scores
         * @param sample the number of the sample
         * @return the logarithm of its probability
         */
        double at(long at, long sample);
    }

    private ClassLoss() {}

    static String reduction(String operator, Attributes a) {
        String reduction = a.string("reduction", "mean");
        if (!REDUCTIONS.contains(reduction)) {
            throw new InvalidOperandException(
                    operator, "reduction '" + reduction + "'", String.join(", ", REDUCTIONS), null);
        }
        return reduction;
    }

    static Long ignored(Attributes a) {
        return a.has("ignore_index") ? (Long) a.integer("ignore_index", 0) : null;
    }

    static Attributes attributes(String reduction, Long ignored) {
        return Attributes.none().unless("reduction", reduction, "mean").with("ignore_index", ignored);
    }

    static TensorType infer(InferContext c, String reduction) {
        OperandShape scores = OperandShape.of(c, 0).rankFrom(2);
        OperandShape target = OperandShape.of(c, 1);
        Shape losses = target.shape();
        if (scores.hasRank()) {
            List<Dim> dims = new ArrayList<>(scores.shape().dims());
            Dim classes = dims.remove(1);
            target.is(dims.toArray(Dim[]::new));
            losses = Shape.of(dims);
            if (c.has(2)) {
                OperandShape.of(c, 2).is(classes);
            }
        }
        return new TensorType(c.dtype(0), reduction.equals("none") ? losses : Shape.scalar());
    }

    /** The loss of all samples. */
    static Tensor loss(Operands in, String reduction, Long ignored, LogProbability log) {
        Tensor scores = in.tensor(0);
        Tensor target = in.tensor(1);
        Tensor weights = in.tensorOrNull(2);
        boolean each = reduction.equals("none");
        Tensor y = each ? Tensor.allocate(scores.dtype(), target.dims()) : Tensor.allocate(scores.dtype());
        long classes = scores.dim(1);
        long inner = inner(scores);
        double sum = 0;
        double total = 0;
        for (long i = 0; i < target.size(); i++) {
            long label = target.getLong(i);
            double loss = 0;
            if (ignored == null || label != ignored) {
                if (label < 0 || label >= classes) {
                    throw in.error(
                            "class " + label + " of sample " + i,
                            "[0, " + (classes - 1) + "]" + (ignored == null ? "" : " or " + ignored),
                            null);
                }
                double weight = weights == null ? 1 : weights.getDouble(label);
                loss = -log.at((i / inner * classes + label) * inner + i % inner, i) * weight;
                total += weight;
            }
            sum += loss;
            if (each) {
                y.setDouble(i, loss);
            }
        }
        if (!each) {
            y.setDouble(0, reduction.equals("sum") ? sum : sum / total);
        }
        return y;
    }

    /** The distance between the elements of neighbouring classes of a sample. */
    static long inner(Tensor scores) {
        long inner = 1;
        for (int d = 2; d < scores.rank(); d++) {
            inner *= scores.dim(d);
        }
        return inner;
    }
}
