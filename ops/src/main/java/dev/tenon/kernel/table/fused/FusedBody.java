package dev.tenon.kernel.table.fused;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.table.elementwise.TileChainBuilder;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * The element-wise operators after the anchor of a {@link Fused} operator, and the forms in which kernels apply them: an addend
 * for each column or channel, scales, a residual, bounds, and a chain of loops for whatever is left. Parts are numbered from 0.
 * A form that the parts do not have is -1 or null.
 */
public final class FusedBody {
    /** With rows of more elements, calls of loops matter less than another pass over the result. */
    private static final int MAX_ROW = 128;

    private final Fused op;
    private final int parts;
    private final List<TensorType> types;
    private final KernelRequest step;

    /**
     * The body of an operator.
     *
     * @param op the operator, with an anchor that is no row-wise one
     * @param types the types of its values
     * @param step its operands
     */
    FusedBody(Fused op, List<TensorType> types, KernelRequest step) {
        this(op, op.body().size(), types, step);
    }

    private FusedBody(Fused op, int parts, List<TensorType> types, KernelRequest step) {
        this.op = op;
        this.parts = parts;
        this.types = types;
        this.step = step;
    }

    /** {@return the number of operators} */
    public int parts() {
        return parts;
    }

    /** {@return the number of inputs, which is the index of the result among the operands of the kernel} */
    public int inputs() {
        return op.inputs();
    }

    /** {@return the types of the operator's values: its inputs, the anchor's result, those of the parts} */
    public List<TensorType> types() {
        return types;
    }

    /** {@return the machine} */
    public boolean hasMachineCode() {
        return step.capabilities().hasMachineCode();
    }

    /** {@return whether the result has the type of the anchor's} */
    public boolean keepsType() {
        return types.get(op.inputs()).equals(types.getLast());
    }

    /**
     * The first operators of the body.
     *
     * @param count their number
     * @return a body of them
     */
    FusedBody head(int count) {
        Fused head = count == 0 || count == op.body().size()
                ? op
                : new Fused(op.inputs(), op.anchor(), op.body().subList(0, count));
        return new FusedBody(head, count, types.subList(0, op.inputs() + 1 + count), step);
    }

    /** {@return whether the first operator casts the anchor's integers to float32, and the result is float32 of the same shape} */
    public boolean castsToFloat() {
        int anchor = op.inputs();
        TensorType floats = new TensorType(DType.FLOAT32, types.get(anchor).shape());
        return parts > 0
                && op.body().getFirst().op() instanceof Cast
                && op.body().getFirst().operands().contains(anchor)
                && op.uses(anchor) == 1
                && types.get(anchor + 1).equals(floats)
                && types.getLast().equals(floats);
    }

    /**
     * The input that the first operator adds to the anchor's result, if the input has one element for each index of one axis,
     * and nothing else reads the anchor's result. An input that is no constant and has the shape of the result is none: with more
     * rows it is a residual, which is added to finished sums, and a row has the same bits alone.
     *
     * @param axis the axis of the result, counted from its end
     * @param length the length of the axis
     * @return the input, or -1
     */
    public int addend(int axis, int length) {
        int other = parts == 0 ? -1 : combined(0, Add.class);
        if (other < 0) {
            return -1;
        }
        Shape result = types.get(op.inputs()).shape();
        Shape shape = types.get(other).shape();
        boolean residual = shape.equals(result) && step.constant(other) == null;
        boolean fits = !residual
                && result.rank() >= -axis
                && result.dim(axis).value() == length
                && shape.rank() <= result.rank()
                && shape.rank() >= -axis
                && shape.knownElements() == length
                && shape.dim(axis).value() == length;
        return fits ? other : -1;
    }

    /**
     * The input that an operator adds to the result before it, if the input has the shape of that result and nothing else
     * reads the result.
     *
     * @param index the operator
     * @return the input, or -1
     */
    public int residual(int index) {
        int other = combined(index, Add.class);
        return other >= 0 && types.get(other).equals(types.get(op.inputs() + index)) ? other : -1;
    }

    /**
     * The bounds to which an operator clips the result before it, if that is all it does, and nothing else reads that result.
     *
     * @param index the operator
     * @return the bounds, or null
     */
    public Bounds bounds(int index) {
        if (index >= parts) {
            return null;
        }
        Fused.Part part = op.body().get(index);
        int before = op.inputs() + index;
        if (op.uses(before) != 1 || part.operands().getFirst() != before) {
            return null;
        }
        if (part.op() instanceof Relu) {
            return new Bounds(0, Float.POSITIVE_INFINITY);
        }
        if (!(part.op() instanceof Clip)) {
            return null;
        }
        float[] bounds = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
        for (int i = 1; i < part.operands().size(); i++) {
            int number = part.operands().get(i);
            Tensor bound = number == Fused.ABSENT || number >= op.inputs() ? null : step.constant(number);
            if (number != Fused.ABSENT && (bound == null || bound.size() != 1 || Float.isNaN(bound.getFloat(0)))) {
                return null;
            }
            bounds[i - 1] = bound == null ? bounds[i - 1] : bound.getFloat(0);
        }
        return new Bounds(bounds[0], bounds[1]);
    }

