package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Adds elements before and after the data along some axes; a negative number takes elements away. If an axis has both
 * signs, elements are taken away first, and the mode adds elements of the rest. Modes other than constant may add more
 * elements than there are. Then the pattern repeats, as in NumPy.
 *
 * @param mode the elements that are added
 */
public record Pad(Mode mode) implements Op {
    /** The elements that padding adds. */
    public enum Mode {
        /** The constant value; 0, false or the empty string if none is given. */
        CONSTANT,
        /** The data mirrored at its first and last element, which are not repeated. */
        REFLECT,
        /** The first and the last element. */
        EDGE,
        /** The data from its other end. */
        WRAP;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Mode of(String text) {
            for (Mode mode : values()) {
                if (mode.text().equals(text)) {
                    return mode;
                }
            }
            throw new InvalidOperandException("Pad", "mode '" + text + "'", "constant, reflect, edge, wrap", null);
        }
    }

    /**
     * Parameters: the data; the number of elements that are added before each axis, then after each, int64 of rank 1;
     * the constant value, one element; the axes, all in order if left out.
     */
    public static final OpSchema SCHEMA = OpSchema.of("Pad")
            .input("data", "T")
            .input("pads", "S")
            .optional("constant_value", "T")
            .optional("axes", "I")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64)
            .where("I", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Pad of(Attributes a) {
        return new Pad(Mode.of(a.string("mode", "constant")));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("mode", mode.text(), "constant");
    }

    /**
     * The index in the data of an element of the output, along one axis.
     *
     * @param index an index in the output
     * @param before the number of elements added before the data, negative to take away
     * @param after the number added after it
     * @param dim the dimension of the data
     * @return an index in the data, or -1 for the constant value
     */
    public long source(long index, long before, long after, long dim) {
        long first = Math.max(0, -before);
        long left = dim - first - Math.max(0, -after);
        long i = index - Math.max(before, 0);
        if (i >= 0 && i < left) {
            return first + i;
        }
        return switch (mode) {
            case CONSTANT -> -1;
            case EDGE -> first + (i < 0 ? 0 : left - 1);
            case WRAP -> first + Math.floorMod(i, left);
            case REFLECT -> {
                long period = Math.max(2 * (left - 1), 1);
                long at = Math.floorMod(i, period);
                yield first + (at < left ? at : period - at);
            }
        };
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (c.has(2)) {
            Sizes.requireSingle(c, 2, "constant_value");
        }
        int count = Sizes.length(c, 1);
        List<Dim> pads = Sizes.vector(c, 1, "pads");
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, !c.has(3) && count >= 0 ? count / 2 : -1));
        }
        int[] axes = axes(c, data);
        if (axes != null && count >= 0 && count != 2 * axes.length) {
            throw c.error(count + " pads for " + axes.length + " axes", Integer.toString(2 * axes.length), null);
        }
        if (axes == null) {
            return Sizes.tensor(c.dtype(0), c.freshShape(data.rank()));
        }
        List<Dim> dims = new ArrayList<>(data.dims());
        for (int k = 0; k < axes.length; k++) {
            Dim d = dims.get(axes[k]);
            dims.set(axes[k], pads == null ? c.freshDim() : padded(c, d, pads.get(k), pads.get(k + axes.length)));
        }
        return Sizes.tensor(c.dtype(0), Shape.of(dims));
    }

    /** The axes, or null if they are not known. */
    private static int[] axes(InferContext c, Shape data) {
        long[] given = Sizes.numbers(c, 3, "axes");
        if (given == null && c.has(3)) {
            return null;
        }
        if (given == null) {
            given = new long[data.rank()];
            Arrays.setAll(given, i -> i);
        }
        return Sizes.axes(c, given, data.rank(), "shape " + data);
    }

    private Dim padded(InferContext c, Dim dim, Dim before, Dim after) {
        if (dim.isKnown() && before.isKnown() && after.isKnown()) {
            long added = Math.max(before.value(), 0) + Math.max(after.value(), 0);
            long taken = Math.min(before.value(), 0) + Math.min(after.value(), 0);
            if (taken > 0 || taken < -dim.value()) {
                throw c.error(
                        "pads " + before + " and " + after + " of dimension " + dim,
                        "taking away at most " + dim,
                        null);
            }
            if (mode != Mode.CONSTANT && added != 0 && dim.value() + taken == 0) {
                throw c.error("mode " + mode.text() + " pads a dimension of 0", "mode constant", null);
            }
            if (added < 0) {
                throw c.error("pads " + before + " and " + after + " of dimension " + dim, "sums below 2^63", null);
            }
        }
        return Dims.compute(c, () -> dim.plus(before).plus(after));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        Tensor pads = in.tensor(1);
        Tensor value = in.tensorOrNull(2);
        Tensor given = in.tensorOrNull(3);
        int rank = data.rank();
        long[] before = new long[rank];
        long[] after = new long[rank];
        int count = (int) pads.size() / 2;
        for (int k = 0; k < count; k++) {
            int axis = given == null ? k : in.axis(given.getLong(k), rank, "shape " + data.shape());
            before[axis] = pads.getLong(k);
            after[axis] = pads.getLong(k + count);
        }
        Tensor out = Moves.allocate(type);
        long[] dims = out.dims();
        long[] index = new long[rank];
        for (long j = 0; j < out.size(); j++) {
            long i = 0;
            for (int d = 0; d < rank && i >= 0; d++) {
                long at = source(index[d], before[d], after[d], data.dim(d));
                i = at < 0 ? -1 : i * data.dim(d) + at;
            }
            if (i >= 0) {
                data.copyElementTo(i, out, j);
            } else if (value != null) {
                value.copyElementTo(0, out, j);
            }
            RowMajor.advance(index, dims);
        }
        return List.of(out);
    }
}
