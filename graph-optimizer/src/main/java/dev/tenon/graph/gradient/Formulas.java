package dev.tenon.graph.gradient;

import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Arithmetic with the values of a graph that is being built: each method adds operators. All values have known dimensions.
 * A number becomes a constant of the type of the value beside it.
 */
class Formulas {
    /** Adds operators and constants to a graph. */
    interface Sink {
        /** Adds an operator with a number of results. */
        List<Value> add(Op op, List<Value> operands, int results);

        /** Adds a constant. */
        Value constant(Tensor tensor);
    }

    private final Sink sink;

    Formulas(Sink sink) {
        this.sink = sink;
    }

    /** The dimensions of a value. */
    static long[] dims(Value v) {
        if (v.tensorType() == null || !v.tensorType().shape().isKnown()) {
            throw new InvalidGraphException(
                    "value '" + v.name() + "' of type " + v.type(),
                    "dimensions that are not known",
                    "known dimensions between a weight and the loss",
                    "fix the dimensions of the inputs, as Trainables.of does");
        }
        return v.tensorType().shape().toArray();
    }

    static int rank(Value v) {
        return dims(v).length;
    }

    static DType dtype(Value v) {
        return v.tensorType().dtype();
    }

    /** The axes of a rank but for some. */
    static int[] axesBut(int rank, int... without) {
        return IntStream.range(0, rank)
                .filter(a -> IntStream.of(without).noneMatch(w -> w == a))
                .toArray();
    }

    /** The permutation that undoes another one. */
    static int[] inverse(int[] perm) {
        int[] back = new int[perm.length];
        for (int i = 0; i < perm.length; i++) {
            back[perm[i]] = i;
        }
        return back;
    }

    // Operators

    Value make(Op op, Value... operands) {
        return sink.add(op, Arrays.asList(operands), 1).getFirst();
    }

    List<Value> make(Op op, List<Value> operands, int results) {
        return sink.add(op, operands, results);
    }

    Value constant(Tensor tensor) {
        return sink.constant(tensor);
    }

    Value number(Value like, double x) {
        return constant(Tensor.convert(dtype(like), new double[] {x}, new long[0]));
    }

    Value integers(long... values) {
        return constant(Tensor.of(values));
    }

    private Value integers(int... values) {
        return integers(IntStream.of(values).asLongStream().toArray());
    }

    // Elements

    Value add(Value a, Value b) {
        return make(new Add(), a, b);
    }

    Value add(Value a, double b) {
        return b == 0 ? a : add(a, number(a, b));
    }

    Value sub(Value a, Value b) {
        return make(new Sub(), a, b);
    }

    Value sub(double a, Value b) {
        return sub(number(b, a), b);
    }

    Value mul(Value a, Value b) {
        return make(new Mul(), a, b);
    }

    Value mul(Value a, double b) {
        return b == 1 ? a : mul(a, number(a, b));
    }

    Value div(Value a, Value b) {
        return make(new Div(), a, b);
    }

    Value div(double a, Value b) {
        return div(number(b, a), b);
    }

    Value neg(Value a) {
        return make(new Neg(), a);
    }

    Value square(Value a) {
        return mul(a, a);
    }

    Value sqrt(Value a) {
        return make(new Sqrt(), a);
    }

    Value exp(Value a) {
        return make(new Exp(), a);
    }

    Value abs(Value a) {
        return make(new Abs(), a);
    }

    /** The comparison of a value with a number, such as a mask. */
    Value compare(Op comparison, Value a, double b) {
        return make(comparison, a, number(a, b));
    }

    Value where(Value condition, Value a, Value b) {
        return make(new Where(), condition, a, b);
    }

    /** The value where a condition holds, elsewhere 0. */
    Value masked(Value condition, Value a) {
        return where(condition, a, number(a, 0));
    }

    Value cast(Value a, DType type) {
        return dtype(a) == type ? a : make(new Cast(type), a);
    }

    // Sums and products

    /** The sum over axes, which stay as dimensions of 1. */
    Value sum(Value v, int... axes) {
        return axes.length == 0 ? v : make(new ReduceSum(true, false), v, integers(axes));
    }

    /** The mean over axes, which stay as dimensions of 1. */
    Value mean(Value v, int... axes) {
        return axes.length == 0 ? v : make(new ReduceMean(true, false), v, integers(axes));
    }

    /** The sum over all places to which broadcasting repeats an operand of the given dimensions. */
    Value sumTo(Value v, long... to) {
        long[] from = dims(v);
        if (Arrays.equals(from, to)) {
            return v;
        }
        int added = from.length - to.length;
        int[] axes = IntStream.range(0, from.length)
                .filter(i -> i < added || added < 0 || to[i - added] == 1)
                .filter(i -> from[i] != 1)
                .toArray();
        return reshape(sum(v, axes), to);
    }

    Value matMul(Value a, Value b) {
        return make(new MatMul(), a, b);
    }

    // Moves

    Value reshape(Value v, long... dims) {
        return Arrays.equals(dims(v), dims) ? v : make(new Reshape(true), v, integers(dims));
    }

    /** The value with each of some axes as a dimension of 1 between the others. */
    Value unsqueeze(Value v, int... axes) {
        List<Long> dims = new ArrayList<>(LongStream.of(dims(v)).boxed().toList());
        for (int axis : axes) {
            dims.add(axis, 1L);
        }
        return reshape(v, dims.stream().mapToLong(Long::longValue).toArray());
    }

    Value expand(Value v, long... dims) {
        return Arrays.equals(dims(v), dims) ? v : make(new Expand(), v, integers(dims));
    }

    Value zeros(Value like, long... dims) {
        return expand(number(like, 0), dims);
    }

    Value transpose(Value v, int... perm) {
        boolean moves = IntStream.range(0, perm.length).anyMatch(i -> perm[i] != i);
        return moves ? make(new Transpose(IntStream.of(perm).boxed().toList()), v) : v;
    }

    /** Each matrix of a stack transposed. */
    Value transposed(Value v) {
        int[] perm = axesBut(rank(v));
        perm[perm.length - 2] = perm.length - 1;
        perm[perm.length - 1] = perm.length - 2;
        return transpose(v, perm);
    }

    /** The elements of an axis from one index to before another. */
    Value slice(Value v, int axis, long from, long to) {
        return from == 0 && to == dims(v)[axis]
                ? v
                : make(new Slice(), v, integers(from), integers(to), integers((long) axis));
    }

    /** The elements of an axis in the opposite order. */
    Value reversed(Value v, int axis) {
        return make(new Slice(), v, integers(-1L), integers(Long.MIN_VALUE), integers((long) axis), integers(-1L));
    }

    /** Zeros before and after an axis; negative numbers take elements away. */
    Value pad(Value v, int axis, long before, long after) {
        return before == 0 && after == 0
                ? v
                : make(new Pad(Pad.Mode.CONSTANT), v, integers(before, after), null, integers((long) axis));
    }

    Value concat(int axis, List<Value> parts) {
        return parts.size() == 1 ? parts.getFirst() : make(new Concat(axis), parts.toArray(Value[]::new));
    }
}
