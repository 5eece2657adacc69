package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.geometry.SliceRange;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes indices along each of some axes, as {@link SliceRange#of} says.
 *
 * <p>For symbolic dimensions the result is exact: {@code 0:seq} of a dimension of 512 gives {@code min(512,seq)}. A
 * symbolic bound whose sign is not known gives a fresh symbol.
 */
public record Slice() implements Op {
    /** Parameters: the data; starts and ends, one for each axis; axes, the first ones if left out; steps, 1 if left out. */
    private static final OpSchema SCHEMA = OpSchema.of("Slice")
            .input("data", "T")
            .input("starts", "I")
            .input("ends", "I")
            .optional("axes", "I")
            .optional("steps", "I")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("I", Types.INDICES);

    private static final long FARTHEST = 1L << 60;
    private static final List<String> NAMES = List.of("data", "starts", "ends", "axes", "steps");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Sizes.tensor(c.dtype(0), shape(c));
    }

    private static Shape shape(InferContext c) {
        Shape data = c.shape(0);
        List<Dim> starts = Sizes.list(c, 1, "starts");
        List<Dim> ends = Sizes.list(c, 2, "ends");
        int count = count(c);
        long[] steps = steps(c, count);
        if (!data.hasRank()) {
            return Shape.unknownRank();
        }
        int[] axes = axes(c, count, data);
        if (axes == null) {
            return c.freshShape(data.rank());
        }
        List<Dim> dims = new ArrayList<>(data.dims());
        for (int k = 0; k < axes.length; k++) {
            boolean known = starts != null && ends != null && steps != null;
            Dim d = dims.get(axes[k]);
            dims.set(axes[k], known ? length(c, d, starts.get(k), ends.get(k), steps[k]) : c.freshDim());
        }
        return Shape.of(dims);
    }

    /** The number of axes, or -1 if it is not known. */
    private static int count(InferContext c) {
        int count = -1;
        for (int i = 1; i <= 4; i++) {
            int length = Sizes.length(c, i);
            if (length >= 0 && count >= 0 && length != count) {
                throw c.error("'" + NAMES.get(i) + "' has " + length + " elements", count + " as 'starts'", null);
            }
            count = Math.max(count, length);
        }
        return count;
    }

    /** The steps, or null if they are not known. */
    private static long[] steps(InferContext c, int count) {
        if (!c.has(4)) {
            long[] ones = new long[Math.max(count, 0)];
            Arrays.fill(ones, 1);
            return ones;
        }
        long[] steps = Sizes.numbers(c, 4, "steps");
        for (long step : steps == null ? new long[0] : steps) {
            if (step == 0) {
                throw c.error("'steps' holds 0", "any other number", null);
            }
        }
        return steps;
    }

    /** The axes, or null if they are not known. */
    private static int[] axes(InferContext c, int count, Shape data) {
        long[] given = Sizes.numbers(c, 3, "axes");
        if (given == null) {
            if (c.has(3) || count < 0) {
                return null;
            }
            given = new long[count];
            for (int i = 0; i < count; i++) {
                given[i] = i;
            }
        }
        return Sizes.axes(c, given, data.rank(), "shape " + data);
    }

    private static Dim length(InferContext c, Dim d, Dim start, Dim end, long step) {
        if (d.isKnown() && start.isKnown() && end.isKnown()) {
            return Dim.of(
                    SliceRange.of(d.value(), start.value(), end.value(), step).count());
        }
        if (step < 0) {
            boolean all = end.orElse(0) <= Integer.MIN_VALUE
                    && (start.orElse(0) == -1 || start.orElse(0) >= SliceRange.TO_THE_END);
            return all && step > Long.MIN_VALUE ? Dims.compute(c, () -> d.ceilDiv(Dim.of(-step))) : c.freshDim();
        }
        if (isOfUnknownSign(start) || isOfUnknownSign(end)) {
            return c.freshDim();
        }
        return Dims.compute(c, () -> forward(d, bounded(start), bounded(end)).ceilDiv(Dim.of(step)));
    }

    /** An equivalent bound whose differences with other bounds have 64 bits. */
    private static Dim bounded(Dim bound) {
        return bound.isKnown() ? Dim.of(Math.clamp(bound.value(), -FARTHEST, FARTHEST)) : bound;
    }

    private static boolean isOfUnknownSign(Dim bound) {
        return !bound.isKnown() && !Sizes.isNonNegative(bound);
    }

    /** The length of start:end. The last step drops bounds above the dimension and below zero. */
    private static Dim forward(Dim d, Dim start, Dim end) {
        boolean toTheEnd = end.orElse(0) >= SliceRange.TO_THE_END;
        if (start.orElse(0) < 0 && toTheEnd) {
            return d.min(Sizes.ZERO.minus(start));
        }
        Dim from = start.orElse(0) < 0 ? d.plus(start).max(Sizes.ZERO) : start;
        Dim to = toTheEnd ? d : end.orElse(0) < 0 ? d.plus(end) : end.min(d);
        return to.minus(from).max(Sizes.ZERO);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = c.symbolic(0);
        long[] starts = Sizes.numbers(c, 1, "starts");
        long[] ends = Sizes.numbers(c, 2, "ends");
        boolean axisKnown = !c.has(3) || Sizes.numbers(c, 3, "axes") != null;
        if (elements == null || starts == null || ends == null || starts.length > 1 || !axisKnown) {
            return null;
        }
        long[] steps = steps(c, starts.length);
        if (steps == null) {
            return null;
        }
        if (starts.length == 0) {
            return elements;
        }
        SliceRange run = SliceRange.of(elements.size(), starts[0], ends[0], steps[0]);
        List<Dim> taken = new ArrayList<>();
        for (int i = 0; i < run.count(); i++) {
            taken.add(elements.get((int) (run.start() + i * run.step())));
        }
        return taken;
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        long[] starts = in.tensor(1).toLongArray();
        long[] ends = in.tensor(2).toLongArray();
        Tensor axes = in.tensorOrNull(3);
        Tensor steps = in.tensorOrNull(4);
        long[] strides = RowMajor.strides(data.dims());
        long first = 0;
        for (int k = 0; k < starts.length; k++) {
            int axis = in.axis(axes == null ? k : axes.getLong(k), data.rank(), "shape " + data.shape());
            SliceRange run = SliceRange.of(data.dim(axis), starts[k], ends[k], steps == null ? 1 : steps.getLong(k));
            first += run.start() * strides[axis];
            strides[axis] *= run.step();
        }
        long offset = first;
        return List.of(Moves.move(type, data, index -> offset + RowMajor.offset(index, strides)));
    }
}
