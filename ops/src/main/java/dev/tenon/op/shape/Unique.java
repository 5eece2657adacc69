package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The distinct elements of the data, or its distinct slices along an axis. All NaNs count as one and come last. 0 and
 * -0 count as one. Strings are ordered by their UTF-8 bytes, complex numbers by their real and then their imaginary
 * part, slices by the first element in which they differ.
 *
 * @param axis in [-rank, rank-1]; null for elements of the flattened data
 * @param sorted whether they come in ascending order; otherwise in the order of their first occurrence
 */
public record Unique(Integer axis, boolean sorted) implements Op {
    /**
     * Parameters: the data. Results: the distinct elements or slices; the place where each occurs first; for each
     * element or slice of the data, its place among the distinct ones; how often each distinct one occurs.
     */
    public static final OpSchema SCHEMA = OpSchema.of("Unique")
            .input("X", "T")
            .output("Y", "T")
            .optionalOutput("indices", "I")
            .optionalOutput("inverse_indices", "I")
            .optionalOutput("counts", "I")
            .where("T", Types.ALL)
            .where("I", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if {@code sorted} is neither 0 nor 1
     */
    public static Unique of(Attributes a) {
        long sorted = a.integer("sorted", 1);
        if (sorted != 0 && sorted != 1) {
            throw new InvalidOperandException("Unique", "sorted " + sorted, "0, 1", null);
        }
        return new Unique(a.has("axis") ? (Integer) a.int32("axis", 0) : null, sorted == 1);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("axis", axis).unless("sorted", sorted, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Dim count = c.freshDim();
        Shape y = axis == null ? Shape.of(count) : Shape.unknownRank();
        Dim all = c.freshDim();
        if (data.hasRank()) {
            int at = axis == null ? 0 : c.axis(axis, data.rank(), "shape " + data);
            y = axis == null ? y : data.withDim(at, count);
            all = axis == null ? Sizes.product(c, data.dims()) : data.dim(at);
        }
        return List.<ValueType>of(
                        new TensorType(c.dtype(0), y),
                        new TensorType(DType.INT64, Shape.of(count)),
                        new TensorType(DType.INT64, Shape.of(all)),
                        new TensorType(DType.INT64, Shape.of(count)))
                .subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = axis == null ? in.tensor(0).reshape(in.tensor(0).size()) : in.tensor(0);
        int at = axis == null ? 0 : in.axis(axis, x.rank(), "shape " + x.shape());
        long count = x.dim(at);
        if (count > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException("Unique", count + " elements", "2147483639", null);
        }
        Slices slices = new Slices(x, count, RowMajor.size(x.dims(), 0, at), RowMajor.size(x.dims(), at + 1, x.rank()));
        Integer[] order = new Integer[(int) count];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, slices);
        List<Integer> first = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        int[] group = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            if (i == 0 || slices.compare(order[i - 1], order[i]) != 0) {
                first.add(order[i]);
                counts.add(0);
            }
            group[order[i]] = first.size() - 1;
            counts.set(first.size() - 1, counts.getLast() + 1);
        }
        Integer[] places = new Integer[first.size()];
        Arrays.setAll(places, i -> i);
        if (!sorted) {
            Arrays.sort(places, Comparator.comparing(first::get));
        }
        return results(slices, at, first, counts, group, places).subList(0, in.outputs());
    }

    private static List<Datum> results(
            Slices slices, int at, List<Integer> first, List<Integer> counts, int[] group, Integer[] places) {
        long[] dims = slices.x.dims();
        dims[at] = places.length;
        Tensor y = Tensor.allocate(slices.x.dtype(), dims);
        Tensor indices = Tensor.allocate(DType.INT64, places.length);
        Tensor inverse = Tensor.allocate(DType.INT64, group.length);
        Tensor times = Tensor.allocate(DType.INT64, places.length);
        int[] placeOf = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            placeOf[places[i]] = i;
            int source = first.get(places[i]);
            for (long e = 0; e < slices.outer * slices.inner; e++) {
                long to = (e / slices.inner * places.length + i) * slices.inner + e % slices.inner;
                slices.x.copyElementTo(slices.at(source, e), y, to);
            }
            indices.setLong(i, source);
            times.setLong(i, counts.get(places[i]));
        }
        for (int i = 0; i < group.length; i++) {
            inverse.setLong(i, placeOf[group[i]]);
        }
        return List.of(y, indices, inverse, times);
    }

    /** The order of slices. A stable sort by it keeps the first occurrence first. */
    private record Slices(Tensor x, long count, long outer, long inner) implements Comparator<Integer> {
        /** The flat index of an element of a slice. */
        long at(long slice, long e) {
            return (e / inner * count + slice) * inner + e % inner;
        }

        @Override
        public int compare(Integer a, Integer b) {
            // Slices may have no element.
            Operands.work(1);
            for (long e = 0; e < outer * inner; e++) {
                int compared = compare(at(a, e), at(b, e));
                if (compared != 0) {
                    return compared;
                }
            }
            return 0;
        }

        private int compare(long i, long j) {
            if (x.dtype() == DType.STRING) {
                return Arrays.compareUnsigned(x.getUtf8(i), x.getUtf8(j));
            }
            if (x.dtype().isComplex()) {
                int real = Double.compare(x.getReal(i) + 0.0, x.getReal(j) + 0.0);
                return real != 0 ? real : Double.compare(x.getImaginary(i) + 0.0, x.getImaginary(j) + 0.0);
            }
            return x.dtype() == DType.BOOL
                    ? Boolean.compare(x.getBoolean(i), x.getBoolean(j))
                    : Order.compare(x, i, x, j);
        }
    }
}
