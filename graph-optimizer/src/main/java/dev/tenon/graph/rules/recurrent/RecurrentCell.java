package dev.tenon.graph.rules.recurrent;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rules.recurrent.LinearTerms.Linear;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.recurrent.RecurrentAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A step of LSTM, GRU or RNN, found in the body of a loop.
 *
 * @param kind the operator
 * @param hidden the index of the hidden state among the carried values
 * @param gates the arguments of the gates, in the order of the operator
 * @param stateBias the bias of the product of the last gate with the state, null if there is none
 */
record RecurrentCell(Kind kind, int hidden, List<Linear> gates, double[] stateBias) {
    /** The operators, and their variants. */
    enum Kind {
        LSTM,
        GRU,
        GRU_LINEAR,
        RNN,
        RNN_RELU
    }

    private static final int MAX_TERMS = 8;

    /** Whether an operator is an activation of RNN. */
    static boolean isPlain(Op op) {
        return op instanceof Tanh || op instanceof Relu;
    }

    /** The cell of a body, or null. */
    static RecurrentCell of(Graph body, Value x, List<Value> states, List<Value> next) {
        if (states.size() == 2) {
            RecurrentCell first = lstm(x, states.get(0), states.get(1), next.get(0), next.get(1), 0);
            return first != null ? first : lstm(x, states.get(1), states.get(0), next.get(1), next.get(0), 1);
        }
        Value h = states.getFirst();
        Value then = next.getFirst();
        if (then.producer() == null) {
            return null;
        }
        if (isPlain(then.producer().op())) {
            Linear sum = new LinearTerms(x, h).of(then.producer().input(0));
            Kind kind = then.producer().op() instanceof Tanh ? Kind.RNN : Kind.RNN_RELU;
            return isGate(sum) ? new RecurrentCell(kind, 0, List.of(sum), null) : null;
        }
        return gru(body, x, h, then);
    }

    /** Whether a sum is the argument of a gate: it has weights for the element and square weights for the state. */
    private static boolean isGate(Linear sum) {
        return sum != null && sum.wx() != null && sum.wh() != null && sum.columns() == sum.wh().length;
    }

    private static RecurrentCell lstm(Value x, Value h, Value c, Value nextH, Value nextC, int hidden) {
        LinearTerms terms = new LinearTerms(x, h);
        Value o = other(nextH, v -> is(v, Tanh.class) && v.producer().input(0) == nextC);
        if (o == null || !is(nextC, Add.class)) {
            return null;
        }
        for (int k = 0; k < 2; k++) {
            Value kept = nextC.producer().input(k);
            Value added = nextC.producer().input(1 - k);
            Value f = other(kept, v -> v == c);
            Value i = other(added, v -> is(v, Tanh.class));
            if (f == null || i == null) {
                continue;
            }
            Value g = other(added, v -> v == i);
            List<Linear> gates = new ArrayList<>();
            for (Value gate : List.of(i, o, f)) {
                gates.add(is(gate, Sigmoid.class) ? terms.of(gate.producer().input(0)) : null);
            }
            gates.add(terms.of(g.producer().input(0)));
            if (gates.stream().allMatch(l -> isGate(l))) {
                return new RecurrentCell(Kind.LSTM, hidden, gates, null);
            }
        }
        return null;
    }

    private interface Test {
        boolean fits(Value v);
    }

    /** The other factor of a product with a factor that fits, or null. */
    private static Value other(Value v, Test one) {
        if (!is(v, Mul.class)) {
            return null;
        }
        Node product = v.producer();
        if (one.fits(product.input(0))) {
            return product.input(1);
        }
        return one.fits(product.input(1)) ? product.input(0) : null;
    }

    private static boolean is(Value v, Class<? extends Op> type) {
        return v.producer() != null && type.isInstance(v.producer().op());
    }

    /** Whether a value is 1 minus another one. */
    private static boolean isComplement(Value v, Value of) {
        return is(v, Sub.class)
                && v.producer().input(1) == of
                && v.producer().input(0).isConstant()
                && Constants.isAll(v.producer().input(0).constant(), 1);
    }

    /**
     * The next state of a GRU: the state and a candidate, weighted by a gate.
     *
     * @param gate the update gate
     * @param complement whether the gate is the weight of the candidate rather than of the state
     * @param candidate the candidate
     */
    private record Update(Value gate, boolean complement, Value candidate) {}

    private static RecurrentCell gru(Graph body, Value x, Value h, Value next) {
        Update update = update(h, next);
        if (update == null || !is(update.gate(), Sigmoid.class) || !is(update.candidate(), Tanh.class)) {
            return null;
        }
        LinearTerms terms = new LinearTerms(x, h);
        Linear z = terms.of(update.gate().producer().input(0));
        if (!isGate(z)) {
            return null;
        }
        z = update.complement() ? negated(z) : z;
        Value argument = update.candidate().producer().input(0);
        RecurrentCell linear = linearGru(terms, z, argument);
        if (linear != null) {
            return linear;
        }
        int tries = 0;
        for (Node n : body.nodes()) {
            Value reset = n.op() instanceof Mul ? other(n.output(), v -> v == h) : null;
            if (reset == null || !is(reset, Sigmoid.class)) {
                continue;
            }
            if (tries++ == MAX_TERMS) {
                return null;
            }
            Linear r = terms.of(reset.producer().input(0));
            Linear candidate = new LinearTerms(x, n.output()).of(argument);
            if (isGate(r) && isGate(candidate)) {
                return new RecurrentCell(Kind.GRU, 0, List.of(z, r, candidate), null);
            }
        }
        return null;
    }

