package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Types;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of a statically quantised model: queries, keys, values and probabilities are rounded to integers times a scale before
 * they are multiplied, as QuantizeLinear and DequantizeLinear do it. All heads see all keys.
 *
 * @param heads the number of heads if one operand holds queries, keys and values; null if they are three operands
 * @param scale the factor of the products of queries and keys
 * @param queries how queries are rounded
 * @param keys how keys are rounded
 * @param values how values are rounded
 * @param probabilities how probabilities are rounded
 */
public record RoundedAttention(
        Long heads, float scale, Rounding queries, Rounding keys, Rounding values, Rounding probabilities)
        implements Composite {
    /**
     * Integers times a scale. A number is divided by the scale, limited and rounded to the nearest integer, ties to even, and
     * multiplied by the scale again. NaN becomes the least number.
     *
     * @param scale the scale, above 0
     * @param least the least integer, at most 0
     * @param greatest the greatest integer, at least 0
     */
    public record Rounding(float scale, float least, float greatest) {
        private static final int MOST = 1 << 16;

        /**
         * Checks the numbers.
         *
         * @param scale the scale
         * @param least the least integer
         * @param greatest the greatest integer
         * @throws InvalidOperandException if they are no such numbers
         */
        public Rounding {
            boolean whole = least == Math.rint(least) && greatest == Math.rint(greatest);
            boolean bounded = least >= -MOST && least <= 0 && greatest >= 0 && greatest <= MOST;
            if (!whole || !bounded || !(scale > 0) || !Float.isFinite(scale)) {
                throw invalid(
                        "rounding by " + scale + " from " + least + " to " + greatest,
                        "a scale above 0, integers from " + -MOST + " to 0 and from 0 to " + MOST);
            }
        }

        private List<Float> numbers() {
            return List.of(scale, least, greatest);
        }

        private static Rounding of(Attributes a, String name) {
            List<Float> numbers = a.reals(name, List.of());
            if (numbers.size() != 3) {
                throw invalid(name + " " + numbers, "a scale, the least integer and the greatest one");
            }
            return new Rounding(numbers.get(0), numbers.get(1), numbers.get(2));
        }
    }

    // As those of Attention: the exponential enlarges the error that scores have from their sums.
    private static final Numerics NUMERICS = new Numerics(70, 64);

    /**
     * Inputs Q, K and V [batch, heads, length, size] and output Y like Q; or one input QKV [batch, length, 3 * heads * size] and
     * output Y [batch, length, heads * size].
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "RoundedAttention")
            .input("Q", "T")
            .optional("K", "T")
            .optional("V", "T")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .numerics(NUMERICS);

    private static final int PARTS = 3;
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);
    private static final List<Integer> KEYS_TRANSPOSED = List.of(0, 1, 3, 2);

    /**
     * Checks the numbers.
     *
     * @param heads the number of heads, or null
     * @param scale the factor of the products
     * @param queries how queries are rounded
     * @param keys how keys are rounded
     * @param values how values are rounded
     * @param probabilities how probabilities are rounded
     * @throws InvalidOperandException if a number is not allowed
     */
    public RoundedAttention {
        if (heads != null && heads < 1) {
            throw invalid(heads + " heads", "1 and above");
        }
        if (!Float.isFinite(scale)) {
            throw invalid("scale " + scale, "a finite number");
        }
    }

    private static InvalidOperandException invalid(String found, String allowed) {
        return new InvalidOperandException(SCHEMA.qualifiedName(), found, allowed, null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if one is not allowed
     */
    public static RoundedAttention of(Attributes a) {
        return new RoundedAttention(
                a.has("heads") ? (Long) a.integer("heads", 1) : null,
                a.real("scale", 1),
                Rounding.of(a, "queries"),
                Rounding.of(a, "keys"),
                Rounding.of(a, "values"),
                Rounding.of(a, "probabilities"));
    }

    /**
     * The same attention of one operand that holds queries, keys and values.
     *
     * @param number the number of heads
     * @return the operator
     */
    public RoundedAttention ofOneOperand(long number) {
        return new RoundedAttention(number, scale, queries, keys, values, probabilities);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("heads", heads)
                .with("scale", scale)
                .with("queries", queries.numbers())
                .with("keys", keys.numbers())
                .with("values", values.numbers())
                .with("probabilities", probabilities.numbers());
    }

    /**
     * The size of a head of one operand that holds all.
     *
     * @param width the last dimension of the operand
     * @return the number of elements
     * @throws InvalidOperandException if the width is no multiple of all heads
     */
    public long size(long width) {
        return PackedHeads.size(SCHEMA, width, PARTS * heads);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        boolean joined = heads != null;
        if (joined == c.has(1) || joined == c.has(2)) {
            throw invalid(
                    c.inputCount() + " operands " + (joined ? "with" : "without") + " a number of heads",
                    "one operand and a number of heads, or three");
        }
        OperandShape shape = OperandShape.of(c, 0).rank(joined ? 3 : 4);
        if (!joined || shape.dim(2).isKnown()) {
            return Composite.super.infer(c);
        }
        return List.of(new TensorType(
                c.dtype(0),
                Shape.of(OperandShape.orFresh(c, shape.dim(0)), OperandShape.orFresh(c, shape.dim(1)), c.freshDim())));
    }

    /** Steps and constants that are numbered as they are added: constants by negative numbers until their count is known. */
    private static final class Steps {
        private final List<Composition.Step> list = new ArrayList<>();
        private final List<Tensor> constants = new ArrayList<>();
        private final int inputs;
        private int values;

        private Steps(int inputs) {
            this.inputs = inputs;
        }

        private int constant(Tensor t) {
            constants.add(t);
            return -constants.size();
        }

        private int add(Op op, Integer... operands) {
            list.add(new Composition.Step(op, List.of(operands), 1));
            return inputs + values++;
        }

        private int addAll(Op op, int outputs, Integer... operands) {
            list.add(new Composition.Step(op, List.of(operands), outputs));
            values += outputs;
            return inputs + values - outputs;
        }

        private int rounded(int x, Rounding r) {
            int unit = constant(Tensor.scalar(r.scale));
            int least = constant(Tensor.scalar(r.least));
            int whole = add(new Round(), add(new Div(), x, unit));
            int positive = add(new ThresholdedRelu(0), add(new Sub(), whole, least));
            int clipped = add(new Min(), positive, constant(Tensor.scalar(r.greatest - r.least)));
            return add(new Mul(), add(new Add(), clipped, least), unit);
        }

        private int number(int given) {
            return given < 0 ? inputs - 1 - given : given < inputs ? given : given + constants.size();
        }

        private Composition end(int result) {
            List<Composition.Step> numbered = new ArrayList<>();
            for (Composition.Step step : list) {
                List<Integer> operands =
                        step.operands().stream().map(this::number).toList();
                numbered.add(new Composition.Step(step.op(), operands, step.outputs()));
            }
            return new Composition(inputs, constants, numbered, List.of(number(result)));
        }
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        Steps s = new Steps(types.size());
        if (heads == null) {
            return s.end(attended(s, 0, 1, 2));
        }
        long size = size(PackedHeads.width(SCHEMA, types));
        long width = heads * size;
        int first = s.addAll(new Split(2, 0), PARTS, 0, s.constant(Tensor.of(new long[] {width, width, width})));
        int apart = s.constant(Tensor.of(new long[] {0, 0, heads, size}));
        int[] parts = new int[PARTS];
        for (int i = 0; i < PARTS; i++) {
            parts[i] = s.add(new Transpose(HEADS_FIRST), s.add(new Reshape(false), first + i, apart));
        }
        int y = s.add(new Transpose(HEADS_FIRST), attended(s, parts[0], parts[1], parts[2]));
        return s.end(s.add(new Reshape(false), y, s.constant(Tensor.of(new long[] {0, 0, width}))));
    }

    private int attended(Steps s, int q, int k, int v) {
        int turned = s.add(new Transpose(KEYS_TRANSPOSED), s.rounded(k, keys));
        int products = s.add(new MatMul(), s.rounded(q, queries), turned);
        int scores = s.add(new Mul(), products, s.constant(Tensor.scalar(scale)));
        int likely = s.rounded(s.add(new Softmax(-1), scores), probabilities);
        return s.add(new MatMul(), likely, s.rounded(v, values));
    }
}