    /**
     * The operators from one on that kernels apply where they store sums.
     *
     * @param scale the number for all sums, or -1
     * @param columnScales the factors of the columns, or -1
     * @param columnAddends the addends of the columns, or -1
     * @param residual the tensor that is added, or -1
     * @param bounds the bounds, or null
     * @param end the index of the operator after them
     */
    public record Scaling(int scale, int columnScales, int columnAddends, int residual, Bounds bounds, int end) {
        /**
         * The operators as an epilogue.
         *
         * @param rest the operators after them, or null
         * @param pass all operators, for kernels that apply them after they have stored the sums
         * @return the epilogue
         */
        public TileEpilogue epilogue(TileEpilogue rest, TileEpilogue pass) {
            return new ScaledEpilogue(scale, columnScales, columnAddends, residual, bounds, rest, pass);
        }
    }

    /**
     * The operators from one on that scale sums, as far as there are any.
     *
     * @param first the first operator
     * @param columns the number of columns
     * @return the operators
     */
    public Scaling scaling(int first, int columns) {
        int next = first;
        int scale = operand(next, Mul.class, 1);
        next += scale < 0 ? 0 : 1;
        int columnScales = operand(next, Mul.class, columns);
        next += columnScales < 0 ? 0 : 1;
        int columnAddends = operand(next, Add.class, columns);
        next += columnAddends < 0 ? 0 : 1;
        int residual = residual(next);
        next += residual < 0 ? 0 : 1;
        Bounds bounds = bounds(next);
        next += bounds == null ? 0 : 1;
        return new Scaling(scale, columnScales, columnAddends, residual, bounds, next);
    }

    /** The input that an operator combines with the result before it, if it has one element or one for each column; or -1. */
    private int operand(int index, Class<? extends Op> kind, int length) {
        int other = combined(index, kind);
        if (other < 0) {
            return -1;
        }
        Shape shape = types.get(other).shape();
        boolean fits = shape.rank() <= types.get(op.inputs() + index).shape().rank()
                && shape.knownElements() == length
                && (length == 1 || shape.dim(-1).value() == length);
        return fits ? other : -1;
    }

    /** The input that an operator combines with the result before it, if nothing else reads that result; or -1. */
    private int combined(int index, Class<? extends Op> kind) {
        int before = op.inputs() + index;
        if (index >= parts
                || !kind.isInstance(op.body().get(index).op())
                || !op.body().get(index).operands().contains(before)
                || op.uses(before) != 1) {
            return -1;
        }
        List<Integer> operands = op.body().get(index).operands();
        int other = operands.get(operands.getFirst() == before ? 1 : 0);
        return other < op.inputs() ? other : -1;
    }

    /**
     * The operators from one on, as the epilogue of a kernel.
     *
     * @param first the first operator
     * @return the epilogue; null if no operator is left, or if one has no loop
     */
    public TileEpilogue epilogue(int first) {
        TileChainBuilder chain = first == parts ? null : chain(first);
        return chain == null ? null : chain.build(true);
    }

    /**
     * The operators from one on, in the form that kernels apply where they store sums: a residual, then bounds.
     *
     * @param first the first operator
     * @param pass all of them, for kernels that apply them after they have stored the sums
     * @return the epilogue; null if they are anything else
     */
    public StoreEpilogue store(int first, TileEpilogue pass) {
        int residual = residual(first);
        int next = residual < 0 ? first : first + 1;
        Bounds bounds = bounds(next);
        next += bounds == null ? 0 : 1;
        return next == parts ? new StoreEpilogue(residual, bounds, pass) : null;
    }

    /**
     * Adds all operators to a chain.
     *
     * @param chain the chain
     * @return false if one has no loop
     */
    public boolean addTo(TileChainBuilder chain) {
        return chain.addBody(op, 0);
    }

    /**
     * The operators from one on, as a stage after the kernel of the anchor that works on the result in its place. A pass over
     * finished blocks calls each loop once for each row of a block, if an operand is a row that is the same for all; a stage puts
     * such rows beside each other and calls a loop once for many of them. It pays where rows are short, even if the result has to
     * be read from memory once more.
     *
     * @param first the first operator
     * @return the kernel of the stage; null if it does not pay
     */
    Kernel stage(int first) {
        Shape result = types.getLast().shape();
        boolean pays = parts - first > 1
                && result.rank() > 1
                && result.knownElements() > 0
                && result.dim(-1).value() <= MAX_ROW
                && readsRows(first);
        TileChainBuilder chain = pays ? chain(first) : null;
        return chain == null ? null : new TileChainKernel(chain.build(false), chain.picos());
    }

    /** A chain of the operators from one on, which read the results before them in place; null if one has no loop. */
    private TileChainBuilder chain(int first) {
        TileChainBuilder chain = new TileChainBuilder(types, types.getLast(), op.inputs(), step.capabilities());
        chain.withConstants(constants(op, step));
        for (int i = 0; i <= first; i++) {
            chain.readFromResult(op.inputs() + i);
        }
        return chain.addBody(op, first) ? chain : null;
    }

    /** Whether an operator reads an input that has neither one element nor as many as the result. */
    private boolean readsRows(int first) {
        long elements = types.getLast().shape().knownElements();
        for (Fused.Part part : op.body().subList(first, parts)) {
            for (int operand : part.operands()) {
                long own = operand < 0 || operand >= op.inputs()
                        ? 1
                        : types.get(operand).shape().knownElements();
                if (own != 1 && own != elements) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The constants among the inputs of an operator, null for others. */
    static List<Tensor> constants(Fused op, KernelRequest step) {
        List<Tensor> constants = new ArrayList<>();
        for (int i = 0; i < op.inputs(); i++) {
            constants.add(step.constant(i));
        }
        return constants;
    }
}