    private static Update update(Value h, Value next) {
        if (!is(next, Add.class)) {
            return null;
        }
        for (int k = 0; k < 2; k++) {
            Value a = next.producer().input(k);
            Value b = next.producer().input(1 - k);
            Value ofState = other(b, v -> v == h);
            Value ofNew = other(a, v -> is(v, Tanh.class));
            if (ofState != null && ofNew != null) {
                Value n = other(a, v -> v == ofNew);
                if (isComplement(ofNew, ofState)) {
                    return new Update(ofState, false, n);
                }
                if (isComplement(ofState, ofNew)) {
                    return new Update(ofNew, true, n);
                }
            }
            if (ofState != null && is(a, Sub.class)) {
                Value candidate = a.producer().input(0);
                Value taken = other(a.producer().input(1), v -> v == candidate);
                if (taken == ofState) {
                    return new Update(ofState, false, candidate);
                }
            }
            Value distance = other(b, v -> is(v, Sigmoid.class));
            if (distance != null && is(distance, Sub.class)) {
                Value gate = other(b, v -> v == distance);
                Value from = distance.producer().input(0);
                Value to = distance.producer().input(1);
                if (from == h && to == a) {
                    return new Update(gate, false, a);
                }
                if (to == h && a == h) {
                    return new Update(gate, true, from);
                }
            }
        }
        return null;
    }

    private static Linear negated(Linear l) {
        return new Linear(negated(l.wx()), negated(l.wh()), negated(new double[][] {l.bias()})[0]);
    }

    private static double[][] negated(double[][] rows) {
        double[][] all = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            all[i] = new double[rows[i].length];
            for (int j = 0; j < all[i].length; j++) {
                all[i][j] = -rows[i][j];
            }
        }
        return all;
    }

    /** A GRU whose reset gate is applied to the product with the state, or null. */
    private static RecurrentCell linearGru(LinearTerms terms, Linear z, Value argument) {
        List<Value> leaves = new ArrayList<>();
        collect(argument, leaves, 0);
        Linear input = null;
        Linear state = null;
        Linear r = null;
        for (Value leaf : leaves) {
            Value product = other(leaf, v -> is(v, Sigmoid.class));
            Linear its = product == null ? terms.term(leaf, z.columns()) : terms.of(product);
            if (its == null || its.columns() != z.columns()) {
                return null;
            }
            if (product == null) {
                input = input == null ? its : input.plus(its);
                continue;
            }
            Value gate = other(leaf, v -> v == product);
            r = state == null ? terms.of(gate.producer().input(0)) : null;
            state = its;
        }
        boolean fits = isGate(r) && state.wx() == null && state.wh() != null;
        if (!fits || input == null || input.wh() != null || input.wx() == null) {
            return null;
        }
        Linear candidate = new Linear(input.wx(), state.wh(), input.bias());
        return new RecurrentCell(Kind.GRU_LINEAR, 0, List.of(z, r, candidate), state.bias());
    }

    /** The terms of a sum. Sums nested too deep are terms themselves. */
    private static void collect(Value v, List<Value> leaves, int depth) {
        if (is(v, Add.class) && depth < MAX_TERMS) {
            collect(v.producer().input(0), leaves, depth + 1);
            collect(v.producer().input(1), leaves, depth + 1);
        } else {
            leaves.add(v);
        }
    }

    /** The operator that such steps are of. */
    Op op(boolean reversed) {
        String direction = reversed ? "reverse" : "forward";
        List<String> activations = kind == Kind.RNN_RELU ? List.of("Relu") : List.of();
        Long size = (long) gates.getFirst().columns();
        RecurrentAttributes recurrence =
                new RecurrentAttributes(direction, size, activations, List.of(), List.of(), null, false);
        return switch (kind) {
            case LSTM -> new LSTM(recurrence, false);
            case GRU, GRU_LINEAR -> new GRU(recurrence, kind == Kind.GRU_LINEAR);
            case RNN, RNN_RELU -> new RNN(recurrence);
        };
    }

    /** The weights of the elements of the sequence, [1, gates * hidden, input]. */
    Tensor inputWeights() {
        return weights(gates.stream().map(Linear::wx).toList());
    }

    /** The weights of the state, [1, gates * hidden, hidden]. */
    Tensor stateWeights() {
        return weights(gates.stream().map(Linear::wh).toList());
    }

    private static Tensor weights(List<double[][]> all) {
        int rows = all.getFirst().length;
        int columns = all.getFirst()[0].length;
        Tensor t = Tensor.allocate(DType.FLOAT32, 1, (long) all.size() * columns, rows);
        long at = 0;
        for (double[][] gate : all) {
            for (int j = 0; j < columns; j++) {
                for (int i = 0; i < rows; i++) {
                    t.setDouble(at++, gate[i][j]);
                }
            }
        }
        return t;
    }

    /** The bias of the products, [1, 2 * gates * hidden]. */
    Tensor bias() {
        int columns = gates.getFirst().columns();
        Tensor t = Tensor.allocate(DType.FLOAT32, 1, 2L * gates.size() * columns);
        for (int g = 0; g < gates.size(); g++) {
            for (int j = 0; j < columns; j++) {
                t.setDouble((long) g * columns + j, gates.get(g).bias()[j]);
            }
        }
        for (int j = 0; stateBias != null && j < columns; j++) {
            t.setDouble((2L * gates.size() - 1) * columns + j, stateBias[j]);
        }
        return t;
    }
}
