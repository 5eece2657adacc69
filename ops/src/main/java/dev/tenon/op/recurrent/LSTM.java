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
import java.util.function.Consumer;

/**
 * Long short-term memory. With f the logistic function, g and h tanh unless other functions are given:
 *
 * <pre>
 * i = f(X Wi^T + H Ri^T + Pi * C + Wbi + Rbi)
 * r = f(X Wf^T + H Rf^T + Pf * C + Wbf + Rbf), or 1 - i where the gates are coupled
 * c = g(X Wc^T + H Rc^T + Wbc + Rbc)
 * C' = r * C + i * c
 * o = f(X Wo^T + H Ro^T + Po * C' + Wbo + Rbo)
 * H' = o * h(C')</pre>
 *
 * The weights hold the gates in the order i, o, f, c; the peepholes in the order i, o, f. The clip bounds the arguments
 * of f and g, not that of h. Sequences end as those of {@link RNN} do.
 *
 * @param recurrence direction, size, activations, clip, layout
 * @param inputForget whether the forget gate is 1 less the input gate
 */
public record LSTM(RecurrentAttributes recurrence, boolean inputForget) implements Op {
    /**
     * Inputs and outputs of {@link RNN} with four gates; initial_c and Y_c like initial_h and Y_h; P [directions, 3
     * hidden].
     */
    public static final OpSchema SCHEMA = OpSchema.of("LSTM")
            .input("X", "T")
            .input("W", "T")
            .input("R", "T")
            .optional("B", "T")
            .optional("sequence_lens", "L")
            .optional("initial_h", "T")
            .optional("initial_c", "T")
            .optional("P", "T")
            .optionalOutput("Y", "T")
            .optionalOutput("Y_h", "T")
            .optionalOutput("Y_c", "T")
            .where("T", Types.FLOATS)
            .where("L", Types.set(DType.INT32))
            .numerics(Recurrence.NUMERICS);

    private static final List<String> FUNCTIONS = List.of("Sigmoid", "Tanh", "Tanh");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static LSTM of(Attributes a) {
        return new LSTM(RecurrentAttributes.of("LSTM", a, FUNCTIONS.size()), a.flag("input_forget", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return recurrence.attributes().unless("input_forget", inputForget, false);
    }

    /**
     * The functions of the gates.
     *
     * @return f, g and h for each direction, the first direction first
     */
    public List<GateActivation> functions() {
        return recurrence.functions("LSTM", FUNCTIONS);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return new Recurrence(recurrence).infer(c, 4, 2);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return new Recurrence(recurrence).run(in, "LSTM", FUNCTIONS, 2, this::cell);
    }

    /** Like {@link #reference}, but a function changes the hidden states of all sequences before each step. */
    List<Datum> run(Operands in, Consumer<List<double[]>> change) {
        return new Recurrence(recurrence).run(in, "LSTM", FUNCTIONS, 2, this::cell, change);
    }

    private Recurrence.Cell cell(Recurrence.Weights weights, List<GateActivation> functions) {
        int n = weights.hidden();
        double[] peepholes = weights.peepholes() == null ? new double[3 * n] : weights.peepholes();
        double[] next = new double[n];
        return (x, h, c) -> {
            for (int k = 0; k < n; k++) {
                double i = functions.get(0).at(gate(weights, k, x, h, peepholes[k] * c[k]));
                double forget = inputForget
                        ? 1 - i
                        : functions.get(0).at(gate(weights, 2 * n + k, x, h, peepholes[2 * n + k] * c[k]));
                double candidate = functions.get(1).at(gate(weights, 3 * n + k, x, h, 0));
                c[k] = forget * c[k] + i * candidate;
                double o = functions.get(0).at(gate(weights, n + k, x, h, peepholes[n + k] * c[k]));
                next[k] = o * functions.get(2).at(c[k]);
            }
            System.arraycopy(next, 0, h, 0, n);
        };
    }

    private double gate(Recurrence.Weights weights, int row, double[] x, double[] h, double peephole) {
        return recurrence.clipped(weights.input(row, x) + weights.state(row, h) + peephole);
    }
}
