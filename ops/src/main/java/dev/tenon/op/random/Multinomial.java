package dev.tenon.op.random;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws classes with replacement for each row. The probabilities of the classes are in proportion to the exponentials
 * of the row's elements.
 *
 * @param samples how many classes are drawn for each row, at least 1
 * @param type the element type of the output, int32 or int64
 * @param seed makes every call give the same numbers; null for different numbers at each call
 */
public record Multinomial(long samples, DType type, Float seed) implements Op {
    /** Input: logarithms of probabilities [rows, classes], up to a common offset; output [rows, samples]. */
    public static final OpSchema SCHEMA = OpSchema.of("Multinomial")
            .input("input", "T1")
            .output("output", "T2")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static Multinomial of(Attributes a) {
        long samples = a.integer("sample_size", 1);
        if (samples < 1) {
            throw new InvalidOperandException("Multinomial", "sample_size " + samples, "1 and above", null);
        }
        DType type = Draw.type("Multinomial", a, Types.INDICES);
        return new Multinomial(samples, type == null ? DType.INT32 : type, Draw.seed(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("sample_size", samples, 1L)
                .unless("dtype", Draw.code(type), Draw.code(DType.INT32))
                .with("seed", seed);
    }

    @Override
    public boolean deterministic() {
        return false;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(2);
        return List.of(new TensorType(type, Shape.of(OperandShape.orFresh(c, x.dim(0)), Dim.of(samples))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(type, x.dim(0), samples);
        if (y.size() == 0) {
            return List.of(y);
        }
        if (x.dim(1) > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException("Multinomial", x.dim(1) + " classes", "2147483639", null);
        }
        double[] upTo = new double[(int) x.dim(1)];
        SplittableRandom random = Draw.generator(seed);
        for (long row = 0; row < x.dim(0); row++) {
            double total = accumulate(in, x, row, upTo);
            for (long s = 0; s < samples; s++) {
                y.setLong(row * samples + s, drawn(upTo, random.nextDouble() * total));
            }
        }
        return List.of(y);
    }

    private static double accumulate(Operands in, Tensor x, long row, double[] upTo) {
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < upTo.length; k++) {
            max = Math.max(max, x.getDouble(row * upTo.length + k));
        }
        double total = 0;
        for (int k = 0; k < upTo.length; k++) {
            total += Math.exp(x.getDouble(row * upTo.length + k) - max);
            upTo[k] = total;
        }
        if (!(total > 0)) {
            throw in.error("row " + row + " has no class of a probability above 0", "at least one", null);
        }
        return total;
    }

    /** The first class whose cumulative probability exceeds a number. */
    private static int drawn(double[] upTo, double number) {
        int low = 0;
        int high = upTo.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (upTo[middle] > number) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
