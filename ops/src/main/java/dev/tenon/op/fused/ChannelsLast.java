package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator on channels of planes, one of {@link #OPERATORS}. Its first input and its output have their channels
 * last, {@code [n, ..., c]} instead of {@code [n, c, ...]}. Its other inputs, such as weights, are those of the
 * operator itself. The attributes are those of the operator, and {@code op}, its name.
 *
 * @param op the operator
 */
public record ChannelsLast(Op op) implements Composite {
    /** Operators that can have their channels last. */
    public static final OpSet OPERATORS = operators();

    /** Any inputs, one output. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.TENON, "ChannelsLast").variadic("inputs", "*").output("output", "*");

    private static final String OP = "op";

    /**
     * Checks the operator.
     *
     * @param op the operator
     * @throws InvalidOperandException if it is none of {@link #OPERATORS}
     */
    public ChannelsLast {
        if (!OPERATORS.contains(op)) {
            throw invalid("operator " + op.schema());
        }
    }

    /**
     * Dimensions with channels last as those with channels first.
     *
     * @param dims the dimensions, two or more
     * @return a new array
     */
    public static long[] channelsFirst(long[] dims) {
        long[] result = new long[dims.length];
        result[0] = dims[0];
        result[1] = dims[dims.length - 1];
        System.arraycopy(dims, 1, result, 2, dims.length - 2);
        return result;
    }

    private static OpSet operators() {
        return OpSet.of(
                OpDefinition.op(Conv.SCHEMA, Conv.class, Conv::of),
                OpDefinition.op(ConvTranspose.SCHEMA, ConvTranspose.class, ConvTranspose::of),
                OpDefinition.op(MaxPool.SCHEMA, MaxPool.class, MaxPool::of),
                OpDefinition.op(AveragePool.SCHEMA, AveragePool.class, AveragePool::of),
                OpDefinition.op(new GlobalAveragePool()),
                OpDefinition.op(new GlobalMaxPool()),
                OpDefinition.op(SqueezeExcite.SCHEMA, SqueezeExcite.class, SqueezeExcite::of),
                OpDefinition.op(ConvInteger.SCHEMA, ConvInteger.class, ConvInteger::of),
                OpDefinition.op(QLinearConv.SCHEMA, QLinearConv.class, QLinearConv::of),
                OpDefinition.op(QLinearAveragePool.SCHEMA, QLinearAveragePool.class, QLinearAveragePool::of));
    }

    private static InvalidOperandException invalid(String found) {
        return new InvalidOperandException(
                SCHEMA.qualifiedName(), found, "convolution, transposed or not, pooling or SqueezeExcite", null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if they do not make an operator as the class comment says
     */
    public static ChannelsLast of(Attributes a) {
        String name = a.string(OP, "");
        return OPERATORS
                .find("", name)
                .or(() -> OPERATORS.find(SCHEMA.domain(), name))
                .or(() -> OPERATORS.find(QLinearAveragePool.SCHEMA.domain(), name))
                .map(definition -> new ChannelsLast(definition.create(a)))
                .orElseThrow(() -> invalid("operator " + name));
    }

    /**
     * The permutation that moves channels to the end.
     *
     * @param rank the number of dimensions, at least 2
     * @return the transposition from [n, c, ...] to [n, ..., c]
     */
    public static Transpose toLast(int rank) {
        List<Integer> perm = new ArrayList<>();
        perm.add(0);
        for (int i = 2; i < rank; i++) {
            perm.add(i);
        }
        perm.add(1);
        return new Transpose(perm);
    }

    /**
     * The permutation that moves channels back to the second place.
     *
     * @param rank the number of dimensions, at least 2
     * @return the transposition from [n, ..., c] to [n, c, ...]
     */
    public static Transpose toFirst(int rank) {
        List<Integer> perm = new ArrayList<>();
        perm.add(0);
        perm.add(rank - 1);
        for (int i = 1; i < rank - 1; i++) {
            perm.add(i);
        }
        return new Transpose(perm);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public String title() {
        return op.title() + "@last";
    }

    @Override
    public Attributes attributes() {
        return op.attributes().with(OP, op.schema().name());
    }

    @Override
    public Numerics numerics() {
        return op.numerics();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() == 0 || !c.has(0)) {
            throw c.error("no first input", "planes", null);
        }
        Shape x = c.shape(0);
        if (x.hasRank() && x.rank() < 2) {
            throw c.error("shape " + x, "instances, perhaps spatial dimensions, channels", null);
        }
        List<InferContext.Operand> operands = new ArrayList<>();
        operands.add(new InferContext.Operand(new TensorType(c.dtype(0), turned(x, true))));
        for (int i = 1; i < c.inputCount(); i++) {
            operands.add(c.has(i) ? new InferContext.Operand(c.type(i), c.constant(i), c.symbolic(i)) : null);
        }
        InferContext own = c.part(op, operands, 1);
        op.schema().check(own);
        TensorType y = (TensorType) op.infer(own).getFirst();
        return List.of(new TensorType(y.dtype(), turned(y.shape(), false)));
    }

    private static Shape turned(Shape shape, boolean first) {
        if (!shape.hasRank()) {
            return shape;
        }
        int rank = shape.rank();
        List<Dim> dims = new ArrayList<>();
        for (int p : (first ? toFirst(rank) : toLast(rank)).perm()) {
            dims.add(shape.dim(p));
        }
        return Shape.of(dims);
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int rank = types.getFirst() instanceof TensorType t && t.shape().hasRank()
                ? t.shape().rank()
                : -1;
        if (rank < 2) {
            throw new InvalidOperandException(
                    title(), "an input of type " + types.getFirst(), "a known rank, 2 or more", null);
        }
        int inputs = types.size();
        List<Integer> operands = new ArrayList<>();
        operands.add(inputs);
        for (int i = 1; i < inputs; i++) {
            operands.add(types.get(i) == null ? Fused.ABSENT : i);
        }
        return new Composition(
                inputs,
                List.of(),
                List.of(
                        new Composition.Step(toFirst(rank), List.of(0), 1),
                        new Composition.Step(op, operands, 1),
                        new Composition.Step(toLast(rank), List.of(inputs + 1), 1)),
                List.of(inputs + 2));
    }
}
