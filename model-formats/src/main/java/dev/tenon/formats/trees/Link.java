package dev.tenon.formats.trees;

import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.TopK;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The function that makes predictions of margins, the sums of the trees.
 *
 * @param kind its form
 * @param scale a factor of the margin, for {@link Kind#LOGISTIC}
 */
public record Link(Kind kind, double scale) {
    /** The forms of links. */
    public enum Kind {
        /** The margin. */
        IDENTITY,
        /** {@code 1 / (1 + exp(-scale * x))}. */
        LOGISTIC,
        /** {@code exp(x)}. */
        EXP,
        /** {@code exp(x) / sum(exp(x))} over the columns. */
        SOFTMAX,
        /** The index of the column with the largest margin, the first of equal ones. */
        ARG_MAX,
        /** 1 if the margin is above 0, else 0. */
        STEP,
        /** {@code sign(x) * x * x}. */
        SIGNED_SQUARE,
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS,
        /** The margins of a row in ascending order. */
        SORTED,
        /** The first margin; then in each column the one before plus a small number and {@code log(1 + exp(x))}. */
        ASCENDING
    }

    /** The link that changes nothing. */
    public static final Link IDENTITY = new Link(Kind.IDENTITY, 1);

    private static final float LEAST_STEP = 1e-6f;

    /**
     * A link without a factor.
     *
     * @param kind its form
     * @return the link
     */
    public static Link of(Kind kind) {
        return new Link(kind, 1);
    }

    /**
     * Adds the link to a graph.
     *
     * @param g the graph
     * @param x the margins, [N,K]
     * @return the predictions, [N,K] or, for {@link Kind#ARG_MAX}, [N,1]; of the same element type
     */
    Value apply(RowGraph g, Value x) {
        return switch (kind) {
            case IDENTITY -> x;
            case LOGISTIC -> logistic(g, x);
            case EXP -> g.add(new Exp(), x);
            case SOFTMAX -> g.add(new Softmax(1), x);
            case ARG_MAX -> g.add(new Cast(g.dtype(x)), g.add(new ArgMax(1, true, false), x));
            case STEP -> g.add(new Cast(g.dtype(x)), g.add(new Greater(), x, g.number(x, 0)));
            case SIGNED_SQUARE -> g.add(new Mul(), g.add(new Mul(), g.add(new Sign(), x), x), x);
            case SOFTPLUS -> g.add(new Softplus(), x);
            case SORTED -> sorted(g, x);
            case ASCENDING -> ascending(g, x);
        };
    }

    /** In double as LightGBM writes it, so that results are rounded alike. */
    private Value logistic(RowGraph g, Value x) {
        if (g.dtype(x) != DType.FLOAT64) {
            return g.add(new Sigmoid(), scale == 1 ? x : g.add(new Mul(), x, g.number(x, scale)));
        }
        Value exp = g.add(new Exp(), g.add(new Mul(), x, g.number(x, -scale)));
        return g.add(new Div(), g.number(x, 1), g.add(new Add(), exp, g.number(x, 1)));
    }

    private static Value sorted(RowGraph g, Value x) {
        long columns = g.columns(x);
        return columns == 1
                ? x
                : g.addAll(new TopK(1, false, true), List.of(x, g.constant(Tensor.of(new long[] {columns}, 1))), 2)
                        .getFirst();
    }

    private static Value ascending(RowGraph g, Value x) {
        long columns = g.columns(x);
        if (columns == 1) {
            return x;
        }
        Value first = g.add(new Gather(1), x, g.constant(Tensor.of(new long[] {0}, 1)));
        long[] others = LongStream.range(1, columns).toArray();
        Value rest = g.add(new Gather(1), x, g.constant(Tensor.of(others, others.length)));
        Value steps = g.add(new Add(), g.add(new Softplus(), rest), g.number(x, LEAST_STEP));
        return g.add(new CumSum(false, false), g.add(new Concat(1), first, steps), g.constant(Tensor.scalar(1L)));
    }
}
