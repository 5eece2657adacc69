package dev.tenon.op.recurrent;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Gated recurrent unit. With f the logistic function and g tanh unless other functions are given:
 *
 * <pre>
 * z = f(X Wz^T + H Rz^T + Wbz + Rbz)
 * r = f(X Wr^T + H Rr^T + Wbr + Rbr)
 * h = g(X Wh^T + (r * H) Rh^T + Rbh + Wbh), or
 * h = g(X Wh^T + r * (H Rh^T + Rbh) + Wbh) with linearBeforeReset
 * H' = (1 - z) * h + z * H</pre>
 *
 * The weights hold the gates in the order z, r, h. Sequences end as those of {@link RNN} do.
 *
 * @param recurrence direction, size, activations, clip, layout
 * @param linearBeforeReset whether the reset gate is applied to the product with the weights instead of to the state
 */
public record GRU(RecurrentAttributes recurrence, boolean linearBeforeReset) implements Op {
    /** Inputs and outputs of {@link RNN} with three gates. */
    public static final OpSchema SCHEMA = OpSchema.of("GRU")
            .input("X", "T")
            .input("W", "T")
            .input("R", "T")
            .optional("B", "T")
            .optional("sequence_lens", "L")
            .optional("initial_h", "T")
            .optionalOutput("Y", "T")
            .optionalOutput("Y_h", "T")
            .where("T", Types.FLOATS)
            .where("L", Types.set(DType.INT32))
            .numerics(Recurrence.NUMERICS);

    private static final List<String> FUNCTIONS = List.of("Sigmoid", "Tanh");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static GRU of(Attributes a) {
        return new GRU(RecurrentAttributes.of("GRU", a, FUNCTIONS.size()), a.flag("linear_before_reset", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return recurrence.attributes().unless("linear_before_reset", linearBeforeReset, false);
    }

    /**
     * The functions of the gates.
     *
     * @return f and g for each direction, the first direction first
     */
    public List<GateActivation> functions() {
        return recurrence.functions("GRU", FUNCTIONS);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return new Recurrence(recurrence).infer(c, 3, 1);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return new Recurrence(recurrence).run(in, "GRU", FUNCTIONS, 1, this::cell);
    }

    private Recurrence.Cell cell(Recurrence.Weights weights, List<GateActivation> functions) {
        int n = weights.hidden();
        double[] update = new double[n];
        double[] reset = new double[n];
        double[] kept = new double[n];
        double[] next = new double[n];
        return (x, h, c) -> {
            for (int k = 0; k < n; k++) {
                update[k] = functions.get(0).at(recurrence.clipped(weights.input(k, x) + weights.state(k, h)));
                reset[k] = functions.get(0).at(recurrence.clipped(weights.input(n + k, x) + weights.state(n + k, h)));
                kept[k] = reset[k] * h[k];
            }
            for (int k = 0; k < n; k++) {
                double state =
                        linearBeforeReset ? reset[k] * weights.state(2 * n + k, h) : weights.state(2 * n + k, kept);
                double candidate = functions.get(1).at(recurrence.clipped(weights.input(2 * n + k, x) + state));
                next[k] = (1 - update[k]) * candidate + update[k] * h[k];
            }
            System.arraycopy(next, 0, h, 0, n);
        };
    }
}
