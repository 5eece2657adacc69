package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scales each channel by a gate that depends on all channels: {@code x * excite(W2 squeeze(W1 mean(x) + B1) + B2)}. The
 * mean is that of a channel's plane. See J. Hu, L. Shen, G. Sun, Squeeze-and-Excitation Networks (2018). The weights
 * are those of convolutions with windows of one element. In the attributes, {@code squeeze} and {@code excite} name the
 * functions. The name of a function's own attribute begins with that word, such as {@code excite.alpha}.
 *
 * @param squeeze the function of the product by the first weights
 * @param excite the function that makes gates of the product by the second weights
 */
public record SqueezeExcite(UnaryFunction squeeze, UnaryFunction excite) implements Composite {
    /**
     * Inputs X [n, c, ...], W1 [m, c, 1, ...], W2 [c, m, 1, ...] and optionally B1 [m] and B2 [c]; output Y as X.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "SqueezeExcite")
            .input("X", "T")
            .input("W1", "T")
            .input("W2", "T")
            .optional("B1", "T")
            .optional("B2", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS);

    /** The index of the first bias among the operands. */
    public static final int FIRST_BIAS = 3;

    /** The index of the second bias among the operands. */
    public static final int SECOND_BIAS = 4;

    private static final String SQUEEZE = "squeeze";
    private static final String EXCITE = "excite";
    private static final Conv CONV = Conv.of(Attributes.none());

    /**
     * Checks the functions.
     *
     * @param squeeze the function of the product by the first weights
     * @param excite the function that makes gates of the product by the second weights
     * @throws InvalidOperandException if one of them is no operator of the standard
     */
    public SqueezeExcite {
        for (UnaryFunction function : List.of(squeeze, excite)) {
            if (!MathOperators.set().contains(function)) {
                throw invalid("function " + function.schema());
            }
        }
    }

    private static InvalidOperandException invalid(String found) {
        return new InvalidOperandException(
                SCHEMA.qualifiedName(), found, "element-wise functions of one operand", null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if they do not name functions, or do not fit the functions
     */
    public static SqueezeExcite of(Attributes a) {
        return new SqueezeExcite(function(a, SQUEEZE), function(a, EXCITE));
    }

    private static UnaryFunction function(Attributes a, String role) {
        Map<String, Object> own = new HashMap<>();
        String prefix = role + ".";
        a.asMap().forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                own.put(name.substring(prefix.length()), value);
            }
        });
        String name = a.string(role, "");
        Op op = MathOperators.set()
                .find("", name)
                .map(definition -> (Op) definition.create(Attributes.none().withAll(own)))
                .orElseThrow(() -> invalid(role + " " + name));
        if (op instanceof UnaryFunction function) {
            return function;
        }
        throw invalid(role + " " + name);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public String title() {
        return SCHEMA.name();
    }

    @Override
    public Attributes attributes() {
        Map<String, Object> all = new HashMap<>();
        put(all, SQUEEZE, squeeze);
        put(all, EXCITE, excite);
        return Attributes.none().withAll(all);
    }

    private static void put(Map<String, Object> all, String role, UnaryFunction function) {
        all.put(role, function.schema().name());
        function.attributes().asMap().forEach((name, value) -> all.put(role + "." + name, value));
    }

    /** {@inheritDoc} The bounds of all steps, relative to the largest value that occurs, are added up. */
    @Override
    public Numerics numerics() {
        double ulps = 0;
        double terms = 0;
        for (Composition.Step step : steps(SCHEMA.inputs().size())) {
            Numerics n = step.op().numerics();
            ulps += n.ulps();
            terms += n.terms() + n.ulps();
        }
        return new Numerics(ulps, terms);
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        Dim read = dim(types.get(1), 1);
        Dim made = dim(types.get(2), 0);
        if (read != null && made != null && read.isKnown() && made.isKnown() && !read.equals(made)) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "W2 " + types.get(2), read + " gates, as many as there are channels", null);
        }
        int inputs = types.size();
        List<Composition.Step> steps = new ArrayList<>();
        for (Composition.Step step : steps(inputs)) {
            List<Integer> operands = new ArrayList<>(step.operands());
            operands.removeIf(i -> i < inputs && types.get(i) == null);
            steps.add(new Composition.Step(step.op(), operands, 1));
        }
        return new Composition(inputs, List.of(), steps, List.of(inputs + steps.size() - 1));
    }

    private static Dim dim(ValueType type, int axis) {
        return type instanceof TensorType t && t.shape().hasRank() && t.shape().rank() > axis
                ? t.shape().dim(axis)
                : null;
    }

    /** The operators, with the numbers of their operands; the results are numbered after the inputs. */
    private List<Composition.Step> steps(int inputs) {
        List<Integer> first = new ArrayList<>(List.of(inputs, 1));
        List<Integer> second = new ArrayList<>(List.of(inputs + 2, 2));
        if (inputs > FIRST_BIAS) {
            first.add(FIRST_BIAS);
        }
        if (inputs > SECOND_BIAS) {
            second.add(SECOND_BIAS);
        }
        return List.of(
                new Composition.Step(new GlobalAveragePool(), List.of(0), 1),
                new Composition.Step(CONV, first, 1),
                new Composition.Step(squeeze, List.of(inputs + 1), 1),
                new Composition.Step(CONV, second, 1),
                new Composition.Step(excite, List.of(inputs + 3), 1),
                new Composition.Step(new Mul(), List.of(0, inputs + 4), 1));
    }
}
