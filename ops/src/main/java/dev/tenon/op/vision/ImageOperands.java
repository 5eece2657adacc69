package dev.tenon.op.vision;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Functions that the operators of this package share: shapes of batches of images, attributes, small integer operands.
 */
final class ImageOperands {
    /** The element types of operators that move elements: numbers, booleans, strings, complex numbers. */
    static final Set<DType> MOVABLE =
            Types.union(Types.NUMBERS, Types.set(DType.BOOL, DType.STRING, DType.COMPLEX64, DType.COMPLEX128));

    private ImageOperands() {}

    static String text(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /** An attribute that is the name of a constant in lower case. */
    static <E extends Enum<E>> E choice(OpSchema schema, Attributes a, String name, E standard) {
        String given = a.string(name, text(standard));
        E[] all = standard.getDeclaringClass().getEnumConstants();
        for (E e : all) {
            if (text(e).equals(given)) {
                return e;
            }
        }
        throw new InvalidOperandException(
                schema.qualifiedName(),
                "attribute '" + name + "' is '" + given + "'",
                String.join(", ", Arrays.stream(all).map(ImageOperands::text).toList()),
                null);
    }

    /** A list of integers, each at least a minimum; empty if the attribute is not given. */
    static List<Long> list(OpSchema schema, Attributes a, String name, long least) {
        List<Long> values = a.integers(name, List.of());
        if (values.stream().anyMatch(v -> v < least)) {
            throw invalid(schema, "attribute '" + name + "' is " + values, "numbers of at least " + least);
        }
        return values;
    }

    static InvalidOperandException invalid(OpSchema schema, String found, String allowed) {
        return new InvalidOperandException(schema.qualifiedName(), found, allowed, null);
    }

    /** Fails if a mode interpolates elements that are no numbers. */
    static void requireNumbers(InferContext c, Enum<?> mode, Enum<?> moving) {
        if (!mode.equals(moving) && !Types.NUMBERS.contains(c.dtype(0))) {
            throw c.error(
                    "mode '" + text(mode) + "' for elements of type "
                            + c.dtype(0).text(),
                    "mode '" + text(moving) + "'",
                    null);
        }
    }

    /** Fails if the operand's rank is known and differs. */
    static void requireRank(InferContext c, int i, String name, int rank) {
        Shape s = c.shape(i);
        if (s.hasRank() && s.rank() != rank) {
            throw c.error("'" + name + "' of shape " + s, "rank " + rank, null);
        }
    }

    /** Fails if the operand is known not to have exactly one element. */
    static void requireSingle(InferContext c, int i, String name) {
        if (c.has(i) && c.shape(i).isKnown() && c.shape(i).knownElements() != 1) {
            throw c.error("'" + name + "' of shape " + c.shape(i), "one element", null);
        }
    }

    /** One of two dimensions that must be equal: a known one if there is one. */
    static Dim same(InferContext c, Dim a, Dim b, String what) {
        if (Dims.differ(a, b)) {
            throw c.error(what + ": " + a + " and " + b + " differ", "equal dimensions", null);
        }
        return a.isKnown() ? a : b;
    }

    /** The elements of an integer vector, or null if they are not known. */
    static List<Dim> vector(InferContext c, int i, String name) {
        requireRank(c, i, name, 1);
        return c.symbolic(i);
    }

    /** The number of elements of an operand, or -1 if it is not known. */
    static int length(InferContext c, int i) {
        return c.shape(i).isKnown() && c.shape(i).knownElements() <= InferContext.MAX_SYMBOLIC_ELEMENTS
                ? (int) c.shape(i).knownElements()
                : -1;
    }

    /** Axes in [0, rank-1], in the order given; all axes if none are given. */
    static int[] axes(InferContext c, List<Long> given, Shape of) {
        int[] axes = new int[given.isEmpty() ? of.rank() : given.size()];
        boolean[] seen = new boolean[of.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = given.isEmpty() ? i : c.axis(given.get(i), of.rank(), "shape " + of);
            if (seen[axes[i]]) {
                throw c.error("axis " + given.get(i) + " is given twice", "distinct axes", null);
            }
            seen[axes[i]] = true;
        }
        return axes;
    }

    static List<ValueType> tensor(DType dtype, Shape shape) {
        return List.of(new TensorType(dtype, shape));
    }

    static Tensor allocate(ValueType type) {
        TensorType t = (TensorType) type;
        return Tensor.allocate(t.dtype(), t.shape().toArray());
    }

    static long at(List<Long> values, int i, long standard) {
        return values.isEmpty() ? standard : values.get(i);
    }

    /** The dimensions after the second. */
    static long[] spatial(Tensor t) {
        return Arrays.copyOfRange(t.dims(), 2, t.rank());
    }

    /**
     * The weights of cubic convolution for 4 neighbours (Keys, 1981). The position is in [0, 1], from the second
     * neighbour to the third.
     */
    static double[] cubic(double position, double a) {
        double[] weights = new double[4];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = cubicKernel(position + 1 - i, a);
        }
        return weights;
    }

    /** Keys, Cubic convolution interpolation for digital image processing, equation 4, with a free coefficient a. */
    static double cubicKernel(double distance, double a) {
        double x = Math.abs(distance);
        if (x <= 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((x - 5) * x + 8) * a * x - 4 * a : 0;
    }
}
